"""Audit rows found by their own id and by the id of the row that they tell of.

Belongs here: the index over the audit table and which rows can be read now. Does not belong here: what a row says as
JSON (`audit_details.py`) and what the switches of auditing leave of it (`audit_recording.py`).
"""

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.stored import StoredTable

NOBODY = "00000000-0000-0000-0000-000000000000"
SWITCH_ACTIONS = frozenset(range(105, 114)) - {111}
"""Auditing started, enabled, stopped or disabled, for a table, a column, the organisation or user access."""

_FIELDS = (
    "auditid", "createdon", "action", "operation", "objecttypecode", "_objectid_value", "_objectid_type",
    "_userid_value", "_userid_type", "_callinguserid_value", "_regardingobjectid_value", "_regardingobjectid_type",
    "attributemask", "transactionid", "useradditionalinfo", "changedata",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One audit row, its fields named as on the wire; `createdon` to the microsecond."""

    values: dict[str, Any]

    @property
    def id(self) -> str:
        """`auditid`."""
        return str(self.values["auditid"])

    @property
    def created(self) -> dt.datetime:
        """`createdon`."""
        moment: dt.datetime = self.values["createdon"]
        return moment

    @property
    def table(self) -> str:
        """Logical name of the table that it tells of."""
        return str(self.values["objecttypecode"])

    @property
    def is_switch(self) -> bool:
        """It tells that auditing was switched on or off."""
        return self.values["action"] in SWITCH_ACTIONS


class AuditStore:
    """The audit rows of one environment; safe to use from several threads."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._index: _Index | None = None

    def row(self, audit_id: str) -> AuditRow | None:
        """A row by its id; None where there is none or it cannot be read now."""
        index = self._current()
        position = index.by_id.get(audit_id)
        if position is None:
            return None
        row = index.row(position)
        return row if is_readable(self._environment, row.created) else None

    def of_record(self, record_id: str, table: str, *, has_switches: bool) -> list[AuditRow]:
        """Every row about a row of a table, newest first.

        Args:
            record_id: Id of the row.
            table: Its table.
            has_switches: Rows that tell of auditing being switched for the table or the organisation come along.
        """
        index = self._current()
        own = [row for row in index.rows_of(record_id) if row.table == table and not row.is_switch]
        if own and has_switches:
            own += [row for row in index.switches if row.table in (table, "organization")]
        own.sort(key=lambda row: (row.created, row.id), reverse=True)
        return [row for row in own if is_readable(self._environment, row.created)]

    def _current(self) -> "_Index":
        table = self._environment.tables["audit"]
        with self._lock:
            if self._index is None or self._index.table is not table:
                self._index = _Index(table)
            return self._index


class _Index:
    def __init__(self, table: StoredTable) -> None:
        self.table = table
        definition = table.definition.by_name
        columns = {column.wire_name: table.values(column) for column in definition.values()}
        columns |= {column.type_name: table.targets(column) for column in definition.values() if column.type.is_lookup}
        self._rows = table.rows.select(columns[name].alias(name) for name in _FIELDS)
        ids = self._rows["auditid"].to_list()
        self.by_id = dict(zip(ids, range(len(ids)), strict=True))
        grouped = (
            self._rows.lazy()
            .select("_objectid_value", pl.int_range(pl.len()).alias("position"))
            .group_by("_objectid_value")
            .agg("position")
            .collect()
        )
        self._of_record = dict(zip(grouped["_objectid_value"].to_list(), grouped["position"].to_list(), strict=True))
        is_switch = self._rows["action"].is_in(list(SWITCH_ACTIONS))
        self.switches = [self.row(position) for position in is_switch.arg_true().to_list()]

    def row(self, position: int) -> AuditRow:
        return AuditRow(dict(zip(_FIELDS, self._rows.row(position), strict=True)))

    def rows_of(self, record_id: str) -> Iterator[AuditRow]:
        return (self.row(position) for position in self._of_record.get(record_id, ()))


def is_readable(environment: Environment, created: dt.datetime) -> bool:
    """An audit row of this instant can be read now: it has become visible and has not vanished (reference 7.1)."""
    earliest, latest = readable_span(environment)
    return (earliest is None or created >= earliest) and (latest is None or created <= latest)


def readable_span(environment: Environment) -> tuple[dt.datetime | None, dt.datetime | None]:
    """First and last `createdon` that can be read now; None where nothing limits them."""
    switches = environment.switches
    if switches.audit_retention_days is None and not switches.audit_visible_after:
        return None, None
    now = environment.clock()
    days = switches.audit_retention_days
    earliest = None if days is None else now - dt.timedelta(days=days)
    latest = now - dt.timedelta(seconds=switches.audit_visible_after) if switches.audit_visible_after else None
    return earliest, latest
