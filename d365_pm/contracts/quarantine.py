"""The failing rows of checks, kept where people find them.

Belongs here: schema `quarantine` of the working database, one table per broken promise, and its copy in a small file of
its own. They are written after the build's transaction has ended, so that they outlive a build that was rolled back.
The file is replaced as a whole: whoever has the old one open disturbs nobody.
"""

import uuid
from collections.abc import Sequence
from pathlib import Path

import duckdb

from d365_pm.contracts.contract import Contract, Outcome


def table_of(contract: Contract) -> str:
    """Table that keeps the rows which break a promise."""
    return f"quarantine.{contract.name}"


def keep_failing_rows(connection: duckdb.DuckDBPyConnection, outcomes: Sequence[Outcome], known: set[str]) -> None:
    """Replace the tables of the judged promises; a promise that holds has none.

    Args:
        connection: Working database, not in a transaction.
        outcomes: What was judged.
        known: Names of all promises; tables of others are left over from an older version and are dropped.
    """
    connection.execute("create schema if not exists quarantine")
    for outcome in outcomes:
        connection.execute(f"drop table if exists {table_of(outcome.contract)}")
        if not outcome.passed:
            connection.register("failing_rows", outcome.rows)
            connection.execute(f"create table {table_of(outcome.contract)} as select * from failing_rows")
            connection.unregister("failing_rows")
    for name in _tables(connection):
        if name not in known:
            connection.execute(f'drop table quarantine."{name}"')


def write_quarantine(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Replace the file that readers open by one with today's failing rows, in one step.

    Args:
        connection: Working database, not in a transaction.
        target: The file; it need not exist.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    copy = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    place = str(copy).replace("'", "''")
    try:
        connection.execute(f"attach '{place}' as quarantine_file")
        try:
            connection.execute("create schema quarantine_file.quarantine")
            for name in _tables(connection):
                connection.execute(f"create table quarantine_file.quarantine.{name} as from quarantine.{name}")
        finally:
            connection.execute("detach quarantine_file")
        copy.replace(target)
    finally:
        for left_over in target.parent.glob(f"{copy.name}*"):
            left_over.unlink()


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'quarantine' "
        "and database_name = current_database() order by table_name"
    )
    return [str(name) for (name,) in found.fetchall()]
