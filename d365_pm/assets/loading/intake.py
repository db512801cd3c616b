"""From a chain of pages into a stream of a load, durably, and once more from the start when the chain breaks.

Belongs here: what every way of reading has in common. A page is durable before the next one is asked for, so that a
kill costs at most one page per stream.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.assets.loading.mark import Mark
from d365_pm.dataverse import BrokenChainError, Page
from d365_pm.lake import Load, Stream

logger = logging.getLogger(__name__)

Pages = AsyncGenerator[Page, None]


class Intake:
    """Takes the pages of one table in.

    Args:
        load: Where they go.
        window_column: Column whose latest value is remembered; None for tables without one.
        slots: Shared by all tables of the run; one for each page in memory.
        since: Rows whose window column lies before this are left out; None takes all.
    """

    def __init__(
        self, load: Load, *, window_column: str | None, slots: asyncio.Semaphore, since: datetime | None = None
    ) -> None:
        self.load = load
        self.newest: datetime | None = None
        self.window_column = window_column
        self._slots = slots
        self._since = since
        self._streams: dict[str, Stream] = {}

    def stream(self, name: str) -> Stream:
        """A stream of the load."""
        return self._streams.setdefault(name, self.load.stream(name))

    def restart(self) -> None:
        """Forget every page, so that the table is read from the start."""
        for stream in self._streams.values():
            stream.restart()

    async def follow(
        self, stream: Stream, open_pages: Callable[[str | None], Pages], *, counted: int | None = None
    ) -> Mark:
        """Read a chain to its end, from where the stream stands.

        Args:
            stream: Where the pages become durable.
            open_pages: Starts reading, at a stored link or from the beginning.
            counted: Rows that the server counted before, where its pages do not tell.

        Raises:
            DataverseError: The chain broke twice, or cannot be read.
        """
        mark = Mark.of(stream)
        if mark.is_done:
            return mark
        try:
            start = mark if mark.next_link else Mark(counted=counted)
            return await self._follow(stream, open_pages(start.next_link), start)
        except BrokenChainError as error:
            logger.warning("%s Reading it once more from the start.", error)
            await asyncio.to_thread(stream.restart)
            return await self._follow(stream, open_pages(None), Mark(counted=counted))

    async def take(self, stream: Stream, page: Page, mark: Mark) -> Mark:
        """Make one page durable; returns where the stream stands now."""
        rows = self._wanted(page.rows)
        after = Mark(
            page.next_link,
            page.delta_link,
            counted=mark.counted if mark.counted is not None else page.total,
            uncounted=mark.uncounted + len(page.deleted) + page.rows.num_rows - rows.num_rows,
            is_done=page.next_link is None,
        )
        await asyncio.to_thread(stream.write, rows, cursor=after.text(), deleted=page.deleted)
        self._remember(rows)
        return after

    async def _follow(self, stream: Stream, pages: Pages, mark: Mark) -> Mark:
        async with self._slots, aclosing(pages):
            async for page in pages:
                mark = await self.take(stream, page, mark)
        return mark

    def _wanted(self, rows: pa.Table) -> pa.Table:
        if self._since is None or self.window_column is None:
            return rows
        return rows.filter(pc.greater_equal(rows.column(self.window_column), pa.scalar(self._since)))

    def _remember(self, rows: pa.Table) -> None:
        if self.window_column is not None and rows.num_rows:
            value: datetime | None = pc.max(rows.column(self.window_column)).as_py()
            self.newest = max(filter(None, (self.newest, value)), default=None)
