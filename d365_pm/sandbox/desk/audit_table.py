"""The audit log as rows, with the changed columns as the JSON text that the platform gives.

Belongs here: how values are written (Web API reference 7.3). Does not belong here: what is recorded (`audit.py`).
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.sandbox.desk.arrow import moments, pick, same, whole
from d365_pm.sandbox.desk.case_tables import TITLES
from d365_pm.sandbox.desk.draft import Draft
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.keys import Keys
from d365_pm.sandbox.desk.numbers import NONE, IntArray
from d365_pm.sandbox.desk.people import ADMINISTRATOR

_NO_TRANSACTION = "00000000-0000-0000-0000-000000000000"
_STARTED = (("organization", 107), ("incident", 105), ("queueitem", 105))
"""Auditing was switched on when the desk opened: for the organisation and for the two tables."""
_SLICE = 200_000
"""Operations whose text is put together at once: Arrow's strings end at 2 GB."""

Writer = Callable[[IntArray], pa.Array]


def audit(floor: Floor, keys: Keys, ticket: pa.Array) -> Draft:
    """Every recorded operation in order of writing, after the switches."""
    entries = floor.audit.entries
    switches, count = len(_STARTED), entries.count
    at = np.concatenate([np.full(switches, floor.start), entries["at"]])
    table = np.concatenate([np.arange(switches), switches + entries["table"]])
    names = [*(name for name, _ in _STARTED), *floor.audit.tables]
    columns = {
        "auditid": keys.of("audit", switches + count),
        "createdon": moments(at),
        "operation": whole(_after([2] * switches, entries["operation"])),
        "action": whole(_after([action for _, action in _STARTED], entries["action"])),
        "objecttypecode": pick(names, table),
        "_objectid_value": _objects(floor, keys),
        "_objectid_type": pick(names, table),
        "_userid_value": keys.row("systemuser", _after([ADMINISTRATOR] * switches, entries["actor"])),
        "_userid_type": same("systemuser", switches + count),
        "transactionid": same(_NO_TRANSACTION, switches + count),
        "changedata": pa.concat_arrays([pa.nulls(switches, pa.string()), _documents(floor, keys, ticket)]),
    }
    return Draft("audit", columns, at)


def _after(first: list[int], rest: IntArray) -> IntArray:
    return np.concatenate([np.array(first, dtype=np.int64), rest])


def _objects(floor: Floor, keys: Keys) -> pa.Array:
    """The changed row; switches of auditing name none, as all zeros."""
    entries = floor.audit.entries
    parts = [pa.array([_NO_TRANSACTION] * len(_STARTED))]
    is_case = entries["table"] == 0
    cases = keys.row("incident", np.where(is_case, entries["record"], NONE))
    items = keys.row("queueitem", np.where(is_case, NONE, entries["record"]))
    return pa.concat_arrays([*parts, pc.coalesce(cases, items)])


def _documents(floor: Floor, keys: Keys, ticket: pa.Array) -> pa.Array:
    """One JSON text per operation."""
    changes = floor.audit.changes
    order = np.argsort(changes["entry"], kind="stable")
    writers = _writers(floor, keys, ticket)
    count = floor.audit.entries.count
    bounds = np.searchsorted(changes["entry"][order], np.arange(0, count + _SLICE, _SLICE))
    parts = []
    for number, first in enumerate(range(0, count, _SLICE)):
        chosen = order[bounds[number] : bounds[number + 1]]
        parts.append(_slice(floor, writers, chosen, first, min(first + _SLICE, count)))
    return pa.concat_arrays(parts) if parts else pa.array([], type=pa.string())


def _slice(floor: Floor, writers: list[Writer], chosen: IntArray, first: int, last: int) -> pa.Array:
    changes = floor.audit.changes
    column, entry = changes["column"][chosen], changes["entry"][chosen]
    names = pick([f'{{"logicalName":"{name}","oldValue":' for _, name in floor.audit.columns], column)
    old, new = (_texts(writers, column, changes[side][chosen]) for side in ("old", "new"))
    fragments = pc.binary_join_element_wise(names, old, ',"newValue":', new, "}", "")
    offsets = np.searchsorted(entry, np.arange(first, last + 1)).astype(np.int32)
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), fragments), ",")
    return pc.binary_join_element_wise('{"changedAttributes":[', joined, "]}", "")


def _texts(writers: list[Writer], column: IntArray, values: IntArray) -> pa.Array:
    """The values as JSON, each written as its column wants, in the order given."""
    parts, places = [], []
    for number, write in enumerate(writers):
        place = np.flatnonzero(column == number)
        if len(place):
            quoted = pc.binary_join_element_wise('"', write(values[place]), '"', "")
            parts.append(pc.fill_null(quoted, "null"))
            places.append(place)
    if not parts:
        return pa.array([], type=pa.string())
    back = np.empty(len(column), dtype=np.int64)
    back[np.concatenate(places)] = np.arange(len(column))
    return pa.concat_arrays(parts).take(pa.array(back))


def _writers(floor: Floor, keys: Keys, ticket: pa.Array) -> list[Writer]:
    """How each recorded column is written, in the order of `AuditLog.columns`."""
    cases = len(floor.clock)
    owners, customers = keys.audited_owners(), keys.audited_customers()
    special: dict[str, Writer] = {
        "ticketnumber": lambda rows: pick(ticket, rows),
        "title": lambda rows: pick(TITLES, rows),
        "ownerid": lambda rows: pick(owners, rows),
        "workerid": lambda rows: pick(owners, rows),
        "customerid": lambda rows: pick(customers, rows),
        "queueid": _lookup_writer(keys, "queue"),
        "subjectid": _lookup_writer(keys, "subject"),
        "productid": _lookup_writer(keys, "product"),
    }
    incidents = keys.audited_rows("incident", cases)
    special |= dict.fromkeys(("objectid", "masterid", "parentcaseid"), lambda rows: pick(incidents, rows))
    special |= dict.fromkeys(("isescalated", "firstresponsesent", "merged"), lambda rows: pick(["False", "True"], rows))
    return [special.get(column, _digits) for _, column in floor.audit.columns]


def _lookup_writer(keys: Keys, table: str) -> Writer:
    return lambda rows: pick(keys.audited_rows(table, int(rows.max(initial=0)) + 1), rows)


def _digits(values: IntArray) -> pa.Array:
    return whole(values).cast(pa.string())
