"""The environment's catalogue: definitions and shapes of the registry's tables, each asked for once.

Has the lifetime of a client. How one table is asked for is in `metadata.py` and `shaping.py`.
"""

import asyncio
from collections.abc import Sequence

import pyarrow as pa

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.csdl import Csdl
from d365_pm.dataverse.errors import DataverseError
from d365_pm.dataverse.labels import OPTION_LABEL, read_option_labels
from d365_pm.dataverse.lacking import check, missing
from d365_pm.dataverse.memory import KeptShape, Snapshot
from d365_pm.dataverse.metadata import Definition, read_definition
from d365_pm.dataverse.registry import EVERY_TABLE, TABLES, Table
from d365_pm.dataverse.shape import TableShape
from d365_pm.dataverse.shaping import (
    as_wanted,
    ask,
    exists,
    from_csdl,
    from_definition,
    probe,
    read_csdl,
)

_AT_ONCE = 8
"""Questions about metadata in flight; they are small, and the server's own limit is 52."""


class Catalogue:
    """Remembers what the environment offers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._definitions: dict[str, Definition | None] = {}
        self._shapes: dict[str, TableShape] = {}
        self._labels: dict[str, pa.Table] = {}
        self._csdl: Csdl | None = None
        self._csdl_lock = asyncio.Lock()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def definition(self, name: str) -> Definition | None:
        """Definition of a table; None if the environment does not answer for it."""
        if name not in self._definitions:
            async with self._slots:
                self._definitions[name] = await read_definition(self._connection, name)
        return self._definitions[name]

    async def definitions(self, names: Sequence[str] = tuple(TABLES)) -> list[Definition]:
        """Definitions of those tables that the environment defines."""
        found = await asyncio.gather(*(self.definition(name) for name in names))
        return [definition for definition in found if definition]

    async def shape(self, name: str) -> TableShape:
        """Shape of a table of the registry.

        Raises:
            RequirementError: The event log needs a table or column that the environment lacks.
        """
        if name not in self._shapes:
            try:
                self._shapes[name] = await self._find(EVERY_TABLE[name])
            except DataverseError as error:
                error.locate(table=name)
                raise
        return self._shapes[name]

    async def option_labels(self, names: Sequence[str]) -> pa.Table:
        """Labels of the option columns of tables, as `labels.OPTION_LABEL`."""
        key = ",".join(names)
        if key not in self._labels:
            self._labels[key] = await read_option_labels(self._connection, await self.definitions(names))
        return self._labels[key]

    def has_labels(self, names: Sequence[str]) -> bool:
        """Whether `option_labels` of these tables needs no question."""
        return ",".join(names) in self._labels

    def recall(self, snapshot: Snapshot) -> None:
        """Take over what an earlier run has found out, with the same warnings."""
        self._definitions |= snapshot.definitions
        self._labels |= {
            names: pa.Table.from_pylist(rows, schema=OPTION_LABEL) for names, rows in snapshot.labels.items()
        }
        for name, kept in snapshot.shapes.items():
            if kept.is_missing:
                self._shapes[name] = missing(EVERY_TABLE[name])
            else:
                self._shapes[name] = check(kept.of_table(EVERY_TABLE[name]))

    def snapshot(self) -> Snapshot:
        """Everything that is known so far."""
        return Snapshot(
            definitions=dict(sorted(self._definitions.items())),
            shapes={name: KeptShape.of(shape) for name, shape in sorted(self._shapes.items())},
            labels={names: rows.to_pylist() for names, rows in sorted(self._labels.items())},
        )

    def forget(self) -> None:
        """Ask anew from now on, because the schema has moved."""
        self._definitions.clear()
        self._shapes.clear()
        self._labels.clear()
        self._csdl = None

    async def _find(self, table: Table) -> TableShape:
        definition = await self.definition(table.logical_name)
        if definition is not None:
            found = from_definition(table, definition)
        elif await exists(self._connection, table):
            found = from_csdl(table, await self._metadata()) or await ask(self._connection, as_wanted(table))
        else:
            # Two witnesses, since a table wrongly called missing would lose all its rows in silence.
            return missing(table)
        return check(await probe(self._connection, found))

    async def _metadata(self) -> Csdl:
        async with self._csdl_lock:
            if self._csdl is None:
                self._csdl = await read_csdl(self._connection)
            return self._csdl
