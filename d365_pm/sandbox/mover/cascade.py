"""Deleting cases with all that hangs on them.

Belongs here: which cases may go without touching the story of another, and which rows go along, as the platform's
cascade has it. Audit stays, with a record of the deletion.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl

from d365_pm.sandbox.mover.past import POINTED, Frames
from d365_pm.sandbox.stored import stable_id

_HANGING = {
    "queueitem": "_objectid_value",
    "incidentresolution": "_incidentid_value",
    "slakpiinstance": "_regarding_value",
    "knowledgearticleincident": "_incidentid_value",
    "msdyn_federatedarticleincident": "_msdyn_incidentid_value",
    **dict.fromkeys((*POINTED, "activitypointer"), "_regardingobjectid_value"),
}
_DELETE = 3


def deletable(frames: Frames, deleted: Sequence[str]) -> list[str]:
    """Ids of the cases that no other case is or ever will be tied to, in order of creation.

    Args:
        frames: The tables of the finished desk.
        deleted: Cases that are gone already.
    """
    cases = frames["incident"]
    ties = pl.concat([cases["_masterid_value"], cases["_parentcaseid_value"]]).drop_nulls()
    is_tied = pl.col("_masterid_value").is_not_null() | pl.col("_parentcaseid_value").is_not_null()
    is_tied |= pl.col("incidentid").is_in(ties.implode()) | pl.col("incidentid").is_in(list(deleted))
    return cases.filter(~is_tied)["incidentid"].to_list()


def without_cases(frames: Frames, deleted: Sequence[str]) -> Frames:
    """The tables without some cases and what hangs on them."""
    if not deleted:
        return frames
    gone = pl.Series(list(deleted), dtype=pl.String).implode()
    kept = dict(frames)
    kept["incident"] = frames["incident"].filter(~pl.col("incidentid").is_in(gone))
    for name, link in _HANGING.items():
        kept[name] = frames[name].filter(~pl.col(link).is_in(gone).fill_null(value=False))
    present = pl.concat([kept[name]["activityid"] for name in POINTED]).implode()
    kept["activityparty"] = frames["activityparty"].filter(pl.col("_activityid_value").is_in(present))
    return kept


def choose(candidates: Sequence[str], count: int, random: np.random.Generator) -> list[str]:
    """Some of the candidates."""
    chosen = random.permutation(len(candidates))[:count]
    return [candidates[position] for position in chosen]


def deletion_records(deletions: Sequence[tuple[str, datetime]], user: str, schema: pl.Schema) -> pl.DataFrame:
    """Audit rows of deleted cases."""
    rows = [
        {
            "auditid": stable_id("deletion", case),
            "createdon": at,
            "action": _DELETE,
            "operation": _DELETE,
            "objecttypecode": "incident",
            "_objectid_value": case,
            "_objectid_type": "incident",
            "_userid_value": user,
            "_userid_type": "systemuser",
            "transactionid": stable_id("transaction", case),
            "changedata": '{"changedAttributes":[]}',
        }
        for case, at in deletions
    ]
    return pl.DataFrame(rows, schema=schema)
