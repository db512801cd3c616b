"""From the name of a navigation property to the lookup behind it."""

from dataclasses import dataclass

from d365_pm.sandbox.errors import unknown_property
from d365_pm.sandbox.schema import AttributeType, Column, Table


@dataclass(frozen=True, slots=True)
class SingleNavigation:
    """A property that leads to at most one row.

    Attributes:
        column: The lookup.
        targets: Tables it may lead to; several for an owner only.
    """

    column: Column
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CollectionNavigation:
    """A property that leads to many rows.

    Attributes:
        table: The table of the rows.
        lookup: Logical name of their lookup that points back.
    """

    table: str
    lookup: str


def find_navigation(table: Table, name: str) -> SingleNavigation | CollectionNavigation:
    """Resolve a navigation property; names are case-sensitive.

    Raises:
        ApiError: 400 for a name that the table lacks.
    """
    if name in table.collections:
        return CollectionNavigation(*table.collections[name])
    for column in table.columns:
        if not column.type.is_lookup:
            continue
        if column.type is AttributeType.OWNER and table.navigation(column, column.targets[0]) == name:
            return SingleNavigation(column, column.targets)
        for target in column.targets:
            if table.navigation(column, target) == name:
                return SingleNavigation(column, (target,))
    raise unknown_property(name, table.name)
