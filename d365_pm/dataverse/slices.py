"""Cutting a window into disjoint parts that can be read side by side.

A chain of pages cannot be jumped into (reference 3.1), so that only windows can be read in parallel. Parts are cut on
whole seconds between the first and the last row. How many rows a part has is seen when it is read: counting all of them
before would let every stream wait, and the first page of a short part tells its count anyway. Does not belong here:
cutting a part again that turns out to be long, which is its reader's business.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.counting import AGGREGATE_LIMIT, Counter
from d365_pm.dataverse.errors import ProtocolError
from d365_pm.dataverse.query import Window, build_url
from d365_pm.dataverse.questions import condition
from d365_pm.dataverse.reply import json_object
from d365_pm.dataverse.shape import TableShape

Estimate = Callable[[], Awaitable[int | None]]

_FEWEST_ROWS = 10_000
"""A part is not made smaller for the sake of more streams: each costs questions, and its last page is not full."""

_PARTS = 12
"""Parts that a long window is cut into at least, so that every stream has one: each more costs a count, and a page that
is not full."""

_PAGE = 5000
_PARTS_OF_UNKNOWN = 8
_MOST_PARTS = 512
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Cut:
    """A window in parts.

    Attributes:
        parts: Disjoint, in order, together exactly the window; one alone where it need not or cannot be cut.
        rows: Most rows that a part should have; one that has more is worth another cut.
        counted: Rows of the whole window; None where the server does not count so many.
    """

    parts: tuple[Window, ...]
    rows: int
    counted: int | None = None


class Slicer:
    """Cuts windows of one table.

    Args:
        connection: Where to.
        counter: Counts whole windows.
        shape: The table.
        rows: Most rows of a part; None lets that follow from how many there are, so that every stream has something
            to read.
    """

    def __init__(self, connection: Connection, counter: Counter, shape: TableShape, *, rows: int | None = None) -> None:
        self._connection = connection
        self._counter = counter
        self._shape = shape
        self._given_rows = rows

    async def cut(self, window: Window, *, estimate: Estimate | None = None, expected: int | None = None) -> Cut:
        """Cut a window.

        Args:
            window: What to cut; open ends stay open.
            estimate: Tells about how many rows the whole table has.
            expected: Rows of the window, if they have been counted already.
        """
        if self._shape.window is None:
            count = await self._counter.count(self._shape, window)
            return Cut((window,), self._rows(count or 0), count)
        # Asked together, since each answer may take its time.
        count, bounds, whole = await asyncio.gather(
            self._count(window, expected), self._bounds(window), self._whole(estimate if expected is None else None)
        )
        wanted = count or (_share(*bounds, *whole) if bounds and whole else 0)
        rows = self._rows(wanted)
        is_short = count is not None and count <= rows
        if is_short or bounds is None or await self._is_undivided(window):
            return Cut((window,), rows, count)
        # Some more than there must be, since rows never lie evenly.
        parts = math.ceil(wanted / rows * 1.25) if wanted > rows else _PARTS_OF_UNKNOWN
        edges = [window.start, *_cuts(*bounds, min(parts, _MOST_PARTS)), window.end]
        return Cut(tuple(Window(start, end) for start, end in pairwise(edges)), rows, count)

    def _rows(self, wanted: int) -> int:
        """Rows of a part: whole pages, as few as it takes to have enough parts, and what the server still counts."""
        if self._given_rows is not None:
            return min(self._given_rows, AGGREGATE_LIMIT)
        share = math.ceil(wanted / _PARTS / _PAGE) * _PAGE
        return min(max(share, _FEWEST_ROWS), AGGREGATE_LIMIT) if wanted else AGGREGATE_LIMIT

    async def _count(self, window: Window, expected: int | None) -> int | None:
        return expected if expected is not None else await self._counter.count_many(self._shape, window)

    async def _is_undivided(self, window: Window) -> bool:
        """Whether rows without an instant may be in the window: those are in none but the one of all rows."""
        return window == Window() and await self._counter.has_undated(self._shape)

    async def _whole(self, estimate: Estimate | None) -> tuple[int, datetime] | None:
        """About how many rows the table has, and the instant of the first; None if nobody can tell."""
        if estimate is None:
            return None
        total, beginning = await asyncio.gather(estimate(), self._edge(Window(), "asc"))
        return (total, beginning) if total and beginning else None

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


def _cuts(first: datetime, last: datetime, parts: int) -> list[datetime]:
    """Whole seconds after the first and up to the last, that part the span between them.

    Evenly, but the last quarter of many parts twice as finely: the streams that take one part after another would
    otherwise end one by one, the last of them alone for as long as a whole part takes.
    """
    seconds = int((last - first) / _SECOND) + 1
    whole = parts - parts // 4 if parts >= _PARTS_OF_UNKNOWN else parts
    halves = [*range(2, 2 * whole, 2), *range(2 * whole, 2 * parts)]
    offsets = {seconds * half // (2 * parts) for half in halves}
    cuts = (first + _SECOND * offset for offset in sorted(offsets) if offset)
    return [cut for cut in cuts if first < cut <= last]


def _share(first: datetime, last: datetime, total: int, beginning: datetime) -> int:
    """About how many rows lie between two instants, as if those of the whole table lay evenly up to the second."""
    if last <= beginning:
        return 0
    return int(total * ((last - max(first, beginning)) / (last - beginning)))
