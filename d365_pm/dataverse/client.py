"""The front door: a client of one Dataverse environment.

async with DataverseClient.open(settings) as client:
    shape = await client.shape("incident")
    async for page in client.pages(shape, window=Window(start, end)):
        ...
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import pyarrow as pa

from d365_pm.dataverse.audit import AuditRoute, build_completer, choose_route
from d365_pm.dataverse.auth import ApplicationIssuer, TokenSource
from d365_pm.dataverse.catalogue import Catalogue
from d365_pm.dataverse.changes import count_changes, read_changes
from d365_pm.dataverse.connection import Connection, build_http
from d365_pm.dataverse.counting import Counter
from d365_pm.dataverse.environment import EnvironmentFacts, Identity, member, read_environment, read_identity
from d365_pm.dataverse.errors import RequestRefusedError
from d365_pm.dataverse.extract import PAGE_SIZE, Page, Transform, read_pages
from d365_pm.dataverse.labels import attribute_rows
from d365_pm.dataverse.memory import Memory
from d365_pm.dataverse.query import Window
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.reply import Reply, json_object
from d365_pm.dataverse.shape import TableShape
from d365_pm.dataverse.slices import ROWS, Slice, Slicer
from d365_pm.dataverse.statistics import ConnectionStatistics
from d365_pm.dataverse.tls import trust, uses_proxy
from d365_pm.dataverse.watch import Watch
from d365_pm.settings import Settings, require_connection

_AUDITED = ("incident", "queueitem")
_ROUTE = "audit_route"


class DataverseClient:
    """Reads one environment; use it as a context manager, in one event loop.

    Args:
        connection: Where to.
        memory: Keeps the metadata between runs.
    """

    def __init__(self, connection: Connection, *, memory: Memory | None = None) -> None:
        self._connection = connection
        self._catalogue = Catalogue(connection)
        self._watch = Watch(on_drift=self._forget)
        self._counter = Counter(connection, self._watch)
        self._memory = memory
        self._facts: EnvironmentFacts | None = None
        self._notes: dict[str, str] = {}
        self._is_recalled = False

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
        require_connection(settings)
        url = str(settings.url)
        tokens = TokenSource(ApplicationIssuer(settings))
        http = build_http(verify=trust(settings.ca_bundle), trust_env=uses_proxy(url))
        connection = Connection(url, tokens=tokens, http=http)
        client = cls(connection, memory=Memory(memory, url) if memory else None)
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
        if self._facts is None:
            self._facts = await read_environment(self._connection)
            self._watch.see(self._facts.metadata_version)
            snapshot = self._memory.recall(self._facts) if self._memory else None
            if snapshot is not None:
                self._catalogue.recall(snapshot)
                self._notes |= snapshot.notes
                self._is_recalled = True
        return self._facts

    @property
    def statistics(self) -> ConnectionStatistics:
        """What the requests so far have cost."""
        return self._connection.statistics

    @property
    def metadata_unchanged(self) -> bool:
        """Whether the environment's metadata is that of the last run, so that it need not be stored again."""
        return self._is_recalled and not self._watch.has_drifted

    def remember(self) -> None:
        """Keep what was learned for the next run; nothing if the schema has moved meanwhile."""
        if self._memory is not None and self._facts is not None and not self._watch.has_drifted:
            snapshot = self._catalogue.snapshot()
            snapshot.notes = self._notes
            self._memory.keep(self._facts, snapshot)

    def _forget(self) -> None:
        self._catalogue.forget()
        self._notes.clear()
        if self._memory is not None:
            self._memory.drop()

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
        return await self._catalogue.shape(table)

    async def pages(
        self,
        shape: TableShape,
        *,
        window: Window | None = None,
        resume: str | None = None,
        page_size: int = PAGE_SIZE,
    ) -> AsyncGenerator[Page, None]:
        """Read the rows of a table page by page, those of `audit` with their values; see `extract.read_pages`."""
        transform = await self._completion(shape)
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

    async def slices(self, shape: TableShape, window: Window, *, rows: int = ROWS) -> list[Slice]:
        """Disjoint windows that are exactly the given one, each of at most so many rows; see `slices.Slicer`."""
        if shape.is_missing:
            return [Slice(window, 0)]
        return await Slicer(self._connection, self._counter, shape, rows=rows).cut(window)

    async def count(self, shape: TableShape, window: Window | None = None) -> int | None:
        """Exact number of rows; None when there are more than the server counts (50,000)."""
        return await self._counter.count(shape, window)

    async def option_labels(self, tables: Sequence[str] = tuple(TABLES)) -> pa.Table:
        """Labels of all option columns in every language, as `labels.OPTION_LABEL`."""
        return await self._catalogue.option_labels(tables)

    async def attribute_metadata(self, tables: Sequence[str] = tuple(TABLES)) -> pa.Table:
        """Columns of tables with their audit switches, as `labels.ATTRIBUTE_METADATA`."""
        return attribute_rows(await self._catalogue.definitions(tables))

    async def audit_route(self) -> AuditRoute:
        """Where the old and new values of audit rows come from; tried out once, then remembered."""
        if _ROUTE not in self._notes:
            self._notes[_ROUTE] = await choose_route(self._connection, await self.shape("audit"))
        return AuditRoute(self._notes[_ROUTE])

    async def _completion(self, shape: TableShape) -> Transform | None:
        if shape.table.name != "audit" or shape.is_missing:
            return None
        definitions = await self._catalogue.definitions(_AUDITED)
        completer = build_completer(self._connection, shape, await self.audit_route(), definitions)
        return completer.complete if completer else None

    async def total_record_counts(self, tables: Sequence[str]) -> dict[str, int]:
        """Row counts from the server's snapshot, up to a day old; tables that it does not know are left out."""
        try:
            return await self._totals(tables)
        except RequestRefusedError:
            if len(tables) <= 1:
                return {}
        # One unknown name fails the whole question (reference 2.5).
        found: dict[str, int] = {}
        for table in tables:
            found |= await self.total_record_counts([table])
        return found

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

    async def _totals(self, tables: Sequence[str]) -> dict[str, int]:
        names = quote(json.dumps(list(tables), separators=(",", ":")))
        answer = await self.ask(f"RetrieveTotalRecordCount(EntityNames=@p)?@p={names}")
        counts = answer["EntityRecordCountCollection"]
        return dict(zip(counts["Keys"], counts["Values"], strict=True))
