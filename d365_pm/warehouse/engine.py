"""The working database: one DuckDB connection that runs models.

Belongs here: settings of the connection, raw views, seeds, running a model. Does not belong here: which model runs when
(the rim decides) and how readers get the result (`publish.py`). Written to the API that DuckDB 1.5 and 2 share.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from d365_pm.contracts.seed_spec import Seed
from d365_pm.warehouse.errors import WarehouseError, reason
from d365_pm.warehouse.model import LAYERS, SOURCES, Model, TableName

_SEED_TYPES = {"text": "varchar", "whole": "integer", "flag": "boolean", "decimal": "decimal(38, 10)"}


@dataclass(frozen=True, slots=True)
class ModelRun:
    """What running a model gave; `columns` are (name, DuckDB type) in order."""

    model: Model
    rows: int
    seconds: float
    columns: tuple[tuple[str, str], ...]


class Warehouse:
    """An open working database; made by `Warehouse.open`, used by one thread at a time."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self.connection = connection

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
                    marks = ", ".join("?" for _ in seed.spec.columns)
                    self.connection.executemany(f"insert into {table} values ({marks})", [list(r) for r in seed.rows])

    def write_settings(self, *, language: str, lcid: int) -> None:
        """Write the one row of `seeds.settings`: the language of the log and its Windows code."""
        with self._explained("seeds.settings"):
            self.connection.execute(
                "create or replace table seeds.settings as select ?::varchar as language, ?::integer as lcid",
                [language, lcid],
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep what happens in the block only if it ends without an exception."""
        self.connection.execute("begin transaction")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        with self._explained("committing"):
            self.connection.execute("commit")

    def run(self, model: Model) -> ModelRun:
        """Replace a model's table by the result of its SELECT, with its descriptions as comments.

        Raises:
            WarehouseError: Names the model and DuckDB's reason, without any value of a row.
        """
        table = f"{model.table.schema}.{quoted(model.table.name)}"
        started = time.perf_counter()
        with self._explained(str(model.table)):
            counted = self.connection.execute(f"create or replace table {table} as\n{model.sql}").fetchone()
            self.connection.execute(f"comment on table {table} is {literal(model.header.description)}")
            for column in model.columns:
                if column.description:
                    name = f"{table}.{quoted(column.name)}"
                    self.connection.execute(f"comment on column {name} is {literal(column.description)}")
        seconds = time.perf_counter() - started
        return ModelRun(model, int(counted[0]) if counted else 0, seconds, self.columns(model.table))

    def columns(self, table: TableName) -> tuple[tuple[str, str], ...]:
        """Names and DuckDB types of a table's columns, in order."""
        found = self.connection.execute(
            "select column_name, data_type from duckdb_columns() where schema_name = ? and table_name = ? "
            "order by column_index",
            [table.schema, table.name],
        )
        return tuple((str(name), str(type_)) for name, type_ in found.fetchall())

    def drop_all_but(self, models: Sequence[Model]) -> None:
        """Drop the tables of models that are no more, so that nobody reads what is never refreshed."""
        found = self.connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        current = {model.table for model in models}
        for table in (TableName(str(schema), str(name)) for schema, name in found):
            if table.schema in LAYERS and table not in current:
                self.connection.execute(f"drop table {table.schema}.{quoted(table.name)}")

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


@contextmanager
def connected(
    path: Path, *, memory_limit: str = "1GB", threads: int | None = None, spill: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database file for writing, in UTC, with bounded memory.

    Raises:
        WarehouseError: The file is in use, damaged, or cannot be written.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(spill or path.with_name(f".{path.name}.spill")),
    }
    if threads is not None:
        config["threads"] = threads
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(str(path), config=config)
    except OSError as error:
        raise WarehouseError(
            f"{path.parent} cannot be used ({error.strerror}); change its owner or mode, or set D365_PM_DATA_DIR."
        ) from None
    except duckdb.Error as error:
        raise WarehouseError(_why_closed(path, error)) from None
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        # Nobody may rely on the order of rows in a table; keeping it would cost memory.
        connection.execute("set preserve_insertion_order = false")
        # Tables are replaced as a whole, so that there is nothing to reclaim; each checkpoint would only rewrite those
        # whose last row groups are part-filled, which is every table that two threads wrote.
        connection.execute("set max_vacuum_tasks = 0")
        yield connection


def quoted(identifier: str) -> str:
    """Quote an identifier for SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _why_closed(path: Path, error: duckdb.Error) -> str:
    text = str(error)
    if "lock" in text.lower():
        return f"{path} is in use by another process; wait until that run has ended, or close what has the file open."
    if any(words in text for words in ("Permission denied", "Read-only", "Cannot open file")):
        return f"{path} cannot be written; change its owner or mode, or set D365_PM_DATA_DIR to another folder."
    return f"{path} is no database that this version of DuckDB can open; delete it and run again, it is built anew."
