"""When people work and when they are awake, in the time zone of the desk.

Belongs here: arithmetic with opening hours. Does not belong here: how long anything takes (the steps of a life).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from d365_pm.sandbox.desk.numbers import BoolArray, IntArray

ZONE = ZoneInfo("America/Sao_Paulo")
HOLIDAYS = frozenset({(1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (11, 20), (12, 25)})
"""National holidays of Brazil with a fixed date, as (month, day)."""

_WEEKDAY, _SATURDAY = (time(8), time(18)), (time(9), time(13))
_AWAKE = (time(7), time(23))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours as consecutive intervals.

    Attributes:
        opens: Instants at which an interval begins.
        closes: Instants at which it ends.
        worked: Open seconds before each interval.
    """

    opens: IntArray
    closes: IntArray
    worked: IntArray

    def elapsed(self, at: IntArray) -> IntArray:
        """Open seconds from the first opening to each instant."""
        interval = np.maximum(np.searchsorted(self.opens, at, side="right") - 1, 0)
        within = np.clip(at - self.opens[interval], 0, self.closes[interval] - self.opens[interval])
        seconds: IntArray = self.worked[interval] + within
        return seconds

    def add(self, at: IntArray, seconds: IntArray) -> IntArray:
        """The instant by which that many open seconds have passed since each instant."""
        target = self.elapsed(at) + seconds
        interval = np.searchsorted(self.worked, target, side="right") - 1
        moments: IntArray = self.opens[interval] + target - self.worked[interval]
        return moments

    def between(self, first: IntArray, last: IntArray) -> IntArray:
        """Open seconds between two instants."""
        return self.elapsed(last) - self.elapsed(first)

    def is_open(self, at: IntArray) -> BoolArray:
        """Whether each instant lies in opening hours."""
        interval = np.maximum(np.searchsorted(self.opens, at, side="right") - 1, 0)
        return (self.opens[interval] <= at) & (at < self.closes[interval])


def office_hours(first: date, last: date) -> Calendar:
    """The desk's hours from one day to another: weekdays, Saturday mornings, no national holidays."""
    return _calendar([(day, *_hours(day)) for day in _days(first, last) if _is_working_day(day)])


def waking_hours(first: date, last: date) -> Calendar:
    """The hours in which customers write and call."""
    return _calendar([(day, *_AWAKE) for day in _days(first, last)])


def midnight(day: date) -> int:
    """The instant at which a day begins at the desk."""
    return _instant(day, time(0))


def local_midnights(at: IntArray) -> IntArray:
    """Midnight at the desk before each instant, which is what date-only columns hold; nothing stays nothing."""
    known = at[at >= 0]
    if not len(known):
        return at
    midnights = np.array([midnight(day) for day in _days(_local_day(known.min()), _local_day(known.max()))])
    return np.where(at < 0, at, midnights[np.searchsorted(midnights, at, side="right") - 1])


def _local_day(at: np.int64) -> date:
    return datetime.fromtimestamp(int(at), ZONE).date()


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _is_working_day(day: date) -> bool:
    return day.weekday() < 6 and (day.month, day.day) not in HOLIDAYS


def _hours(day: date) -> tuple[time, time]:
    return _SATURDAY if day.weekday() == 5 else _WEEKDAY


def _instant(day: date, clock: time) -> int:
    return int(datetime.combine(day, clock, ZONE).astimezone(UTC).timestamp())


def _calendar(intervals: list[tuple[date, time, time]]) -> Calendar:
    opens = np.array([_instant(day, begin) for day, begin, _ in intervals], dtype=np.int64)
    closes = np.array([_instant(day, end) for day, _, end in intervals], dtype=np.int64)
    return Calendar(opens, closes, np.cumsum(closes - opens) - (closes - opens))
