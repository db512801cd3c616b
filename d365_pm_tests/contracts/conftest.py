"""One healthy service desk for all checks: generated, fully audited, built by the SQL models."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from d365_pm.contracts.baseline import remember_last_log
from d365_pm.sandbox.desk import generate
from d365_pm_tests.contracts.defects import Plant
from d365_pm_tests.recount.pipeline import publish
from d365_pm_tests.recount.raw import rows_of

_SCHEMAS = ("staging", "activities", "marts")


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of 200 cases that a build published."""
    desk = generate(cases=200, seed=41, days=30, end=datetime(2026, 3, 2, 12, tzinfo=UTC))
    folder = tmp_path_factory.mktemp("healthy")
    publish(rows_of(desk.tables), folder, as_of=desk.end)
    return folder / "warehouse.duckdb"


@pytest.fixture(scope="module")
def _tables(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'America/Sao_Paulo'")
        connection.execute(f"attach '{published}' as healthy (read_only)")
        for schema in _SCHEMAS:
            connection.execute(f"create schema {schema}")
        tables = "select schema_name, table_name from duckdb_tables() where database_name = 'healthy'"
        for schema, table in connection.execute(tables).fetchall():
            if schema in _SCHEMAS:
                connection.execute(f"create table {schema}.{table} as from healthy.{schema}.{table}")
        connection.execute("detach healthy")
        remember_last_log(connection, Path("nothing was published"))
        yield connection


@pytest.fixture
def plant(_tables: duckdb.DuckDBPyConnection) -> Iterator[Plant]:
    """Plants a defect into the healthy tables; it is taken out again after the test."""
    _tables.execute("begin transaction")
    yield Plant(_tables)
    _tables.execute("rollback")
