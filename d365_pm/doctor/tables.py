"""One table of the registry, examined: is it there, may we read it, which columns are missing, blank or audited.

Asks through the client's own description of tables, so that the doctor sees what a load would see.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from d365_pm.dataverse import TABLES, AccessDeniedError, DataverseClient, DataverseError, RequirementError, TableShape
from d365_pm.doctor import questions
from d365_pm.doctor.facts import Depth, TableFacts
from d365_pm.doctor.remedies import read_privilege


async def describe_table(client: DataverseClient, name: str) -> tuple[TableFacts, TableShape | None]:
    """What the environment offers of a table.

    Returns:
        The facts, and the shape unless the table cannot be read.
    """
    wanted = TABLES[name]
    facts = TableFacts(name, is_required=wanted.required)
    columns: list[dict[str, Any]] = []
    try:
        columns = (await client.attribute_metadata([name])).to_pylist()
        facts = _with_audit(facts, columns)
        shape = await client.shape(name)
    except RequirementError:
        lacking = frozenset(column.name for column in wanted.columns) - {row["column_name"] for row in columns}
        return replace(facts, is_missing=not columns, missing_columns=lacking if columns else frozenset()), None
    except AccessDeniedError as error:
        return replace(facts, refusal=str(error)), None
    if shape.is_missing:
        return replace(facts, is_missing=True), shape
    lacking = frozenset(each.column.name for each in shape.columns if each.source is None and not each.column.derived)
    return replace(facts, missing_columns=lacking, blank_columns=await _blank(client, shape)), shape


def _with_audit(facts: TableFacts, columns: Sequence[dict[str, Any]]) -> TableFacts:
    if not columns:
        return facts
    return replace(
        facts,
        is_audited=columns[0]["is_table_audited"],
        is_tracked=columns[0]["is_change_tracked"],
        audited_columns=frozenset(row["column_name"] for row in columns if row["is_audited"]),
    )


async def _blank(client: DataverseClient, shape: TableShape) -> frozenset[str]:
    """Secured columns whose values are kept from us."""
    blank = set()
    for name in shape.secured:
        source = shape.source_of(name)
        try:
            if source and await questions.is_blank(client, shape, source):
                blank.add(name)
        except DataverseError:
            # A secured column may not even stand in a filter of those who may not read it.
            blank.add(name)
    return frozenset(blank)


async def with_depth(
    client: DataverseClient, table: TableFacts, shape: TableShape, ask: Callable[[str], Awaitable[Depth | None]]
) -> TableFacts:
    """Whether, and how far, the role reads a table.

    Tables may share a privilege under a name that is not documented, so where no privilege is found one row is tried.

    Args:
        client: Whom to ask.
        table: What is known of the table.
        shape: How it is read.
        ask: Depth of a privilege by name.
    """
    for name in dict.fromkeys((f"prvRead{table.name}", read_privilege(table.name))):
        depth = await ask(name)
        if depth not in {None, Depth.NONE}:
            return replace(table, depth=depth)
    try:
        await questions.try_table(client, shape)
    except AccessDeniedError as error:
        return replace(table, refusal=str(error), depth=Depth.NONE)
    return table
