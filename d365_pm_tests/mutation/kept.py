"""What the tests have made of the models, kept with who reads it, so that a change is judged by its readers alone.

Belongs here: the builds that stay, in memory or on disk. Does not belong here: making tables anew (`tables.py`), tests
(`plugin.py`) and processes (`trial.py`).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import duckdb

from d365_pm.assets.tables import RAW_TABLES
from d365_pm.lake import loads_sql, view_sql
from d365_pm.warehouse import Model, TableName
from d365_pm.warehouse.model import SOURCES
from d365_pm_tests.models import model_run
from d365_pm_tests.models.model_rows import Rows
from d365_pm_tests.models.model_run import ModelRun, Settings, shipped_project
from d365_pm_tests.models.raw_rows import Row
from d365_pm_tests.mutation.mutant import Mutant, models_of, mutated
from d365_pm_tests.mutation.tables import make_anew
from d365_pm_tests.recount import pipeline
from d365_pm_tests.recount.pipeline import Published
from d365_pm_tests.recount.raw import Rows as RawRows

_LOG, _EVENTS = TableName("marts", "event_log"), TableName("marts", "events")
_ORDER = "select CaseGuid, SeqInCase, ActivityName, EventTime from"


class Kept(Protocol):
    """A build that stays."""

    def has(self, table: TableName) -> bool:
        """Whether a test needed this table."""

    def readers(self) -> list[str]:
        """Node ids of the tests that read the build."""

    def told(self, mutant: Mutant) -> list[str]:
        """Make a changed model and what follows from it; returns the readers that find other rows than before.

        Raises:
            RefusedError: The engine does not take the statement.
        """


class KeptRun(ModelRun):
    """The answers to the raw rows of one test or of several, in memory."""

    def __init__(self, rows: Mapping[str, list[Row]], settings: Settings, shelf: "Shelf") -> None:
        super().__init__(rows, settings)
        self._reads: dict[str, set[TableName]] = defaultdict(set)
        self._shelf = shelf

    def select(self, model: str, *, where: str = "true", order: str = "all") -> Rows:
        """Rows of a model; notes who asked."""
        self._reads[self._shelf.reader].add(TableName(*model.split(".")))
        return super().select(model, where=where, order=order)

    def columns(self, model: str) -> dict[str, str]:
        """Columns of a model; notes who asked."""
        self._reads[self._shelf.reader].add(TableName(*model.split(".")))
        return super().columns(model)

    def has(self, table: TableName) -> bool:
        """Whether a test needed this table."""
        return table in self._built

    def readers(self) -> list[str]:
        """Node ids of the tests that read the run."""
        return self._shelf.tests(self._reads)

    def told(self, mutant: Mutant) -> list[str]:
        """Make a changed model and what follows from it; returns the readers that find other rows than before.

        Raises:
            RefusedError: The engine does not take the statement.
        """
        project = mutated(shipped_project(self._settings.activities), mutant)
        others = make_anew(self._connection, self._built, mutant.model, project)
        return self._shelf.tests(reader for reader, tables in self._reads.items() if tables & others)


class KeptDesk:
    """A generated desk that one test published, on disk.

    Args:
        test: Node id of the test.
        folder: Folder of its raw layer and its databases.
    """

    def __init__(self, test: str, folder: Path) -> None:
        self._test = test
        self._file = _whole(folder)

    def has(self, table: TableName) -> bool:
        """Every table was built."""
        return True

    def readers(self) -> list[str]:
        """Node id of the one test."""
        return [self._test]

    def told(self, mutant: Mutant) -> list[str]:
        """The test, if the log or the order of its events is another one with the changed model.

        Raises:
            RefusedError: The engine does not take the statement.
        """
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"attach '{self._file}' as kept (read_only)")
            built = _linked(connection)
            others = make_anew(connection, built, mutant.model, mutated(shipped_project(), mutant))
            if _LOG in others or (_EVENTS in others and (_EVENTS not in built or _is_reordered(connection))):
                return [self._test]
        return []


class Shelf:
    """All builds that the tests of a process have made; the same raw rows give the same run.

    Attributes:
        current: Node id of the test that is running.
        is_called: Whether its own lines run, rather than fixtures, which it may share with its module.
        collected: Node ids of all tests.
    """

    def __init__(self) -> None:
        self.current = ""
        self.is_called = False
        self.collected: Sequence[str] = ()
        self._runs: dict[str, KeptRun] = {}
        self._desks: list[KeptDesk] = []

    @property
    def reader(self) -> str:
        """Who reads now: a test, or a module where one of its fixtures does."""
        return self.current if self.is_called else self.current.partition("::")[0]

    def tests(self, readers: Iterable[str]) -> list[str]:
        """Node ids of the tests that readers stand for, once each."""
        wanted = set(readers)
        return [test for test in self.collected if test in wanted or test.partition("::")[0] in wanted]

    def run(self, rows: Mapping[str, list[Row]], settings: Settings) -> KeptRun:
        """The run over these rows; stands in the place of the class `ModelRun`."""
        name = sha256(json.dumps([rows, repr(settings)], default=str).encode()).hexdigest()
        if name not in self._runs:
            self._runs[name] = KeptRun(rows, settings, self)
        return self._runs[name]

    def publish(self, rows: RawRows, folder: Path, *, as_of: datetime, language: str = "pt-BR") -> Published:
        """Publish a desk and keep it; stands in the place of the function of the same name."""
        published = pipeline.publish(rows, folder, as_of=as_of, language=language)
        self._desks.append(KeptDesk(self.current, folder))
        return published

    def runs(self) -> Iterator[KeptRun]:
        """Builds in memory."""
        return iter(self._runs.values())

    def desks(self) -> Iterator[KeptDesk]:
        """Builds on disk."""
        return iter(self._desks)


def use(mutant: Mutant) -> None:
    """Let the runs of this process, from now on, make their tables with this change."""

    @cache
    def models(extended: frozenset[str]) -> Mapping[TableName, Model]:
        return models_of(mutated(shipped_project(extended), mutant))

    model_run._models = models


def _is_reordered(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(f"select exists ({_ORDER} {_EVENTS} except all {_ORDER} kept.{_EVENTS})")
    return bool(found.fetchall()[0][0])


def _whole(folder: Path) -> Path:
    """The published desk once more, with its raw rows and with the models that nobody stores; returns the file."""
    file = folder / "kept.duckdb"
    with duckdb.connect(str(file), config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{folder / 'warehouse.duckdb'}' as published (read_only)")
        tables = _tables(connection, "published")
        for schema in {"raw", *(table.schema for table in tables)}:
            connection.execute(f"create schema if not exists {schema}")
        for table in tables:
            connection.execute(f"create table {table} as from published.{table}")
        for name, sql in _raw(folder / "raw").items():
            connection.execute(f"create table raw.{name} as {sql}")
        for model in shipped_project().models:
            if model.table not in tables:
                connection.execute(f"create table {model.table} as {model.sql}")
    return file


def _raw(raw: Path) -> dict[str, str]:
    return {**{name: view_sql(raw, table) for name, table in RAW_TABLES.items()}, "_loads": loads_sql(raw)}


def _linked(connection: duckdb.DuckDBPyConnection) -> set[TableName]:
    """Views in the place of all tables, of which those of the models are returned."""
    tables = _tables(connection, "kept")
    for schema in {table.schema for table in tables}:
        connection.execute(f"create schema if not exists {schema}")
    for table in tables:
        connection.execute(f"create view {table} as from kept.{table}")
    return {table for table in tables if table.schema not in SOURCES}


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> set[TableName]:
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ? union all "
        "select schema_name, view_name from duckdb_views() where database_name = ? and not internal",
        [database, database],
    )
    return {TableName(*row) for row in found.fetchall()}
