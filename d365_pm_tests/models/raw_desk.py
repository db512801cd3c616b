"""Raw rows and audit rows by short names, for any table of the registry.

Belongs here: how a value looks in a raw row and in an audit row. Does not belong here: what a service desk does
(`desk.py`).
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from d365_pm.dataverse.registry import EVERY_TABLE, Kind
from d365_pm_tests.models.names import guid, instant, is_short
from d365_pm_tests.models.raw_rows import Row, column_of

CREATE, UPDATE, DELETE, ACCESS, UPSERT = 1, 2, 3, 4, 5


class RawDesk:
    """Raw rows by table and short name.

    Args:
        shared: Rows that may be referred to, but not changed, beside the own ones.
        scope: What tells the own short names from those of other tests over the same shared rows.
    """

    def __init__(self, *, shared: "RawDesk | None" = None, scope: str = "") -> None:
        self.rows: dict[str, dict[str, Row]] = defaultdict(dict)
        self._shared = shared
        self._scope = scope
        self._tables: dict[str, str] = {}

    def guid(self, name: str) -> str:
        """The GUID of a short name of this test."""
        if self._shared is not None and name in self._shared._tables:
            return self._shared.guid(name)
        return guid(name, scope=self._scope)

    def known_guid(self, name: str) -> str:
        """The GUID of a short name that a test has used, or the text itself."""
        return self.guid(name) if is_short(name) else name

    def row(self, table: str, name: str, /, **columns: Any) -> str:
        """Add a row; columns by logical name, lookups by short name, moments as text. Returns the name."""
        self._tables[name] = table
        self.rows[table][name] = {EVERY_TABLE[table].key: self.guid(name), "versionnumber": len(self._tables)}
        self.update(name, **columns)
        return name

    def update(self, name: str, /, **columns: Any) -> None:
        """Set columns of a row as it is now."""
        table = self._tables[name]
        for column, value in columns.items():
            self.rows[table][name] |= self._raw(table, column, value)
            if column == "ownerid" and table == "incident":
                self.rows[table][name] |= self._raw(table, "owningteam", self._team(value))

    def delete(self, name: str, *, noticed: str | None = None) -> None:
        """Take a row out of the environment; its audit rows stay.

        Args:
            name: Short name of the row.
            noticed: When the deletion was noticed; None for a row that was deleted before anybody read it.
        """
        if noticed is None:
            del self.rows[self._tables[name]][name]
        else:
            self.rows[self._tables[name]][name]["_deleted_at"] = instant(noticed)

    def value(self, name: str, column: str) -> Any:
        """Raw value of a column as it is now."""
        table = self._tables[name]
        return self.rows[table][name].get(column_of(table, column).wire_name)

    def audit(
        self,
        record: str,
        when: str,
        changes: Mapping[str, tuple[Any, Any]],
        *,
        by: str | None = "alice",
        through: str | None = None,
        operation: int = UPDATE,
        action: int = UPDATE,
        name: str | None = None,
        of_table: str | None = None,
    ) -> str:
        """Add an audit row of old and new values; the audited row itself stays as it is. Returns the row's name."""
        table = self._tables[record]
        values = [
            {
                "logicalName": column,
                "oldValue": self._audited(table, column, old),
                "newValue": self._audited(table, column, new),
            }
            for column, (old, new) in changes.items()
        ]
        return self.row(
            "audit",
            name or f"audit {len(self.rows['audit']) + 1}",
            createdon=when,
            operation=operation,
            action=action,
            objecttypecode=of_table or table,
            objectid=(of_table or table, record),
            userid=by,
            callinguserid=through,
            changedata=json.dumps({"changedAttributes": values}),
        )

    def change(self, record: str, when: str, *, by: str | None = "alice", audit: Any = None, **columns: Any) -> str:
        """Change columns of a row, `column=(old, new)`, and write the audit row that auditing would write.

        Args:
            record: Short name of the changed row.
            when: Moment of the change.
            by: User who changed it.
            audit: Further options of `audit`, such as `{"action": 13}`.
            columns: Old and new value of each changed column, by logical name.
        """
        self.update(record, modifiedon=when, **{column: new for column, (_, new) in columns.items()})
        return self.audit(record, when, columns, by=by, **(audit or {}))

    def _table_of(self, name: str) -> str:
        if name not in self._tables and self._shared is not None:
            return self._shared._table_of(name)
        return self._tables[name]

    def _raw(self, table: str, name: str, value: Any) -> Row:
        column = column_of(table, name)
        if column.kind is Kind.MOMENT:
            return {column.wire_name: value and instant(value)}
        if column.kind is not Kind.LOOKUP:
            return {column.wire_name: value}
        target, record = self._target(value)
        raw = {column.wire_name: record and self.guid(record)}
        return raw | {column.type_name: target} if column.polymorphic else raw

    def _target(self, value: Any) -> tuple[str | None, str | None]:
        if value is None:
            return None, None
        return value if isinstance(value, tuple) else (self._table_of(value), value)

    def _team(self, owner: Any) -> Any:
        return owner if self._target(owner)[0] == "team" else None

    def _audited(self, table: str, column: str, value: Any) -> str | None:
        if value is None:
            return None
        if column_of(table, column).kind is Kind.LOOKUP:
            target, record = self._target(value)
            assert record is not None
            return f"{target},{self.guid(record)}"
        return str(value)
