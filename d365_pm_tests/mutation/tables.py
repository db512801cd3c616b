"""Tables of a build that stays, made anew from one changed model on.

Belongs here: which rows a change reaches. Does not belong here: whose tables they are (`kept.py`). Whoever makes
tables anew does so in a process that ends with it.
"""

import duckdb

from d365_pm.warehouse import Model, Project, TableName

_REFUSALS = (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException)


class RefusedError(Exception):
    """The engine does not take the statement, so that nobody could ship it."""


def make_anew(
    connection: duckdb.DuckDBPyConnection, built: set[TableName], changed: TableName, project: Project
) -> set[TableName]:
    """Make a changed model and what follows from it.

    A table that cannot be made is gone, also from `built`, so that whoever reads it meets the engine's error.

    Args:
        connection: Database with the tables.
        built: Tables that are there.
        changed: The changed model.
        project: All models, with the change.

    Returns:
        The tables that have other rows than before.

    Raises:
        RefusedError: The engine does not take the statement of the changed model.
    """
    others: set[TableName] = set()
    for model in project.models:
        if model.table not in built or not (model.table == changed or others.intersection(model.upstream)):
            continue
        try:
            if not _differs(connection, model):
                continue
            _replace(connection, model.table)
        except _REFUSALS as error:
            if model.table == changed:
                raise RefusedError(str(error)) from None
            _lose(connection, model.table, built)
        except duckdb.Error:
            _lose(connection, model.table, built)
        others.add(model.table)
    return others


def _differs(connection: duckdb.DuckDBPyConnection, model: Model) -> bool:
    connection.execute(f"create or replace temp table fresh as {model.sql}")
    if _shape(connection, "fresh") != _shape(connection, str(model.table)):
        return True
    both = f"select (select count(*) from fresh) <> (select count(*) from {model.table})"
    both += f" or exists (select * from fresh except all select * from {model.table})"
    return bool(connection.execute(both).fetchall()[0][0])


def _shape(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind, *_ in connection.execute(f"describe {table}").fetchall()]


def _replace(connection: duckdb.DuckDBPyConnection, table: TableName) -> None:
    _drop(connection, table)
    connection.execute(f"create table {table} as select * from fresh")


def _lose(connection: duckdb.DuckDBPyConnection, table: TableName, built: set[TableName]) -> None:
    _drop(connection, table)
    built.discard(table)


def _drop(connection: duckdb.DuckDBPyConnection, table: TableName) -> None:
    kind = "select 'view' from duckdb_views() where schema_name = ? and view_name = ?"
    found = connection.execute(kind, [table.schema, table.name]).fetchall()
    connection.execute(f"drop {found[0][0] if found else 'table'} if exists {table}")
