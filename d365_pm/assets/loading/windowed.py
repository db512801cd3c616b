"""Reading a window of a table, or all of it, in one chain of pages or in several side by side.

A chain of pages cannot be jumped into, so that only disjoint windows can be read in parallel. A window is cut when its
first page says that there is more than one chain should read; a part that turns out to be long is cut again, where it
has come to when its rows have been counted.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.assets.loading.intake import Intake, Pages
from d365_pm.assets.loading.loaded import Proof
from d365_pm.assets.loading.mark import Mark
from d365_pm.assets.loading.proof import IncompleteError, total
from d365_pm.dataverse import DataverseClient, Page, TableShape, Window


class _Part(msgspec.Struct, frozen=True):
    """A window that is read by itself, as an interrupted load keeps it.

    Attributes:
        start: First instant inside; None from the beginning.
        end: First instant after it; None without end.
        counted: Its rows, if the server has counted them already.
        most: Rows above which what follows is cut: 0 cuts whatever one page cannot hold, None nothing.
        depth: How many times windows were cut until it came about.
    """

    start: datetime | None
    end: datetime | None
    counted: int | None = None
    most: int | None = None
    depth: int = 0

    @property
    def window(self) -> Window | None:
        return Window(self.start, self.end) if self.start or self.end or self.depth else None

    @property
    def name(self) -> str:
        """Name of its stream; parts of the same depth start at different instants."""
        if not self.depth:
            return "whole"
        return f"{self.depth} from {self.start.isoformat() if self.start else 'the beginning'}"


class _Plan(msgspec.Struct, frozen=True):
    """How a long window is read: its first pages, then the rest in parts.

    Attributes:
        before: Rows of the first pages that lie before the first part.
        parts: Disjoint windows, which together reach from the end of the first pages to the end of the window.
    """

    before: int
    parts: list[_Part]

    def total(self, counts: Sequence[int | None]) -> int | None:
        """Rows of the whole window; None if a part was not counted."""
        rest = total(counts)
        return None if rest is None else self.before + rest


class _LongError(Exception):
    """There are more rows after a page than one chain should read."""

    def __init__(self, page: Page, counted: int | None) -> None:
        super().__init__()
        self.page = page
        self.counted = counted


@dataclass(frozen=True, slots=True)
class WindowReader:
    """Reads one table.

    Attributes:
        client: Where from.
        shape: What.
        window: Which part; None for all rows.
        intake: Where to.
    """

    client: DataverseClient
    shape: TableShape
    window: Window | None
    intake: Intake

    async def read(self) -> Proof:
        """Read everything; once more if the server counts more than came.

        Raises:
            IncompleteError: Twice in a row rows are missing.
        """
        for _ in range(2):
            proof = await self._attempt()
            if proof.holds:
                return proof
            await asyncio.to_thread(self.intake.restart)
        raise IncompleteError(self.shape.table.name, proof)

    async def _attempt(self) -> Proof:
        window = self.window or Window()
        whole = _Part(window.start, window.end, most=0 if self.shape.window else None)
        counted = await self._read(whole)
        read = await asyncio.to_thread(self.intake.load.distinct_keys)
        if counted is None or read >= counted:
            return Proof(read, counted)
        return Proof(read, counted, await self._count_again(whole))

    async def _count_again(self, part: _Part) -> int | None:
        plan = self._kept_plan(part)
        if plan is None:
            return await self.client.count(self.shape, window=part.window)
        return plan.total(await asyncio.gather(*map(self._count_again, plan.parts)))

    async def _read(self, part: _Part) -> int | None:
        """Read a window; returns its number of rows as the server counts them."""
        plan = self._kept_plan(part)
        # Asked for with a plan too: the pages of a stream that nobody asks for do not belong to the load.
        stream = self.intake.stream(part.name)
        if plan is None:
            try:
                mark = await self.intake.follow(stream, partial(self._pages, part))
            except _LongError as long:
                plan = await self._make_plan(part, long)
            else:
                return part.counted if part.counted is not None else mark.counted
        return plan.total(await asyncio.gather(*map(self._read, plan.parts)))

    async def _pages(self, part: _Part, link: str | None) -> Pages:
        """The pages of a part from a link on.

        Where there are more rows than the server counts on its pages, they are counted while they are read, and a page
        that is there when their number is known tells it. Counted then and not at the end: what comes in meanwhile is
        no part of what was asked for.

        Raises:
            _LongError: They are more than one chain should read.
        """
        is_told = part.counted is not None or Mark.of(self.intake.stream(part.name)).counted is not None
        counting: asyncio.Task[int | None] | None = None
        try:
            async with aclosing(self.client.pages(self.shape, window=part.window, resume=link)) as pages:
                async for page in pages:
                    is_told = is_told or page.total is not None or (link is None and page.next_link is None)
                    if counting is None and not is_told:
                        counting = self._begin_counting(part, page)
                    if counting is not None and (counting.done() or page.next_link is None):
                        counted = await counting
                        if self._is_long(part, page, counted):
                            raise _LongError(page, counted)
                        yield replace(page, total=counted)
                    else:
                        yield page
        finally:
            if counting is not None:
                counting.cancel()
                await asyncio.gather(counting, return_exceptions=True)

    def _begin_counting(self, part: _Part, page: Page) -> asyncio.Task[int | None]:
        if part.most == 0:
            raise _LongError(page, None)
        if part.most is None or part.window is None:
            return asyncio.create_task(self.client.count(self.shape, window=part.window))
        return asyncio.create_task(self.client.count_many(self.shape, part.window))

    def _is_long(self, part: _Part, page: Page, counted: int | None) -> bool:
        """Whether what comes after a page should be cut, and can be where the page ends."""
        if part.most is None or part.window is None or page.next_link is None:
            return False
        if counted is None:
            is_long = self.client.can_count_many(self.shape)
        else:
            is_long = counted - self.intake.stream(part.name).rows - page.rows.num_rows > part.most
        return is_long and self._end_of(part, page) is not None

    def _kept_plan(self, part: _Part) -> _Plan | None:
        kept = self.intake.stream(_plan_of(part)).cursor
        return msgspec.json.decode(kept, type=_Plan) if kept else None

    async def _make_plan(self, part: _Part, long: _LongError) -> _Plan:
        """Keep the page, and cut what comes after it."""
        window = part.window or Window()
        start, before = self._end_of(part, long.page) or (window.start, 0)
        await self.intake.take(self.intake.stream(part.name), long.page, Mark())
        rest = long.counted - before if long.counted is not None else None
        cut = await self.client.cut(self.shape, Window(start, window.end), rows=part.most or None, expected=rest)
        is_whole = len(cut.parts) == 1
        parts = [
            _Part(
                each.start,
                each.end,
                counted=cut.counted if is_whole else None,
                most=None if is_whole else cut.rows,
                depth=part.depth + 1,
            )
            for each in cut.parts
        ]
        plan = _Plan(before, parts)
        stream = self.intake.stream(_plan_of(part))
        text = msgspec.json.encode(plan).decode()
        await asyncio.to_thread(stream.write, self.shape.schema.empty_table(), cursor=text)
        return plan

    def _end_of(self, part: _Part, page: Page) -> tuple[datetime, int] | None:
        """The last second of a page that is to be taken next, and the rows of the part before it.

        None where the rows cannot be parted there: a page may end within its last second, and one that lies in a single
        second may have begun in it too.
        """
        moments = page.rows.column(str(self.intake.window_column))
        first, last = pc.min_max(moments).as_py().values()
        # In a window without any bound rows without a date may come anywhere.
        if last is None or part.window is None:
            return None
        cut: datetime = last.replace(microsecond=0)
        earlier = self.intake.stream(part.name).rows
        start, end = part.window.start, part.window.end
        is_inside = (start is None or cut > start) and (end is None or cut < end)
        if not is_inside or (earlier and first >= cut):
            return None
        return cut, earlier + int(pc.sum(pc.less(moments, pa.scalar(cut))).as_py() or 0)


def _plan_of(part: _Part) -> str:
    return f"plan of {part.name}"
