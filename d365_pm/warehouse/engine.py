"""The working database: one DuckDB connection that runs models.

Belongs here: raw views, seeds, running a model. Does not belong here: which model runs when (the rim decides), settings
of the connection (`connection.py`) and how readers get the result (`publish.py`). Written to the API that DuckDB 1.5
and 2 share.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from d365_pm.contracts.seed_spec import Seed
from d365_pm.warehouse.connection import connected
from d365_pm.warehouse.errors import WarehouseError, reason
from d365_pm.warehouse.model import DESCRIBED_LAYERS, LAYERS, SOURCES, Model, TableName

_SEED_TYPES = {"text": "varchar", "whole": "integer", "flag": "boolean", "decimal": "decimal(38, 10)"}


@dataclass(frozen=True, slots=True)
class ModelRun:
    """What running a model gave.

    Attributes:
        model: The model.
        rows: Rows that its table has now; None for a view, whose rows nobody has made yet.
        seconds: Time that it took.
        columns: Name and DuckDB type of its columns, in order.
    """

    model: Model
    rows: int | None
    seconds: float
    columns: tuple[tuple[str, str], ...]


class Warehouse:
    """An open working database; made by `Warehouse.open`, used by one thread at a time."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self.connection = connection
        self._kinds: dict[TableName, str] | None = None

    @classmethod
    @contextmanager
    def open(
        cls, path: Path, *, memory_limit: str, threads: int | None = None, spill: Path | None = None
    ) -> Iterator["Warehouse"]:
        """Open or create a working database.

        Args:
            path: Database file.
            memory_limit: Such as `4GB`; what does not fit goes to the spill folder.
            threads: Number of threads, all cores by default.
            spill: Folder for what does not fit into memory, beside the file by default.

        Raises:
            WarehouseError: The file is in use, damaged, or cannot be written.
        """
        with connected(path, memory_limit=memory_limit, threads=threads, spill=spill) as connection:
            for schema in (*SOURCES, *LAYERS):
                connection.execute(f"create schema if not exists {schema}")
            yield cls(path, connection)

    def attach_raw(self, views: Mapping[str, str]) -> None:
        """Make raw tables readable as `raw.<table>`, each by the SELECT that reads it.

        Raises:
            WarehouseError: The files of a table cannot be read.
        """
        for name, sql in views.items():
            with self._explained(f"raw.{name}"):
                self.connection.execute(f"create or replace view raw.{quoted(name)} as {sql}")

    def load_seeds(self, seeds: Sequence[Seed]) -> None:
        """Write checked seeds to `seeds.<name>`, replacing what was there."""
        for seed in seeds:
            table = f"seeds.{quoted(seed.spec.name)}"
            columns = ", ".join(f"{quoted(column.name)} {_SEED_TYPES[column.type]}" for column in seed.spec.columns)
            with self._explained(table):
                self.connection.execute(f"create or replace table {table} ({columns})")
                if seed.rows:
                    row = f"({', '.join('?' for _ in seed.spec.columns)})"
                    values = [cell for cells in seed.rows for cell in cells]
                    self.connection.execute(f"insert into {table} values {', '.join(row for _ in seed.rows)}", values)

    def write_settings(self, *, language: str, lcid: int, time_zone: str = "UTC") -> None:
        """Write the one row of `seeds.settings`: language of the log, its Windows code, IANA zone of local times."""
        with self._explained("seeds.settings"):
            self.connection.execute(
                "create or replace table seeds.settings as "
                "select ?::varchar as language, ?::integer as lcid, ?::varchar as time_zone",
                [language, lcid, time_zone],
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep what happens in the block only if it ends without an exception."""
        self.connection.execute("begin transaction")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            self._kinds = None
            raise
        with self._explained("committing"):
            self.connection.execute("commit")

    def run(self, model: Model) -> ModelRun:
        """Replace a model's table by the result of its SELECT, or its view, with its descriptions as comments.

        Raises:
            WarehouseError: Names the model and DuckDB's reason, without any value of a row.
        """
        stored = model.header.stored
        table = model.table.in_step if stored.is_step else _name(model.table)
        kind = "view" if stored.is_view else "table"
        started = time.perf_counter()
        with self._explained(str(model.table)):
            self._drop_other(model.table, None if stored.is_step else kind)
            new = f"temp {kind}" if stored.is_step else kind
            made = self.connection.execute(f"create or replace {new} {table} as\n{model.step_sql}").fetchone()
            if not stored.is_step:
                self._stored()[model.table] = kind
                if model.layer in DESCRIBED_LAYERS:
                    self._describe(model, kind, table)
            columns = self._columns(table)
        rows = int(made[0]) if made and kind == "table" else None
        return ModelRun(model, rows, time.perf_counter() - started, columns)

    def _drop_other(self, table: TableName, kind: str | None) -> None:
        """Drop what an earlier version of a model has left in the place of the present one."""
        found = self._stored().get(table)
        if found not in (None, kind):
            self.connection.execute(f"drop {found} {_name(table)}")
            del self._stored()[table]

    def _describe(self, model: Model, kind: str, table: str) -> None:
        self.connection.execute(f"comment on {kind} {table} is {literal(model.header.description)}")
        for column in model.columns:
            if column.description:
                name = f"{table}.{quoted(column.name)}"
                self.connection.execute(f"comment on column {name} is {literal(column.description)}")

    def columns(self, table: TableName) -> tuple[tuple[str, str], ...]:
        """Names and DuckDB types of a table's columns, in order."""
        return self._columns(_name(table))

    def _columns(self, table: str) -> tuple[tuple[str, str], ...]:
        found = self.connection.execute(f"describe {table}")
        return tuple((str(name), str(type_)) for name, type_, *_ in found.fetchall())

    def drop_all_but(self, models: Sequence[Model]) -> None:
        """Drop the tables and views of models that are no more, so that nobody reads what is never refreshed."""
        current = {model.table for model in models if not model.header.stored.is_step}
        for table in list(self._stored()):
            if table.schema in LAYERS and table not in current:
                self._drop_other(table, None)

    def _stored(self) -> dict[TableName, str]:
        """Everything that is there, with its kind: table or view; asked once, since nobody else writes."""
        if self._kinds is None:
            found = self.connection.execute(
                "select schema_name, table_name, 'table' from duckdb_tables() "
                "where database_name = current_database() union all "
                "select schema_name, view_name, 'view' from duckdb_views() "
                "where not internal and database_name = current_database()"
            )
            self._kinds = {TableName(str(schema), str(name)): str(kind) for schema, name, kind in found.fetchall()}
        return self._kinds

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except duckdb.OutOfMemoryException:
            raise WarehouseError(
                f"{what} needs more memory or spill space than it may use; raise D365_PM_MEMORY_LIMIT or free disk."
            ) from None
        except duckdb.Error as error:
            raise WarehouseError(f"{what}: {reason(error)}") from None


def _name(table: TableName) -> str:
    return f"{table.schema}.{quoted(table.name)}"


def quoted(identifier: str) -> str:
    """Quote an identifier for SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
