"""The front door: a client of one Dataverse environment.

async with DataverseClient.open(settings) as client:
    shape = await client.shape("incident")
    async for page in client.pages(shape, window=Window(start, end)):
        ...
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from d365_pm.dataverse.audit import AuditFacts, AuditRoute
from d365_pm.dataverse.audited import AuditSide
from d365_pm.dataverse.changes import count_changes, read_changes
from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.counting import Counter
from d365_pm.dataverse.environment import EnvironmentFacts, Identity, member, read_identity
from d365_pm.dataverse.extract import PAGE_SIZE, Page, read_pages
from d365_pm.dataverse.knowledge import Knowledge
from d365_pm.dataverse.labels import attribute_rows
from d365_pm.dataverse.memory import Memory
from d365_pm.dataverse.metadata import Attribute
from d365_pm.dataverse.opening import open_connection
from d365_pm.dataverse.query import Window
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.reply import Reply, json_object
from d365_pm.dataverse.shape import TableShape
from d365_pm.dataverse.slices import Cut, Slicer
from d365_pm.dataverse.statistics import ConnectionStatistics
from d365_pm.dataverse.totals import read_total, read_totals
from d365_pm.settings import Settings


class DataverseClient:
    """Reads one environment; use it as a context manager, in one event loop."""

    def __init__(
        self, connection: Connection, *, memory: Memory | None = None, audit_route: AuditRoute | None = None
    ) -> None:
        self._connection = connection
        self._knowledge = Knowledge(connection, memory)
        self._watch = self._knowledge.watch
        self._counter = Counter(connection, self._watch)
        self._audit = AuditSide(connection, self._knowledge, forced=audit_route)

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, *, memory: Path | None = None) -> AsyncIterator[Self]:
        """A client for the configured environment; signs in with the first request.

        Args:
            settings: Where, and as whom.
            memory: File that keeps the environment's metadata between runs; used once `environment` was asked.

        Raises:
            SettingsError: A setting is missing or a file that it names cannot be used.
        """
        connection = open_connection(settings)
        remembered = Memory(memory, str(settings.url)) if memory else None
        route = AuditRoute(settings.audit_route) if settings.audit_route != "auto" else None
        client = cls(connection, memory=remembered, audit_route=route)
        try:
            yield client
        finally:
            client.remember()
            await connection.close()

    async def environment(self) -> EnvironmentFacts:
        """Which environment answers, by one request; makes what is remembered of it good for use.

        Raises:
            RequirementError: The event log needs a table or column that the environment is known to lack.
        """
        return await self._knowledge.environment()

    @property
    def statistics(self) -> ConnectionStatistics:
        """What the requests so far have cost."""
        return self._connection.statistics

    @property
    def metadata_unchanged(self) -> bool:
        """Whether the environment's metadata is that of the last run, so that it need not be stored again."""
        return self._knowledge.is_unchanged

    def remember(self) -> None:
        """Keep what was learned for the next run; nothing if the schema has moved meanwhile."""
        self._knowledge.remember()

    async def who_am_i(self) -> Identity:
        """The identity that the environment takes us for."""
        return await read_identity(self._connection)

    async def version(self) -> str:
        """Version of the environment, such as `9.2.25083.00190`."""
        return member(await self.ask("RetrieveVersion()"), "Version")

    async def shape(self, table: str) -> TableShape:
        """What the environment offers of a table of the registry.

        Raises:
            RequirementError: The event log needs a table or column that the environment lacks.
        """
        return await self._knowledge.catalogue.shape(table)

    async def attribute(self, table: str, name: str) -> Attribute | None:
        """A column as the environment defines it; None if it lacks it, or tells nothing of its tables."""
        definition = await self._knowledge.catalogue.definition(table)
        return definition.attributes.get(name) if definition else None

    async def pages(
        self,
        shape: TableShape,
        *,
        window: Window | None = None,
        resume: str | None = None,
        page_size: int = PAGE_SIZE,
    ) -> AsyncGenerator[Page, None]:
        """Read the rows of a table page by page, those of `audit` with their values; see `extract.read_pages`."""
        transform = await self._audit.completion(shape)
        pages = read_pages(
            self._connection,
            shape,
            window=window,
            resume=resume,
            page_size=page_size,
            transform=transform,
            watch=self._watch,
        )
        async with aclosing(pages):
            async for page in pages:
                yield page

    def changes(
        self, shape: TableShape, *, since: str | None, resume: str | None = None, page_size: int = PAGE_SIZE
    ) -> AsyncGenerator[Page, None]:
        """Read what has changed since a delta link, or everything; see `changes.read_changes`."""
        return read_changes(self._connection, shape, since=since, resume=resume, page_size=page_size, watch=self._watch)

    async def changed_count(self, shape: TableShape, since: str) -> int | None:
        """Number of rows that a delta link would bring; see `changes.count_changes`."""
        return await count_changes(self._connection, shape, since)

    async def keys(self, shape: TableShape, *, window: Window | None = None) -> AsyncGenerator[pa.Array, None]:
        """Ids of the rows of a table, page by page, to find out which are no more."""
        pages = read_pages(self._connection, shape.only_key(is_windowed=window is not None), window=window)
        async with aclosing(pages):
            async for page in pages:
                yield page.rows.column(0).combine_chunks()

    async def cut(
        self, shape: TableShape, window: Window, *, rows: int | None = None, expected: int | None = None
    ) -> Cut:
        """Disjoint windows that are exactly the given one; see `slices.Slicer`.

        Args:
            shape: The table.
            window: What to cut.
            rows: Most rows of a part; None lets that follow from how many there are.
            expected: Rows of the window, if they have been counted already.
        """
        if shape.is_missing:
            return Cut((window,), 0, 0)
        slicer = Slicer(self._connection, self._counter, shape, rows=rows)
        # The daily total counts all rows, so that it says nothing of a table that is read in part.
        estimate = None if shape.table.filter else partial(read_total, self._connection, shape.table.name)
        return await slicer.cut(window, estimate=estimate, expected=expected)

    async def count(self, shape: TableShape, window: Window | None = None) -> int | None:
        """Exact number of rows; None when there are more than the server counts (50,000)."""
        return await self._counter.count(shape, window)

    async def count_many(self, shape: TableShape, window: Window) -> int | None:
        """The same, by one question where more than 5,000 rows are expected."""
        return await self._counter.count_many(shape, window)

    def can_count_many(self, shape: TableShape) -> bool:
        """Whether more than 5,000 rows can be counted, so that no count means more than 50,000."""
        return self._counter.can_aggregate(shape)

    async def option_labels(self, tables: Sequence[str] = tuple(TABLES)) -> pa.Table:
        """Labels of all option columns in every language, as `labels.OPTION_LABEL`."""
        return await self._knowledge.catalogue.option_labels(tables)

    def has_labels(self, tables: Sequence[str]) -> bool:
        """Whether the labels of these tables are known already, from this run or from an earlier one."""
        return self._knowledge.catalogue.has_labels(tables)

    async def attribute_metadata(self, tables: Sequence[str] = tuple(TABLES)) -> pa.Table:
        """Columns of tables with their audit switches, as `labels.ATTRIBUTE_METADATA`."""
        return attribute_rows(await self._knowledge.catalogue.definitions(tables))

    async def audit_route(self) -> AuditRoute:
        """Where the old and new values of audit rows come from; tried out once, then remembered."""
        return await self._audit.route()

    @property
    def audit_facts(self) -> AuditFacts | None:
        """What the pages of `audit` held so far, counted over all windows; None before the first."""
        return self._audit.facts

    async def total_record_counts(self, tables: Sequence[str]) -> dict[str, int]:
        """Row counts from the server's snapshot, up to a day old; tables that it does not know are left out."""
        return await read_totals(self._connection, tables)

    async def ask(
        self, resource: str, *, parse: Callable[[Reply], Any] = json_object, accept: str = "application/json"
    ) -> Any:
        """GET one resource of the environment that no other method reads, such as a function or a single row.

        Args:
            resource: Path and query below the Web API's address, percent-encoded as `query.build_url` does.
            parse: Reads the answer; the default gives its JSON object.
            accept: The `Accept` header.

        Raises:
            DataverseError: The environment refuses the question, or does not answer.
        """
        return await self._connection.get(f"{self._connection.base}{resource}", parse=parse, accept=accept)
