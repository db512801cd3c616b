"""Cutting a window into disjoint parts that can be read side by side.

A chain of pages cannot be jumped into (reference 3.1), so that only windows can be read in parallel. Parts are cut on
whole seconds, counted by the server, and cut again until none has more rows than wanted; then neighbours that are
small together become one. How many rows a part may have follows from how many there are, so that every stream has
something to read.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.counting import AGGREGATE_LIMIT, Counter
from d365_pm.dataverse.errors import ProtocolError
from d365_pm.dataverse.query import Window, build_url
from d365_pm.dataverse.questions import condition
from d365_pm.dataverse.reply import json_object
from d365_pm.dataverse.shape import TableShape

ROWS = 50_000
"""Rows of a part: ten pages, and what the server still counts."""

Estimate = Callable[[], Awaitable[int | None]]

_FEWEST_ROWS = 10_000
"""A part is not made smaller for the sake of more streams: each costs questions, and its last page is not full."""

_PARTS = 24
"""Parts that a long window is cut into at least: each stream reads a few, so that none is left with one alone."""

_PAGE = 5000
_AT_ONCE = 16
_PARTS_OF_UNKNOWN = 4
_MOST_PARTS = 512
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a window.

    Attributes:
        window: Half-open, disjoint from the other parts.
        expected: Its number of rows when it was counted; None where the server does not count so many.
    """

    window: Window
    expected: int | None


class Slicer:
    """Cuts windows of one table.

    Args:
        connection: Where to.
        counter: Counts the parts.
        shape: The table.
        rows: Most rows of a part, where time allows; parts of a short window are smaller.
    """

    def __init__(self, connection: Connection, counter: Counter, shape: TableShape, *, rows: int = ROWS) -> None:
        self._connection = connection
        self._counter = counter
        self._shape = shape
        self._rows = min(rows, AGGREGATE_LIMIT)
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def cut(self, window: Window, *, estimate: Estimate | None = None) -> list[Slice]:
        """Cut a window.

        Args:
            window: What to cut; open ends stay open.
            estimate: Tells about how many rows the whole table has; asked for only where it saves questions.

        Returns:
            Parts in order, which together are exactly the window.
        """
        if self._shape.window is None:
            return [Slice(window, await self._counter.count(self._shape, window))]
        # Asked together, since each answer may take its time.
        count, bounds = await asyncio.gather(self._counter.count_many(self._shape, window), self._bounds(window))
        self._fit(count)
        if count is not None and count <= self._rows:
            return [Slice(window, count)]
        if window == Window() and await self._counter.has_undated(self._shape):
            # Rows without an instant are in no window but the one of all rows.
            return [Slice(window, count)]
        if bounds is None:
            return [Slice(window, count)]
        wanted = count or (await self._guess(*bounds, estimate) if estimate else 0)
        self._fit(wanted)
        parts = self._number(wanted) if wanted > self._rows else _PARTS_OF_UNKNOWN
        return list(_joined(await self._parts(window, *bounds, parts), self._rows))

    def _fit(self, rows: int | None) -> None:
        """Make parts of whole pages as small as it takes to have enough of them."""
        if rows:
            share = math.ceil(rows / _PARTS / _PAGE) * _PAGE
            self._rows = min(self._rows, max(share, _FEWEST_ROWS))

    async def _parts(self, window: Window, first: datetime, last: datetime, parts: int) -> list[Slice]:
        cuts = _even_cuts(first, last, min(parts, _MOST_PARTS))
        edges = [window.start, *cuts, window.end]
        lows, highs = [first, *cuts], [*(cut - _SECOND for cut in cuts), last]
        found = await asyncio.gather(
            *(
                self._refined(Window(start, end), low, high)
                for start, end, low, high in zip(edges[:-1], edges[1:], lows, highs, strict=True)
            )
        )
        return [each for some in found for each in some]

    async def _refined(self, window: Window, first: datetime, last: datetime) -> list[Slice]:
        """Count a part whose rows lie between two instants, and cut it again if it has too many."""
        async with self._slots:
            count = await self._counter.count_many(self._shape, window)
        is_enough = count <= self._rows if count is not None else not self._counter.can_aggregate(self._shape)
        if is_enough or not _even_cuts(first, last, 2):
            return [Slice(window, count)]
        parts = self._number(count) if count is not None else _PARTS_OF_UNKNOWN
        return await self._parts(window, first, last, max(2, parts))

    def _number(self, rows: int) -> int:
        """Parts for so many rows: some more than there must be, since rows never lie evenly."""
        return math.ceil(rows / self._rows * 1.25)

    async def _guess(self, first: datetime, last: datetime, estimate: Estimate) -> int:
        """About how many rows lie between two instants, as if those of the whole table lay evenly."""
        total, beginning = await asyncio.gather(estimate(), self._edge(Window(), "asc"))
        if not total or beginning is None or last <= beginning:
            return 0
        return int(total * ((last - max(first, beginning)) / (last - beginning)))

    async def _bounds(self, window: Window) -> tuple[datetime, datetime] | None:
        """Instants of the first and the last row; None without rows."""
        first, last = await asyncio.gather(self._edge(window, "asc"), self._edge(window, "desc"))
        return (first, last) if first and last else None

    async def _edge(self, window: Window, direction: str) -> datetime | None:
        column = str(self._shape.window)
        where = condition(self._shape, window)
        url = build_url(
            self._connection.base,
            self._shape.entity_set,
            select=(column,),
            where=where,
            order=(f"{column} {direction}",),
            top=1,
        )
        answer = await self._connection.get(url, parse=json_object)
        rows = answer.get("value") or ()
        value = rows[0].get(column) if rows else None
        if value is None:
            return None
        try:
            return datetime.fromisoformat(value).replace(microsecond=0)
        except (TypeError, ValueError):
            raise ProtocolError(
                f"The server sent a {column} that is no instant.", table=self._shape.table.name
            ) from None


def _even_cuts(first: datetime, last: datetime, parts: int) -> list[datetime]:
    """Whole seconds after the first and up to the last, that part the span between them evenly."""
    seconds = int((last - first) / _SECOND) + 1
    offsets = {seconds * number // parts for number in range(1, parts)}
    cuts = (first + _SECOND * offset for offset in sorted(offsets) if offset)
    return [cut for cut in cuts if first < cut <= last]


def _joined(parts: Sequence[Slice], rows: int) -> Iterator[Slice]:
    """Neighbours made one while they are small enough together."""
    current = parts[0]
    for part in parts[1:]:
        if current.expected is not None and part.expected is not None and current.expected + part.expected <= rows:
            current = Slice(Window(current.window.start, part.window.end), current.expected + part.expected)
        else:
            yield current
            current = part
    yield current
