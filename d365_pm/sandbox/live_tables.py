"""The tables of a running environment, and the writes to them.

Belongs here: the order of writes, version numbers and the clock. Does not belong here: what a write does to one table
(`live.py`). A write puts a new table in the place of the old one and moves the table's version, so nothing that is
cached outlives its rows and a request that is being answered goes on in the rows that it began with.
"""

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from d365_pm.sandbox.live import differing, upserted, with_column, without, without_column
from d365_pm.sandbox.live_rows import LiveRows, fitted_rows
from d365_pm.sandbox.schema import Column
from d365_pm.sandbox.stored import StoredTable

_FIRST_METADATA_VERSION = 60418273
_FIRST_VERSION = 1_000_000


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """A column that was added to a table or removed from it, and the version number of that."""

    version: int
    table: str
    column: str
    is_removal: bool = False


class LiveTables:
    """Tables by logical name; safe to write from one thread while others read.

    Attributes:
        clock: Tells the environment's time, with a time zone; tests may put another in its place.
    """

    def __init__(self, tables: dict[str, StoredTable]) -> None:
        self._tables = tables
        self.clock: Callable[[], dt.datetime] = _now
        self._writing = threading.RLock()
        self._version_number = max(_FIRST_VERSION, *(_newest(table) for table in tables.values()))
        self._columns_at_start = sum(len(table.definition.columns) for table in tables.values())
        self._schema_changes: list[SchemaChange] = []

    @property
    def tables(self) -> Mapping[str, StoredTable]:
        """Every table that the environment has, by logical name."""
        return self._tables

    @property
    def version(self) -> int:
        """Moves whenever the rows of any table do."""
        return sum(table.version for table in self._tables.values())

    @property
    def version_number(self) -> int:
        """The highest `versionnumber` given out; a table that is looked up afterwards holds that write."""
        return self._version_number

    def upsert(self, name: str, rows: LiveRows) -> None:
        """Change rows and add those with new keys; columns that the rows do not name keep their values.

        Every row gets the environment's next version number, and `modifiedon` unless it brings one.

        Args:
            name: Logical name of the table.
            rows: Rows by Web API property names, each with its key.

        Raises:
            DataFileError: The rows do not fit the table.
        """
        with self._writing:
            for frame in fitted_rows(self._tables[name], rows, self._tables):
                first = self._version_number + 1
                versions = pl.int_range(first, first + frame.height, eager=True, dtype=pl.Int64)
                now = self.clock().astimezone(dt.UTC).replace(microsecond=0)
                self._store(name, upserted(self._tables[name], frame, versions, now), frame.height)

    def delete(self, name: str, ids: Iterable[str]) -> int:
        """Delete rows; keys that no row has are passed over.

        Returns:
            How many rows there were.
        """
        with self._writing:
            table = self._tables[name]
            known = set(table.rows[table.definition.key])
            gone = [row_id for row_id in dict.fromkeys(each.lower() for each in ids) if row_id in known]
            if gone:
                self._store(name, without(table, gone, self._version_number + 1), len(gone))
            return len(gone)

    def replace_rows(self, name: str, rows: pl.DataFrame) -> None:
        """Write what separates a table's rows from these; a running paging goes on in them."""
        with self._writing:
            changed, gone = differing(self._tables[name], rows)
            self.delete(name, gone)
            if changed.height:
                self.upsert(name, changed)

    @property
    def schema_changes(self) -> Sequence[SchemaChange]:
        """Every change of a definition since the start, in order."""
        return tuple(self._schema_changes)

    def add_column(self, name: str, column: Column) -> None:
        """Add a column to a table: a schema change, which ends the table's delta tokens."""
        with self._writing:
            number = self._version_number + 1
            self._schema_changes.append(SchemaChange(number, name, column.name))
            self._store(name, with_column(self._tables[name], column, number), 1)

    def remove_column(self, name: str, column: str) -> None:
        """Remove a column by its logical name: a schema change as well."""
        with self._writing:
            table, number = self._tables[name], self._version_number + 1
            self._schema_changes.append(SchemaChange(number, name, column, is_removal=True))
            self._store(name, without_column(table, table.definition.by_name[column], number), 1)

    def _store(self, name: str, table: StoredTable, writes: int) -> None:
        self._tables[name] = table
        # Only now: who sees the number must find the write.
        self._version_number += writes

    @property
    def metadata_version(self) -> str:
        """Number that moves with every schema change and differs between environments of different schema."""
        return str(_FIRST_METADATA_VERSION + self._columns_at_start + len(self._schema_changes))


def _newest(table: StoredTable) -> int:
    if "versionnumber" not in table.rows.columns:
        return 0
    newest = table.rows["versionnumber"].max()
    return newest if isinstance(newest, int) else 0
