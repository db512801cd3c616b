"""Reading a window of a table, or all of it, in one chain of pages or in several side by side.

A chain of pages cannot be jumped into, so that only disjoint windows can be read in parallel. A window is cut when its
first page says that there is more than the server counts by itself.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

import msgspec

from d365_pm.assets.loading.intake import Intake, Pages
from d365_pm.assets.loading.loaded import Proof
from d365_pm.assets.loading.proof import IncompleteError, total
from d365_pm.dataverse import DataverseClient, TableShape, Window


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


class _LongError(Exception):
    """The first page says that there are more rows than one chain should read."""


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
        parts = self._plan()
        counted: int | None = None
        if not parts:
            try:
                counted = await self._read_whole()
            except _LongError:
                parts = await self._make_plan()
        if parts:
            counted = total(await asyncio.gather(*(self._read_part(part) for part in parts)))
        read = await asyncio.to_thread(self.intake.load.distinct_keys)
        if counted is None or read >= counted:
            return Proof(read, counted)
        windows: list[Window | None] = [part.window for part in parts] or [self.window]
        again = await asyncio.gather(*(self.client.count(self.shape, window=window) for window in windows))
        return Proof(read, counted, total(again))

    async def _read_whole(self) -> int | None:
        stream = self.intake.stream("whole")
        mark = await self.intake.follow(stream, lambda link: self._pages(self.window, link, may_split=True))
        if mark.counted is None:
            return await self.client.count(self.shape, window=self.window)
        return mark.counted

    async def _read_part(self, part: _Part) -> int | None:
        stream = self.intake.stream(part.name)
        mark = await self.intake.follow(stream, lambda link: self._pages(part.window, link))
        return part.counted if part.counted is not None else mark.counted

    async def _pages(self, window: Window | None, link: str | None, *, may_split: bool = False) -> Pages:
        async with aclosing(self.client.pages(self.shape, window=window, resume=link)) as pages:
            async for page in pages:
                if may_split and link is None and page.next_link and page.total is None and self.shape.window:
                    raise _LongError
                may_split = False
                yield page

    def _plan(self) -> list[_Part]:
        kept = self.intake.stream("plan").cursor
        return msgspec.json.decode(kept, type=list[_Part]) if kept else []

    async def _make_plan(self) -> list[_Part]:
        slices = await self.client.slices(self.shape, self.window or Window())
        parts = [_Part(each.window.start, each.window.end, each.expected) for each in slices]
        plan = msgspec.json.encode(parts).decode()
        stream = self.intake.stream("plan")
        await asyncio.to_thread(stream.write, self.shape.schema.empty_table(), cursor=plan)
        return parts
