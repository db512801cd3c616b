"""One environment: its tables with their rows, its ids and its switches.

Belongs here: putting them together and looking things up. Does not belong here: fitting rows (`fitting.py`), writing
them while the environment runs (`live_tables.py`), queries (`query.py`) and HTTP.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import pyarrow as pa

from d365_pm.sandbox.errors import missing_privilege, unknown_segment
from d365_pm.sandbox.faults import FaultPlan
from d365_pm.sandbox.fitting import fit, with_targets
from d365_pm.sandbox.given import caller_id, with_given_rows
from d365_pm.sandbox.live_tables import LiveTables
from d365_pm.sandbox.option_labels import with_labels
from d365_pm.sandbox.request_log import RequestLog
from d365_pm.sandbox.rows import RawRows, from_arrow
from d365_pm.sandbox.schema import TABLES
from d365_pm.sandbox.stored import StoredTable, stable_id
from d365_pm.sandbox.switches import Switches
from d365_pm.sandbox.total_counts import TotalCounts


class Environment(LiveTables):
    """The tables of a running sandbox.

    Args:
        tables: Rows by logical name; a table without rows is empty but exists.
        switches: How the environment behaves.

    Raises:
        DataFileError: Rows do not fit the schema.
    """

    def __init__(self, tables: Mapping[str, pa.Table | RawRows], switches: Switches | None = None) -> None:
        self.switches = switches or Switches()
        self.log = RequestLog()
        self.faults = FaultPlan()
        brought = {name: rows if isinstance(rows, RawRows) else from_arrow(name, rows) for name, rows in tables.items()}
        tracked = self.switches.tracked_tables
        fitted = {
            name: fit(replace(definition, has_change_tracking=name in tracked), brought.get(name))
            for name, definition in TABLES.items()
            if name not in self.switches.missing_tables
        }
        super().__init__(with_labels(with_given_rows(with_targets(fitted), self.switches)))
        self.total_counts = TotalCounts()
        self._by_set = {table.definition.entity_set: name for name, table in self.tables.items()}

    def by_entity_set(self, entity_set: str) -> StoredTable:
        """The table behind a path segment, if the caller may read it.

        Raises:
            ApiError: 404 for an unknown set, 403 where the privilege is missing.
        """
        name = self._by_set.get(entity_set)
        if name is None:
            raise unknown_segment(entity_set)
        return self.readable(name)

    def readable(self, name: str) -> StoredTable:
        """A table by logical name, if the caller may read it.

        Raises:
            ApiError: 403, code 0x80040220.
        """
        table = self._tables[name]
        if name in self.switches.unreadable_tables:
            privilege = stable_id("prvRead", name)
            raise missing_privilege(name, table.definition.object_type_code, self.user_id, privilege)
        return table

    @cached_property
    def organization_id(self) -> str:
        """Id of the organisation's row."""
        return self._first_id("organization")

    @cached_property
    def business_unit_id(self) -> str:
        """Id of the application user's business unit."""
        return self._first_id("businessunit")

    @cached_property
    def user_id(self) -> str:
        """Id of the application user."""
        return caller_id(self._tables)

    def _first_id(self, name: str) -> str:
        table = self._tables.get(name)
        if table is None or table.rows.is_empty():
            return stable_id(name)
        return str(table.rows[table.definition.key][0])
