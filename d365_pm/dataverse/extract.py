"""Reading a table: pages in order, typed, each checked, the next one fetched while the last is decoded.

Belongs here: the loop over pages and what must hold from one to the next. Does not belong here: storing rows, and
choosing windows.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

import pyarrow as pa

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.decode import decode_rows
from d365_pm.dataverse.errors import DataverseError, RequirementError, UnknownColumnError
from d365_pm.dataverse.links import ChainGuard
from d365_pm.dataverse.page import RawPage, split_page
from d365_pm.dataverse.query import Window, both, build_url
from d365_pm.dataverse.shape import TARGET_ANNOTATION, TableShape
from d365_pm.dataverse.split import is_suspicious, parts

logger = logging.getLogger(__name__)
progress = logging.getLogger("d365_pm.dataverse.progress")

PAGE_SIZE = 5000
"""Most rows that the server puts on a page, and what it does without being asked."""


async def read_pages(
    connection: Connection, shape: TableShape, *, window: Window | None = None, page_size: int = PAGE_SIZE
) -> AsyncGenerator[pa.Table, None]:
    """Read the rows of a table, page by page.

    At most two pages are in memory. A row that changes while it is read may come twice; none is left out.

    Args:
        connection: Where to.
        shape: What to read; nothing is yielded for a table that the environment lacks.
        window: Half-open window on the table's window column; None for all rows.
        page_size: Rows per page to ask for; the server may send more.

    Yields:
        Tables with `shape.schema`, empty ones left out.

    Raises:
        DataverseError: With table and window. What was yielded before is valid, but not all.
        ValueError: A window on a table that has no window column.
    """
    if shape.is_missing:
        return
    if window is not None and shape.window is None:
        raise ValueError(f"The table {shape.table.name} cannot be read by windows.")
    reader = _Reader(connection, shape, page_size)
    try:
        async with aclosing(reader.read(window)) as tables:
            async for table in tables:
                yield table
    except DataverseError as error:
        error.locate(table=shape.table.name, window=str(window) if window else None)
        raise


class _Reader:
    """Reads one table once; keeps count of its rows."""

    def __init__(self, connection: Connection, shape: TableShape, page_size: int) -> None:
        self._connection = connection
        self._shape = shape
        self._prefer = prefer(shape, page_size)
        self._rows = 0

    async def read(self, window: Window | None) -> AsyncGenerator[pa.Table, None]:
        """Read a window; in parts, if its one answer may have been cut by the server."""
        first = await self._first(window)
        if is_suspicious(first, self._shape):
            answer = await asyncio.to_thread(decode_rows, first.rows, self._shape)
            for part in parts(answer, window or Window(), self._shape):
                async with aclosing(self.read(part)) as tables:
                    async for table in tables:
                        yield table
            return
        async with aclosing(self._follow(first)) as tables:
            async for table in tables:
                yield table

    async def _follow(self, page: RawPage) -> AsyncGenerator[pa.Table, None]:
        guard = ChainGuard(self._connection.origin)
        upcoming: asyncio.Task[RawPage] | None = None
        try:
            while True:
                guard.check(page)
                upcoming = asyncio.create_task(self._fetch(page.next_link)) if page.next_link else None
                table = await asyncio.to_thread(decode_rows, page.rows, self._shape)
                self._report(page)
                if table.num_rows:
                    yield table
                if upcoming is None:
                    return
                page = await upcoming
        finally:
            await _discard(upcoming)

    async def _first(self, window: Window | None) -> RawPage:
        """Ask for the first page; a column that was deleted after the metadata was read is given up if it may be."""
        while True:
            try:
                return await self._fetch(first_url(self._connection.base, self._shape, window))
            except UnknownColumnError as error:
                self._shape = give_up(self._shape, error)

    async def _fetch(self, url: str) -> RawPage:
        return await self._connection.get(url, parse=split_page, prefer=self._prefer)

    def _report(self, page: RawPage) -> None:
        name = self._shape.table.name
        self._rows += len(page.rows)
        progress.info("%s: %d rows", name, self._rows, extra={"table": name, "rows": self._rows})
        if page.replaced:
            logger.warning("%s: %d characters that no text may hold were replaced on one page.", name, page.replaced)


def prefer(shape: TableShape, page_size: int) -> str:
    """The `Prefer` header of every page of a table."""
    size = f"odata.maxpagesize={page_size}"
    return f'{size},odata.include-annotations="{TARGET_ANNOTATION[1:]}"' if shape.needs_targets else size


def first_url(base: str, shape: TableShape, window: Window | None) -> str:
    """URL of the first page.

    Ordered by the window column and the key, because an order with ties can skip rows between pages (reference 3). The
    audit store is trusted to sort by time only (reference 7.4).
    """
    order = [f"{shape.window} asc"] if shape.window else []
    if shape.table.name != "audit":
        order.append(f"{shape.key} asc")
    condition = window.condition(shape.window) if window and shape.window else None
    where = both(shape.table.filter, condition)
    return build_url(base, shape.entity_set, select=shape.select, where=where, order=order)


def give_up(shape: TableShape, error: UnknownColumnError) -> TableShape:
    """The shape without the column that the server does not know.

    Raises:
        RequirementError: The event log needs the column.
        UnknownColumnError: It is none of ours, so that leaving it out is no help.
    """
    match = [each for each in shape.columns if each.source and error.column in {each.source, each.column.name}]
    if not match:
        raise error
    if match[0].column.required:
        raise RequirementError(
            f"The column {match[0].column.name} of the table {shape.table.name} is needed and was not found in the "
            "environment: restore it, or use an environment with Dynamics 365 Customer Service.",
            table=shape.table.name,
        )
    logger.warning("%s: the environment lacks the column %s; it stays empty.", shape.table.name, match[0].column.name)
    return shape.without(str(match[0].source))


async def _discard(task: asyncio.Task[RawPage] | None) -> None:
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError, DataverseError):
            await task
