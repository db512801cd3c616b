"""Cases that are deleted, and everything that goes with them.

Belongs here: which cases, their last audit rows, and the rows that vanish by cascade (event-log reference 4.3). Does
not belong here: what the truth makes of them (`story.py` leaves them out).
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.keys import Keys
from d365_pm.sandbox.desk.numbers import HOUR, NONE
from d365_pm.sandbox.desk.people import ADMINISTRATOR

_SHARE = 0.02
_CASE_COLUMNS = {
    "incident": "incidentid",
    "incidentresolution": "_incidentid_value",
    "queueitem": "_objectid_value",
    "slakpiinstance": "_regarding_value",
    "knowledgearticleincident": "_incidentid_value",
    "msdyn_federatedarticleincident": "_msdyn_incidentid_value",
    **dict.fromkeys(
        (
            "email", "phonecall", "task", "adx_portalcomment", "msfp_surveyinvite", "msfp_surveyresponse",
            "activitypointer",
        ),
        "_regardingobjectid_value",
    ),
}  # fmt: skip
"""The column that names the case, by table."""


def delete_cases(floor: Floor) -> None:
    """Delete a few cases that no other case depends on, with their queue items."""
    cases = np.arange(len(floor.clock))
    related = np.concatenate([floor.cases["masterid"], floor.cases["parentcaseid"]])
    is_alone = ~np.isin(cases, related) & (floor.cases["masterid"] == NONE) & (floor.cases["parentcaseid"] == NONE)
    who = cases[is_alone & floor.chance(cases, _SHARE)]
    at = np.minimum(floor.clock[who] + HOUR, floor.end)
    items = np.flatnonzero((floor.items["removed"] == NONE) & np.isin(floor.items["objectid"], who))
    moment = np.zeros(len(cases), dtype=np.int64)
    moment[who] = at
    floor.items.remove(items, moment[floor.items["objectid"][items]], ADMINISTRATOR)
    floor.cases.remove(who, at, ADMINISTRATOR)


def without_deleted(tables: Mapping[str, pa.Table], floor: Floor, keys: Keys) -> dict[str, pa.Table]:
    """The tables without deleted cases and what belonged to them."""
    gone = keys.row("incident", np.flatnonzero(floor.cases["removed"] != NONE))
    if not len(gone):
        return dict(tables)
    activities = tables["activitypointer"].filter(_is_in(tables["activitypointer"], "_regardingobjectid_value", gone))
    kept = {
        name: table.filter(pc.invert(_is_in(table, _CASE_COLUMNS[name], gone))) if name in _CASE_COLUMNS else table
        for name, table in tables.items()
    }
    parties = kept["activityparty"]
    is_party = _is_in(parties, "_activityid_value", activities["activityid"])
    return kept | {"activityparty": parties.filter(pc.invert(is_party))}


def _is_in(table: pa.Table, column: str, values: pa.Array) -> pa.ChunkedArray:
    return pc.is_in(table[column], value_set=values if isinstance(values, pa.Array) else values.combine_chunks())
