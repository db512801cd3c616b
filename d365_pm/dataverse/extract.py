"""Reading a table: pages in order, typed, each checked, the next one asked for when the last one was taken.

Belongs here: the loop over pages and what must hold from one to the next. Does not belong here: storing rows, and
choosing windows.
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

import pyarrow as pa

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.errors import DataverseError, RequestRefusedError, UnknownColumnError, UnknownTableError
from d365_pm.dataverse.fetch import Fetcher
from d365_pm.dataverse.lacking import give_up
from d365_pm.dataverse.links import ChainGuard, check_host
from d365_pm.dataverse.query import Window
from d365_pm.dataverse.questions import UNORDERED, first_url, remaining_window
from d365_pm.dataverse.shape import TableShape
from d365_pm.dataverse.split import is_suspicious, parts
from d365_pm.dataverse.typed import TypedPage
from d365_pm.dataverse.watch import Watch

logger = logging.getLogger(__name__)

PAGE_SIZE = 5000
"""Most rows that the server puts on a page, and what it does without being asked."""

Transform = Callable[[pa.Table], Awaitable[pa.Table]]
"""Fills in what the table's own pages do not hold."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a table.

    Attributes:
        rows: Rows with `shape.schema`; may be none.
        deleted: Ids of deleted rows, where changes are read.
        next_link: Where to go on after this page, byte for byte; None on the last page.
        delta_link: Where to ask for what changes from now on; on the last page of a tracked read.
        total: Exact number of rows of the whole query, if the server told it on this page.
        metadata_version: Number that moves with every change of the environment's schema, if the server told it.
    """

    rows: pa.Table
    deleted: tuple[str, ...] = ()
    next_link: str | None = None
    delta_link: str | None = None
    total: int | None = None
    metadata_version: str | None = None


async def read_pages(
    connection: Connection,
    shape: TableShape,
    *,
    window: Window | None = None,
    resume: str | None = None,
    page_size: int = PAGE_SIZE,
    transform: Transform | None = None,
    watch: Watch | None = None,
) -> AsyncGenerator[Page, None]:
    """Read the rows of a table, page by page.

    One page is in memory: the next is asked for when the consumer comes back. A row that changes while it is read may
    come twice; none is left out.

    Args:
        connection: Where to.
        shape: What to read; nothing is yielded for a table that the environment lacks.
        window: Half-open window on the table's window column; None for all rows.
        resume: `next_link` of a page of an earlier read of the same window, to go on after it.
        page_size: Rows per page to ask for; the server may send more.
        transform: Applied to the rows of every page.
        watch: Takes note of what the pages tell about the environment.

    Yields:
        Every page, empty ones too.

    Raises:
        BrokenChainError: Reading the window once more from the start may help.
        DataverseError: With table and window. What was yielded before is valid, but not all.
        ValueError: A window on a table that has no window column.
    """
    if shape.is_missing:
        return
    if window is not None and shape.window is None and shape.table.changed_with is None:
        raise ValueError(f"The table {shape.table.name} cannot be read by windows.")
    reader = _Reader(Fetcher(connection, shape, watch or Watch(), page_size=page_size), window)
    try:
        async with aclosing(reader.read(resume)) as pages:
            async for page in pages:
                yield page if transform is None else _with_rows(page, await transform(page.rows))
    except DataverseError as error:
        error.locate(table=shape.table.name, window=str(window) if window else None)
        raise


class _Reader:
    """Reads one window of one table once."""

    def __init__(self, fetcher: Fetcher, window: Window | None) -> None:
        self._fetcher = fetcher
        self._window = window
        # Windows still to be read, the next one last; more than one where a window had to be cut.
        self._left: list[Window | None] = [window]
        self._is_cut = False

    async def read(self, resume: str | None) -> AsyncGenerator[Page, None]:
        """Read the window, from a stored link or from its start."""
        if resume is not None:
            check_host(resume, self._fetcher.connection.origin, name="nextLink")
            self._left = [remaining_window(resume, self._fetcher.shape, self._window)]
            self._is_cut = self._left[0] is not None
            if not self._is_cut:
                self._left = []
                follow = self._follow(await self._fetcher.next_page(resume), is_first=False)
                async with aclosing(follow) as pages:
                    async for page in pages:
                        yield page
        while self._left:
            window = self._left.pop()
            first = await self._first(window)
            if is_suspicious(first, self._fetcher.shape):
                self._is_cut = True
                self._left += reversed(list(parts(first.rows, window or Window(), self._fetcher.shape)))
                continue
            async with aclosing(self._follow(first, window=window)) as pages:
                async for page in pages:
                    yield page

    async def _follow(
        self, page: TypedPage, *, window: Window | None = None, is_first: bool = True
    ) -> AsyncGenerator[Page, None]:
        shape = self._fetcher.shape
        ordered_by = shape.window_column if shape.table.name not in UNORDERED else None
        guard = ChainGuard(self._fetcher.connection.origin, ordered_by=ordered_by)
        while True:
            guard.check(page)
            total = page.total if is_first and not self._is_cut else None
            yield Page(
                page.rows,
                next_link=self._go_on(page, window),
                total=total,
                metadata_version=page.metadata_version,
            )
            if page.next_link is None:
                return
            page, is_first = await self._fetcher.next_page(page.next_link), False

    def _go_on(self, page: TypedPage, window: Window | None) -> str | None:
        """Where a later read goes on after this page: the server's link, or the part that comes next."""
        if not self._left:
            return page.next_link
        # The server's link would lead through this part only, so that an interrupted part is read again.
        start = window if page.next_link is not None else self._left[-1]
        end = self._window.end if self._window else None
        rest = Window(start.start if start else None, end)
        return first_url(self._fetcher.connection.base, self._fetcher.shape, rest)

    async def _first(self, window: Window | None) -> TypedPage:
        """Ask for the first page; give up a column that was deleted after the metadata was read, if it may be."""
        watch, name = self._fetcher.watch, self._fetcher.shape.table.name
        has_count = name not in watch.uncounted
        while True:
            shape = self._fetcher.shape
            try:
                page = await self._fetcher.page(
                    first_url(self._fetcher.connection.base, shape, window, has_count=has_count)
                )
            except UnknownColumnError as error:
                self._fetcher.shape = give_up(shape, error)
                watch.drift()
            except UnknownTableError:
                raise
            except RequestRefusedError:
                if not has_count:
                    raise
                has_count = False
            else:
                if not has_count:
                    watch.uncounted.add(name)
                return page


def _with_rows(page: Page, rows: pa.Table) -> Page:
    return Page(rows, page.deleted, page.next_link, page.delta_link, page.total, page.metadata_version)
