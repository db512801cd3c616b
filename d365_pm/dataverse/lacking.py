"""What an environment lacks of what we want: columns that stay empty, tables without rows, and what must not lack.

Belongs here: the consequences. Does not belong here: finding out what there is (`metadata.py`, `shaping.py`).
"""

import logging

import pyarrow as pa

from d365_pm.dataverse.errors import RequirementError, UnknownColumnError
from d365_pm.dataverse.registry import Column, Table
from d365_pm.dataverse.shape import ColumnShape, TableShape

logger = logging.getLogger(__name__)


def absent(column: Column) -> ColumnShape:
    """A column that the environment lacks."""
    return ColumnShape(column, None, pa.null())


def missing(table: Table) -> TableShape:
    """Shape of a table that the environment lacks.

    Raises:
        RequirementError: The event log needs it.
    """
    if table.required:
        raise RequirementError(
            f"The table {table.name} is needed and was not found in the environment: check that D365_URL is an "
            "environment with Dynamics 365 Customer Service, and that the security role may read the table.",
            table=table.name,
        )
    logger.warning("%s: the environment lacks this table; it stays empty.", table.name)
    return TableShape(table, table.entity_set, tuple(absent(column) for column in table.columns), is_missing=True)


def give_up(shape: TableShape, error: UnknownColumnError) -> TableShape:
    """The shape without the column that the server does not know.

    Raises:
        RequirementError: The event log needs the column.
        UnknownColumnError: It is none of ours, so that leaving it out is no help.
    """
    match = [each for each in shape.columns if each.source and error.column in {each.source, each.column.name}]
    if not match:
        raise error
    if match[0].column.required:
        raise RequirementError(
            f"The column {match[0].column.name} of the table {shape.table.name} is needed and was not found in the "
            "environment: restore it, or use an environment with Dynamics 365 Customer Service.",
            table=shape.table.name,
        )
    logger.warning("%s: the environment lacks the column %s; it stays empty.", shape.table.name, match[0].column.name)
    return shape.without(str(match[0].source))


def check(shape: TableShape) -> TableShape:
    """Accept a shape, warning of what it lacks.

    Raises:
        RequirementError: A needed column is not there.
    """
    name = shape.table.name
    lacking = [each.column for each in shape.columns if each.source is None and not each.column.derived]
    needed = [column.name for column in lacking if column.required]
    if needed:
        raise RequirementError(
            f"The table {name} has no readable column {', '.join(needed)}, which is needed: restore it, or give the "
            "application user the right to read it.",
            table=name,
        )
    if lacking:
        logger.warning("%s: the environment lacks %s; empty.", name, ", ".join(column.name for column in lacking))
    if shape.secured:
        logger.warning(
            "%s: %s is under column-level security and blank unless the application user's security profile allows it.",
            name,
            ", ".join(shape.secured),
        )
    return shape
