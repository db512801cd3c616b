"""Reads tables side by side from Dataverse into the raw layer.

The only module that knows the client and the lake together. A page is written as soon as it arrives, so memory holds
a few pages however large a table is; a table is committed when its last page was read, and not before.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.assets.tables import ENVIRONMENT_TABLES, RAW_TABLES
from d365_pm.dataverse import DataverseClient
from d365_pm.dataverse import Window as SourceWindow
from d365_pm.lake import Window, claim, open_load, record_missing
from d365_pm.settings import Settings, require_connection

_TABLES_AT_ONCE = 4
"""Four pages in flight keep one core busy decoding; more only grow memory (reference: engine 5)."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One table that was read whole for its window and committed.

    Attributes:
        name: Table of the raw layer.
        extracted_at: Instant at which its extraction started (UTC).
        rows: Rows that the source returned.
        seconds: Time that reading and writing took.
        window: Span that was read; None for a table that is read whole.
        is_missing: The environment does not have the table.
        missing_columns: Columns that stay null because the environment lacks them.
        newest: Latest value of the window column among the rows, None without rows or window.
    """

    name: str
    extracted_at: datetime
    rows: int
    seconds: float
    window: Window | None
    is_missing: bool = False
    missing_columns: tuple[str, ...] = ()
    newest: datetime | None = None


async def extract(settings: Settings, names: Sequence[str], window: Window | None) -> AsyncGenerator[Loaded, None]:
    """Read tables and commit each to the raw layer.

    Args:
        settings: Where Dataverse and the raw layer are.
        names: Tables of the raw layer.
        window: Span of the window column, for tables that have one.

    Yields:
        Each table once it is durable, in the order in which they finish.

    Raises:
        D365PMError: The first table that cannot be read whole; tables that were yielded before stay committed.
    """
    require_connection(settings)
    async with DataverseClient.open(settings) as client:
        claim(settings.raw, (await client.who_am_i()).organization_id)
        gate = asyncio.Semaphore(_TABLES_AT_ONCE)
        tasks = [asyncio.create_task(_load(settings, client, gate, name, window)) for name in names]
        try:
            for finished in asyncio.as_completed(tasks):
                yield await finished
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _load(
    settings: Settings, client: DataverseClient, gate: asyncio.Semaphore, name: str, window: Window | None
) -> Loaded:
    async with gate:
        if name in ENVIRONMENT_TABLES:
            return await _load_description(settings, client, name)
        return await _load_rows(settings, client, name, window)


async def _load_rows(settings: Settings, client: DataverseClient, name: str, window: Window | None) -> Loaded:
    shape = await client.shape(name)
    table, started, clock = RAW_TABLES[name], datetime.now(UTC), time.perf_counter()
    span = window if table.window else None
    if shape.is_missing:
        await asyncio.to_thread(record_missing, settings.raw, table, extracted_at=started, window=span)
        return Loaded(name, started, 0, time.perf_counter() - clock, span, is_missing=True)
    source = SourceWindow(span.start, span.end) if span else None
    newest: datetime | None = None
    with open_load(settings.raw, table, extracted_at=started, window=span) as load:
        # Closed at once when writing fails, so that the page being fetched is not waited for.
        async with aclosing(client.pages(shape, window=source)) as pages:
            async for page in pages:
                await asyncio.to_thread(load.write, page.rows)
                newest = _newest(newest, page.rows, table.window)
        committed = await asyncio.to_thread(load.commit)
    return Loaded(
        name,
        started,
        committed.facts.row_count,
        time.perf_counter() - clock,
        span,
        missing_columns=shape.missing_columns,
        newest=newest,
    )


async def _load_description(settings: Settings, client: DataverseClient, name: str) -> Loaded:
    started, clock = datetime.now(UTC), time.perf_counter()
    read = client.option_labels if name == "option_label" else client.attribute_metadata
    rows = await read()
    with open_load(settings.raw, RAW_TABLES[name], extracted_at=started) as load:
        load.write(rows)
        await asyncio.to_thread(load.commit)
    return Loaded(name, started, rows.num_rows, time.perf_counter() - clock, None)


def _newest(known: datetime | None, page: pa.Table, column: str | None) -> datetime | None:
    if column is None:
        return None
    value: datetime | None = pc.max(page.column(column)).as_py()
    return max(filter(None, (known, value)), default=None)
