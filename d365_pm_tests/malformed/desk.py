"""The healthy desk that malformed rows come to, and rows that they are made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from d365_pm.assets.tables import RAW_TABLES
from d365_pm.dataverse import TABLES
from d365_pm.dataverse.registry import Column, Kind, Table
from d365_pm.sandbox.desk import generate
from d365_pm_tests.recount.pipeline import environment_rows
from d365_pm_tests.recount.raw import Row, Rows, rows_of

END = datetime(2026, 3, 2, 12, tzinfo=UTC)

_EMPTY: dict[Kind, Any] = {
    Kind.TEXT: "text",
    Kind.MOMENT: datetime(2026, 2, 20, 12, tzinfo=UTC),
    Kind.FLAG: False,
    Kind.WHOLE: 1,
    Kind.CHOICE: 1,
    Kind.BIG: 1,
}
"""What a row of a table has that the desk leaves empty."""


@dataclass(frozen=True, slots=True)
class Place:
    """A column of a raw table that a malformed value can stand in."""

    table: Table
    column: Column

    @property
    def is_key(self) -> bool:
        """Whether the column tells rows apart."""
        return self.column.name == self.table.key


def healthy_rows(cases: int, seed: int) -> Rows:
    """Rows of a desk with all tables of the environment."""
    rows = rows_of(generate(cases=cases, seed=seed, days=30, end=END).tables)
    return {name: each for name, each in (rows | environment_rows()).items() if name in RAW_TABLES}


def places(*, without: frozenset[str] = frozenset()) -> Iterator[Place]:
    """Every column that rows of the environment fill, table by table."""
    for table in TABLES.values():
        if table.name not in without:
            yield from (Place(table, column) for column in table.columns if not column.derived)


def template(rows: Rows, table: Table, random: Random) -> Row:
    """A row of a table with a key of its own: a copy of a healthy one, or as much as the registry knows of it."""
    known = rows.get(table.name)
    if known:
        like = random.choice(known)
        return {name: like.get(name) for name in RAW_TABLES[table.name].schema.names} | {table.key: new_id(random)}
    row = {each.wire_name: _EMPTY.get(each.kind) for each in table.columns}
    return row | {table.key: new_id(random)}


def new_id(random: Random) -> str:
    """A GUID that nothing else has."""
    return str(UUID(int=random.getrandbits(128), version=4))
