"""The category of a case where it is a column of the organisation's own (event-log semantics, 2.12).

The seed `choices` names the column. Its values go, as text, into the one raw column that every environment has, so that
the models need not know its name to read it.
"""

from d365_pm.dataverse import DataverseClient, RequirementError, TableShape

COLUMN = "_request_type"
"""Column of the raw table `incident`."""

_READABLE = frozenset({"String", "Memo", "Picklist", "State", "Status", "Integer", "MultiSelectPicklist"})


async def with_request_type(client: DataverseClient, shape: TableShape, name: str) -> TableShape:
    """The shape of the case table, its category read from the column of this name.

    Raises:
        RequirementError: The environment has no such column, or none that tells its value without a second table.
    """
    attribute = await client.attribute(shape.table.logical_name, name)
    if attribute is None or not attribute.is_readable:
        raise _unusable(shape, name, "has no readable column of that name")
    if attribute.type not in _READABLE:
        raise _unusable(shape, name, f"says that it is of type {attribute.type}, which is neither text nor a choice")
    return shape.reading(COLUMN, source=attribute.source, wire=attribute.wire)


def _unusable(shape: TableShape, name: str, why: str) -> RequirementError:
    return RequirementError(
        f"choices.csv names {name} as service_request_type_column, but the environment {why}: correct the file in "
        "D365_PM_SEEDS_DIR, or have the column made readable.",
        table=shape.table.name,
    )
