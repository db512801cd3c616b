"""The front door: a client of one Dataverse environment.

async with DataverseClient.open(settings) as client:
    shape = await client.shape("incident")
    async for page in client.pages(shape, window=Window(start, end)):
        ...
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

import pyarrow as pa

from d365_pm.dataverse.auth import ApplicationIssuer, TokenSource
from d365_pm.dataverse.catalogue import Catalogue
from d365_pm.dataverse.connection import Connection, build_http
from d365_pm.dataverse.errors import ProtocolError, RequestRefusedError
from d365_pm.dataverse.extract import PAGE_SIZE, Page, read_pages
from d365_pm.dataverse.labels import attribute_rows, read_option_labels
from d365_pm.dataverse.query import Window, both, build_url
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.reply import Reply, json_object, whole_number
from d365_pm.dataverse.shape import TableShape
from d365_pm.dataverse.tls import trust, uses_proxy
from d365_pm.dataverse.watch import Watch
from d365_pm.settings import Settings, require_connection

COUNT_LIMIT = 5000
"""Where the server stops counting."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are to the environment; ids in lower case."""

    user_id: str
    business_unit_id: str
    organization_id: str


class DataverseClient:
    """Reads one environment; use it as a context manager, in one event loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._catalogue = Catalogue(connection)
        self._watch = Watch()

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator[Self]:
        """A client for the configured environment; signs in with the first request.

        Raises:
            SettingsError: A setting is missing or a file that it names cannot be used.
        """
        require_connection(settings)
        url = str(settings.url)
        tokens = TokenSource(ApplicationIssuer(settings))
        http = build_http(verify=trust(settings.ca_bundle), trust_env=uses_proxy(url))
        connection = Connection(url, tokens=tokens, http=http)
        try:
            yield cls(connection)
        finally:
            await connection.close()

    async def who_am_i(self) -> Identity:
        """The identity that the environment takes us for."""
        answer = await self._object("WhoAmI")
        user, unit, organization = (_member(answer, name) for name in ("UserId", "BusinessUnitId", "OrganizationId"))
        return Identity(user.lower(), unit.lower(), organization.lower())

    async def version(self) -> str:
        """Version of the environment, such as `9.2.25083.00190`."""
        return _member(await self._object("RetrieveVersion()"), "Version")

    async def shape(self, table: str) -> TableShape:
        """What the environment offers of a table of the registry.

        Raises:
            RequirementError: The event log needs a table or column that the environment lacks.
        """
        return await self._catalogue.shape(table)

    def pages(
        self,
        shape: TableShape,
        *,
        window: Window | None = None,
        resume: str | None = None,
        page_size: int = PAGE_SIZE,
    ) -> AsyncGenerator[Page, None]:
        """Read the rows of a table page by page; see `extract.read_pages`."""
        return read_pages(self._connection, shape, window=window, resume=resume, page_size=page_size, watch=self._watch)

    async def option_labels(self, tables: Sequence[str] = tuple(TABLES)) -> pa.Table:
        """Labels of all option columns in every language, as `labels.OPTION_LABEL`."""
        return await read_option_labels(self._connection, await self._catalogue.definitions(tables))

    async def attribute_metadata(self, tables: Sequence[str] = tuple(TABLES)) -> pa.Table:
        """Columns of tables with their audit switches, as `labels.ATTRIBUTE_METADATA`."""
        return attribute_rows(await self._catalogue.definitions(tables))

    async def count(self, shape: TableShape, *, window: Window | None = None) -> int | None:
        """Exact number of rows; None when there are so many that the server stops counting (5,000)."""
        if shape.is_missing:
            return 0
        condition = window.condition(shape.window) if window and shape.window else None
        where = both(shape.table.filter, condition)
        url = build_url(self._connection.base, f"{shape.entity_set}/$count", where=where)
        number = await self._connection.get(url, parse=whole_number, accept="text/plain")
        return number if number < COUNT_LIMIT else None

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
        answer = await self._object(f"RetrieveTotalRecordCount(EntityNames=@p)?@p={names}")
        counts = answer["EntityRecordCountCollection"]
        return dict(zip(counts["Keys"], counts["Values"], strict=True))

    async def _object(self, resource: str) -> dict[str, Any]:
        return await self._connection.get(f"{self._connection.base}{resource}", parse=json_object)


def _member(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str):
        raise ProtocolError(f"The answer does not hold {name}: check that D365_URL is the address of a Dataverse.")
    return value
