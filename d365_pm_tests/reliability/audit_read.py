"""Reading the audit history of a sandbox over one route, as the client does it."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from d365_pm.dataverse import DataverseClient
from d365_pm.dataverse.audit import AuditFacts, AuditRoute, build_completer, choose_route
from d365_pm.dataverse.catalogue import Catalogue
from d365_pm.dataverse.extract import read_pages
from d365_pm.dataverse.query import Window
from d365_pm.settings import Settings
from d365_pm_tests.dataverse.wire import run

TABLES = ("incident", "queueitem")


@dataclass(frozen=True, slots=True)
class AuditRead:
    """What one read brought.

    Attributes:
        rows: Raw rows, by `auditid`.
        facts: What was counted.
        pages: Pages of the list that were completed.
        link: Where to go on, if the read was stopped early.
    """

    rows: pa.Table
    facts: AuditFacts
    pages: int
    link: str | None = None


def settings(env: Mapping[str, str]) -> Settings:
    given: dict[str, Any] = {name.removeprefix("D365_").lower(): value for name, value in env.items()}
    return Settings(_env_file=None, **given)


async def read_audit(
    client: DataverseClient,
    route: AuditRoute | None,
    window: Window | None = None,
    *,
    resume: str | None = None,
    most: int | None = None,
) -> AuditRead:
    """Read a window over a route.

    Args:
        client: Of the sandbox.
        route: None for the one that the environment offers.
        window: None for all rows.
        resume: Link of an earlier read that was stopped.
        most: Pages after which to stop.
    """
    connection = client._connection
    shape = await client.shape("audit")
    route = await choose_route(connection, shape, forced=route)
    completer = build_completer(connection, shape, route, await Catalogue(connection).definitions(TABLES))
    assert completer is not None
    tables: list[pa.Table] = []
    link = None
    reader = read_pages(connection, shape, window=window, resume=resume, transform=completer.complete)
    async with aclosing(reader) as pages:
        async for page in pages:
            tables += [page.rows] if page.rows.num_rows else []
            link = page.next_link
            if len(tables) == most:
                break
    table = pa.concat_tables([shape.schema.empty_table(), *tables]).sort_by("auditid").combine_chunks()
    return AuditRead(table, completer.facts, len(tables), link)


def read_once(env: Mapping[str, str], route: AuditRoute | None, **options: Any) -> AuditRead:
    """Sign in, read, sign out; options as of `read_audit`."""

    async def scenario() -> AuditRead:
        async with DataverseClient.open(settings(env)) as client:
            return await read_audit(client, route, **options)

    return run(scenario())
