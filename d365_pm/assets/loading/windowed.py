"""Reading a window of a table, or all of it, in one chain of pages or in several side by side.

A chain of pages cannot be jumped into, so that only disjoint windows can be read in parallel. A window is cut when its
first page says that there is more than the server counts by itself.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.assets.loading.intake import Intake, Pages
from d365_pm.assets.loading.loaded import Proof
from d365_pm.assets.loading.mark import Mark
from d365_pm.assets.loading.proof import IncompleteError, total
from d365_pm.dataverse import DataverseClient, Page, TableShape, Window


class _Part(msgspec.Struct, frozen=True):
    """One of the windows that are read side by side, as an interrupted load keeps it."""

    start: datetime | None
    end: datetime | None
    counted: int | None

    @property
    def window(self) -> Window:
        return Window(self.start, self.end)

    @property
    def name(self) -> str:
        return f"from-{self.start:%Y%m%dT%H%M%S}" if self.start else "from-the-beginning"


class _Plan(msgspec.Struct, frozen=True):
    """How a long window is read: its first page, then the rest in parts.

    Attributes:
        before: Rows of the first page that lie before the first part.
        parts: Disjoint windows, which together reach from the end of the first page to the end of the window.
    """

    before: int
    parts: list[_Part]

    def total(self, counts: Sequence[int | None]) -> int | None:
        """Rows of the whole window; None if a part was not counted."""
        rest = total(counts)
        return None if rest is None else self.before + rest


class _LongError(Exception):
    """The first page says that there are more rows than one chain should read."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page


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
        plan = self._kept_plan()
        counted: int | None = None
        if plan is None:
            try:
                counted = await self._read_whole()
            except _LongError as long:
                plan = await self._make_plan(long.page)
        if plan is not None:
            counted = plan.total(await asyncio.gather(*(self._read_part(part) for part in plan.parts)))
        read = await asyncio.to_thread(self.intake.load.distinct_keys)
        if counted is None or read >= counted:
            return Proof(read, counted)
        return Proof(read, counted, await self._count_again(plan))

    async def _count_again(self, plan: _Plan | None) -> int | None:
        if plan is None:
            return await self.client.count(self.shape, window=self.window)
        windows = [part.window for part in plan.parts]
        counts = await asyncio.gather(*(self.client.count(self.shape, window=window) for window in windows))
        return plan.total(counts)

    async def _read_whole(self) -> int | None:
        stream = self.intake.stream("whole")
        mark = await self.intake.follow(stream, lambda link: self._pages(self.window, link, may_split=True))
        return mark.counted

    async def _read_part(self, part: _Part) -> int | None:
        stream = self.intake.stream(part.name)
        is_counted = part.counted is not None
        mark = await self.intake.follow(stream, lambda link: self._pages(part.window, link, is_counted=is_counted))
        return part.counted if part.counted is not None else mark.counted

    async def _pages(
        self, window: Window | None, link: str | None, *, may_split: bool = False, is_counted: bool = False
    ) -> Pages:
        is_first = link is None
        async with aclosing(self.client.pages(self.shape, window=window, resume=link)) as pages:
            async for page in pages:
                if is_first and page.next_link and page.total is None and not is_counted:
                    if may_split and self.shape.window:
                        raise _LongError(page)
                    # Now and not at the end: what comes in meanwhile is no part of what was asked for.
                    yield replace(page, total=await self.client.count(self.shape, window=window))
                else:
                    yield page
                is_first = False

    def _kept_plan(self) -> _Plan | None:
        kept = self.intake.stream("plan").cursor
        return msgspec.json.decode(kept, type=_Plan) if kept else None

    async def _make_plan(self, page: Page) -> _Plan:
        """Keep the first page, and cut what comes after it."""
        await self.intake.take(self.intake.stream("whole"), page, Mark())
        window = self.window or Window()
        cut, before = self._end_of(page, window)
        slices = await self.client.slices(self.shape, Window(cut, window.end))
        plan = _Plan(before, [_Part(each.window.start, each.window.end, each.expected) for each in slices])
        stream = self.intake.stream("plan")
        text = msgspec.json.encode(plan).decode()
        await asyncio.to_thread(stream.write, self.shape.schema.empty_table(), cursor=text)
        return plan

    def _end_of(self, page: Page, window: Window) -> tuple[datetime | None, int]:
        """The last second of a page and the number of its rows before that; the page may end within the second."""
        moments = page.rows.column(str(self.intake.window_column))
        last: datetime | None = pc.max(moments).as_py()
        # In a window without any bound rows without a date may come anywhere.
        if last is None or window == Window():
            return window.start, 0
        cut = last.replace(microsecond=0)
        before = pc.sum(pc.less(moments, pa.scalar(cut))).as_py() or 0
        is_inside = (window.start is None or cut > window.start) and (window.end is None or cut < window.end)
        return (cut, int(before)) if is_inside else (window.start, 0)
