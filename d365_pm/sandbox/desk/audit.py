"""Rows whose every change is recorded, and the record itself.

Belongs here: the audited state of cases and queue items. Does not belong here: how a record is written as text
(`audit_table.py`) and what a change means (the steps of a life).
"""

from enum import IntEnum

import numpy as np

from d365_pm.sandbox.desk.numbers import NONE, IntArray, Values, spread
from d365_pm.sandbox.desk.rows import Rows


class Operation(IntEnum):
    """`audit.operation`."""

    CREATE = 1
    UPDATE = 2
    DELETE = 3


class Action(IntEnum):
    """`audit.action`; real environments use these and plain Update for the same deeds."""

    CREATE = 1
    UPDATE = 2
    DELETE = 3
    CASCADE = 11
    MERGE = 12
    ASSIGN = 13
    CLOSE = 16
    CANCEL = 17
    REOPEN = 21
    SET_STATE = 41
    ADD_TO_QUEUE = 52


class AuditLog:
    """Every recorded operation and, per operation, every changed column."""

    def __init__(self) -> None:
        self.entries = Rows("table", "record", "at", "actor", "operation", "action")
        self.changes = Rows("entry", "column", "old", "new")
        self.columns: list[tuple[str, str]] = []
        self.tables: list[str] = []

    def register(self, table: str, columns: tuple[str, ...]) -> tuple[int, dict[str, int]]:
        """Numbers under which a table and its columns are recorded."""
        self.tables.append(table)
        first = len(self.columns)
        self.columns.extend((table, column) for column in columns)
        return len(self.tables) - 1, {column: first + n for n, column in enumerate(columns)}


class Audited:
    """Rows of one table in their present state; changing them writes the audit log."""

    def __init__(self, log: AuditLog, table: str, columns: tuple[str, ...]) -> None:
        self.now = Rows(*columns, "created", "creator", "modified", "modifier", "removed")
        self._log = log
        self._table, self._columns = log.register(table, columns)

    def __getitem__(self, column: str) -> IntArray:
        return self.now[column]

    def create(self, at: IntArray, actor: Values, action: int = Action.CREATE, **values: Values) -> IntArray:
        """New rows; columns without a value stay out of the record, as on the platform."""
        count = len(at)
        rows = self.now.add(count, created=at, creator=actor, modified=at, modifier=actor, **values)
        entries = self._enter(rows, at, actor, Operation.CREATE, action)
        for column, value in values.items():
            new = spread(value, count)
            self._record(entries, column, none_like(new), new)
        return rows

    def change(
        self, rows: IntArray, at: IntArray, actor: Values, action: int = Action.UPDATE, **values: Values
    ) -> None:
        """Change columns of rows at once: one operation per row in which at least one value really differs."""
        new = {column: spread(value, len(rows)) for column, value in values.items()}
        old = {column: self.now[column][rows] for column in values}
        differs = np.any([old[column] != new[column] for column in values], axis=0)
        entries = np.full(len(rows), NONE)
        entries[differs] = self._enter(rows[differs], at[differs], spread(actor, len(rows))[differs], 2, action)
        for column in values:
            self._record(entries[differs], column, old[column][differs], new[column][differs])
        self.now.put(rows, **new)
        self.now.put(rows[differs], modified=at[differs], modifier=spread(actor, len(rows))[differs])

    def remove(self, rows: IntArray, at: IntArray, actor: Values) -> None:
        """Delete rows; the record keeps their last values."""
        entries = self._enter(rows, at, actor, Operation.DELETE, Action.DELETE)
        for column in self._columns:
            old = self.now[column][rows]
            self._record(entries, column, old, none_like(old))
        self.now.put(rows, removed=at)

    def _enter(self, rows: IntArray, at: IntArray, actor: Values, operation: int, action: int) -> IntArray:
        return self._log.entries.add(
            len(rows), table=self._table, record=rows, at=at, actor=actor, operation=operation, action=action
        )

    def _record(self, entries: IntArray, column: str, old: IntArray, new: IntArray) -> None:
        differs = old != new
        self._log.changes.add(
            int(differs.sum()),
            entry=entries[differs],
            column=self._columns[column],
            old=old[differs],
            new=new[differs],
        )


def none_like(values: IntArray) -> IntArray:
    """Nothing, as often as there are values."""
    return np.full(len(values), NONE, dtype=np.int64)
