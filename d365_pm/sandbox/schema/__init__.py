"""The tables of the sandbox's environment, as data: what the generator fills and the server serves.

Belongs here: the catalogue and questions about it. Does not belong here: rows. The definitions follow the table
reference; where it gives no Brazilian label, ours is plain Brazilian Portuguese.
"""

from d365_pm.sandbox.schema import activities, catalogue, people, platform, service
from d365_pm.sandbox.schema.model import ENGLISH, LANGUAGES, PORTUGUESE, AttributeType, Column, Option, Table

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "PORTUGUESE",
    "TABLES",
    "AttributeType",
    "Column",
    "Option",
    "Table",
    "option_label",
]

TABLES: dict[str, Table] = {
    table.name: table for module in (service, people, catalogue, activities, platform) for table in module.TABLES
}
"""Every table of the environment, by logical name."""

_LABELS: dict[tuple[str, str, int], Option] = {
    (table.name, column.name, option.code): option
    for table in TABLES.values()
    for column in table.columns
    for option in column.options
}


def option_label(table: str, column: str, code: int | bool, lcid: int) -> str:
    """Label of an option, a status reason or a boolean value.

    Args:
        table: Logical name of the table.
        column: Logical name of the column.
        code: Stored integer, or the boolean itself.
        lcid: Language code, 1033 or 1046.

    Raises:
        KeyError: The column has no such option.
    """
    return _LABELS[table, column, int(code)].label(lcid)
