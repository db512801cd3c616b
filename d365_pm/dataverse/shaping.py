"""Joining what we want with what there is: from a registry entry to a `TableShape`.

Three sources, each used where the one before is silent: `EntityDefinitions`, `$metadata`, and the table itself, asked
for all wanted columns and then for those that it did not complain about.
"""

import logging
from dataclasses import replace

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.csdl import Csdl, parse_csdl
from d365_pm.dataverse.errors import (
    AddressError,
    GarbledReplyError,
    RequestRefusedError,
    UnknownColumnError,
    UnknownTableError,
)
from d365_pm.dataverse.lacking import absent, give_up
from d365_pm.dataverse.metadata import Definition
from d365_pm.dataverse.query import build_url
from d365_pm.dataverse.registry import Column, Table
from d365_pm.dataverse.reply import json_object
from d365_pm.dataverse.shape import ColumnShape, TableShape, wire_type

logger = logging.getLogger(__name__)


def from_definition(table: Table, definition: Definition) -> TableShape:
    """Shape of a table that the environment defines."""
    readable = {name: item for name, item in definition.attributes.items() if item.is_readable}
    key = table.key if table.key in readable else definition.key

    def column_shape(column: Column) -> ColumnShape:
        item = None if column.derived else readable.get(key if column.name == table.key else column.name)
        return ColumnShape(column, item.source, item.wire) if item else absent(column)

    columns = tuple(column_shape(column) for column in table.columns)
    secured = tuple(
        column.name for column in table.columns if column.name in readable and readable[column.name].is_secured
    )
    # A tracked read takes no `$filter` (reference 5.1).
    is_tracked = definition.is_change_tracked and table.filter is None
    return TableShape(table, definition.entity_set, columns, secured, is_tracked=is_tracked)


def from_csdl(table: Table, csdl: Csdl) -> TableShape | None:
    """Shape of a table that `$metadata` lists; None if it does not."""
    properties = csdl.properties(table.logical_name)
    if not properties or table.logical_name not in csdl.sets:
        return None

    def column_shape(column: Column) -> ColumnShape:
        source = next((name for name in (column.wire_name, column.name) if name in properties), None)
        return ColumnShape(column, source, properties[source]) if source and not column.derived else absent(column)

    return TableShape(table, csdl.sets[table.logical_name], tuple(column_shape(column) for column in table.columns))


def as_wanted(table: Table) -> TableShape:
    """Shape of a table of which nothing is known: what we want and need not probe, typed as we expect it."""

    def column_shape(column: Column) -> ColumnShape:
        return (
            absent(column)
            if column.probed or column.derived
            else ColumnShape(column, column.wire_name, wire_type(column.kind))
        )

    return TableShape(table, table.entity_set, tuple(column_shape(column) for column in table.columns))


async def exists(connection: Connection, table: Table) -> bool:
    """Whether the environment serves a table of which it gives no definition."""
    try:
        await _try(connection, as_wanted(table), (table.key,))
    except UnknownTableError:
        return False
    except UnknownColumnError:
        return True
    return True


async def ask(connection: Connection, shape: TableShape) -> TableShape:
    """Ask the table for its columns and give up those that it does not know.

    Each refusal names one column, so that the number of questions is bounded by the number of columns.

    Raises:
        RequirementError: A needed column is not there.
    """
    while True:
        try:
            await _try(connection, shape, shape.select)
        except UnknownColumnError as error:
            shape = give_up(shape, error)
        else:
            return shape


async def probe(connection: Connection, shape: TableShape) -> TableShape:
    """Settle the columns of which metadata says nothing true, by asking for each with the key."""
    for each in shape.columns:
        if each.column.probed:
            shape = await _settle(connection, shape, each.column)
    return shape


async def _settle(connection: Connection, shape: TableShape, column: Column) -> TableShape:
    found = ColumnShape(column, column.wire_name, wire_type(column.kind))
    try:
        await _try(connection, shape, (shape.key, column.wire_name))
    except RequestRefusedError:
        logger.warning("%s: the environment does not give the column %s.", shape.table.name, column.name)
        found = absent(column)
    columns = tuple(found if each.column == column else each for each in shape.columns)
    return replace(shape, columns=columns)


async def _try(connection: Connection, shape: TableShape, select: tuple[str, ...]) -> None:
    url = build_url(connection.base, shape.entity_set, select=select, top=1)
    await connection.get(url, parse=json_object)


async def read_csdl(connection: Connection) -> Csdl:
    """Read `$metadata`; empty if the environment does not serve it."""
    try:
        return await connection.get(f"{connection.base}$metadata", parse=parse_csdl, accept="application/xml")
    except (RequestRefusedError, AddressError, GarbledReplyError) as error:
        logger.warning("The environment gives no $metadata: %s", error)
        return Csdl()
