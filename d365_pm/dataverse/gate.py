"""The throttle gate: every request of one signed-in user passes here, because Dataverse's limits count per user.

Belongs here: how many requests are under way at once, and the pauses that hold for all of them. Does not belong here:
which answer asks for a pause (`diagnosis.py`), and when one request is given up (`retry.py`).
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from d365_pm.dataverse.statistics import Tally

MOST = 40
"""Requests at once that suit one user: the limit is 52, and other jobs of that user count too (reference 6.5)."""

_START = 4


@dataclass(frozen=True, slots=True)
class Passage:
    """One request that is under way.

    Attributes:
        era: Number of halvings before it started; only a request of the present era tells of the present concurrency.
    """

    era: int


class Gate:
    """Lets requests through in the order in which they came, as many at once as the server bears.

    The number starts low, takes the server's first advice at once, and grows while answers are clean; it never passes
    what the server recommends. When the server
    asks for a pause, nobody passes until it is over: it is slept by the request at the head of the queue, so that
    several wishes for a pause never add up and the latest end counts.

    Args:
        most: Requests at once that are never passed.
        sleep: Waits; for tests.
        clock: Seconds of a clock that never goes back; for tests.
        tally: Where waits are counted.
    """

    def __init__(
        self,
        *,
        most: int = MOST,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        tally: Tally | None = None,
    ) -> None:
        self._most = min(most, MOST)
        self._cap = self._most
        self._limit = min(_START, self._cap)
        self._steep_below = self._cap
        self._is_advised = False
        self._has_had_trouble = False
        self._clean = 0
        self._era = 0
        self._inside = 0
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._sleep = sleep
        self._clock = clock
        self._closed_until = 0.0
        self._slept_until = 0.0
        self._tally = tally or Tally()

    @property
    def limit(self) -> int:
        """Requests that may be under way at once just now."""
        return self._limit

    @asynccontextmanager
    async def passage(self) -> AsyncIterator[Passage]:
        """Wait for one's turn, and hold a place while the block runs."""
        await self._enter()
        try:
            yield Passage(self._era)
        finally:
            self._inside -= 1
            self._changed.set()

    def pause(self, seconds: float) -> None:
        """Let nobody pass for so long from now on; a later end that was asked for before stays."""
        self._closed_until = max(self._closed_until, self._now() + seconds)
        self._has_had_trouble = True
        self._steep_below, self._clean = self._limit, 0

    def halve(self, passage: Passage) -> None:
        """Let half as many through; once for all requests that were refused together."""
        if passage.era != self._era:
            return
        self._era += 1
        self._has_had_trouble = True
        self._limit = max(1, self._limit // 2)
        self._steep_below, self._clean = self._limit, 0

    def recommend(self, number: int) -> None:
        """Take the server's present advice on requests at once; the first one as it is, while there was no trouble."""
        self._cap = max(1, min(self._most, number))
        if not self._is_advised and not self._has_had_trouble:
            self._limit = self._cap
            self._changed.set()
        self._is_advised = True
        self._limit = min(self._limit, self._cap)

    def clean(self) -> None:
        """A request was answered well: grow, if somebody waits for a place.

        By one with every answer until the first trouble, afterwards by one for as many answers as there are places.
        """
        if not self._turn.locked() or self._limit >= self._cap:
            return
        self._clean += 1
        if self._limit < self._steep_below or self._clean >= self._limit:
            self._limit, self._clean = self._limit + 1, 0
            self._changed.set()

    async def _enter(self) -> None:
        # The lock wakes in the order of arrival, and only its holder waits for anything.
        async with self._turn:
            while True:
                await self._opening()
                if self._inside < self._limit:
                    break
                self._changed.clear()
                await self._changed.wait()
            self._inside += 1
            self._tally.largest_concurrency = max(self._tally.largest_concurrency, self._inside)

    async def _opening(self) -> None:
        while (left := self._closed_until - self._now()) > 0:
            pause = left + _jitter(left)
            end = self._now() + pause
            await self._sleep(pause)
            self._tally.waited_seconds += pause
            self._slept_until = max(self._slept_until, end)

    def _now(self) -> float:
        # What was slept counts as passed, so that a clock which lags behind the sleep causes no second pause.
        return max(self._clock(), self._slept_until)


def _jitter(seconds: float) -> float:
    """A little more, so that jobs which were paused together do not return as one herd."""
    return random.uniform(0.0, min(0.5, seconds * 0.02))  # noqa: S311 - spreads load, guards nothing


def parse_advice(value: str | None) -> int | None:
    """The server's advice on requests at once (`x-ms-dop-hint`); None if it is no positive number."""
    text = (value or "").strip()
    return int(text) or None if text.isascii() and text.isdigit() and len(text) < 10 else None
