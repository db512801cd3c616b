"""Audited changes, one per column, and their order inside a second (1.3, 4.7).

Does not belong here: which change makes which event.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from d365_pm_tests.recount.raw import Row
from d365_pm_tests.recount.values import COLUMNS, Value, read_value

CREATE, UPDATE, DELETE, UPSERT = 1, 2, 3, 5
CASCADE_ACTION = 11


@dataclass(frozen=True)
class Change:
    """One column's old and new value in one audit row."""

    audit_id: str
    table: str
    record: str
    operation: int
    action: int | None
    time: datetime
    user: str | None
    user_type: str | None
    column: str
    old: Value
    new: Value

    @property
    def is_update(self) -> bool:
        """Whether a row was changed, not created or deleted."""
        return self.operation in {UPDATE, UPSERT}


def changes_of(row: Row) -> Iterator[Change]:
    """What an audit row says about the columns that matter; nothing where its text cannot be read."""
    for column, old, new in _entries(row.get("changedata")):
        yield Change(
            row["auditid"],
            row["objecttypecode"],
            row["_objectid_value"],
            row["operation"],
            row.get("action"),
            row["createdon"],
            row.get("_userid_value"),
            row.get("_userid_type"),
            column,
            read_value(column, old),
            read_value(column, new),
        )


def _entries(text: str | None) -> Iterator[tuple[str, Any, Any]]:
    try:
        opened = json.loads(text or "null")
    except json.JSONDecodeError:
        return
    entries = opened.get("changedAttributes") if isinstance(opened, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("logicalName") in COLUMNS:
            yield entry["logicalName"], entry.get("oldValue"), entry.get("newValue")


def in_order(changes: Sequence[Change]) -> list[Change]:
    """Real changes of one column of one record: by second, and inside a second from old to new value."""
    real = sorted((each for each in changes if each.old != each.new), key=lambda each: (each.time, each.audit_id))
    ordered: list[Change] = []
    for _, tie in groupby(real, key=lambda each: each.time):
        ordered += _chained(list(tie), ordered[-1].new if ordered else None)
    return ordered


def _chained(tie: list[Change], before: Value) -> list[Change]:
    """The changes of one second so that each starts where the one before ended; as given if there is no such order."""
    if len(tie) < 2:
        return tie
    starts = [before, *(each.old for each in tie if each.old not in [other.new for other in tie])]
    for start in [*starts, *(each.old for each in tie)]:
        path = _path(tie, start)
        if path:
            return path
    return tie


def _path(left: list[Change], start: Value) -> list[Change] | None:
    if not left:
        return []
    for index, change in enumerate(left):
        if change.old == start:
            rest = _path(left[:index] + left[index + 1 :], change.new)
            if rest is not None:
                return [change, *rest]
    return None
