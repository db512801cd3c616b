"""When cases come in, through which channel, and from whom.

Belongs here: the wishes of the customers. Does not belong here: what the desk makes of them (`opening.py`).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from d365_pm.sandbox.desk.calendar import ZONE, Calendar, midnight
from d365_pm.sandbox.desk.catalogue import PRODUCTS, TOPICS
from d365_pm.sandbox.desk.codes import Channel
from d365_pm.sandbox.desk.customers import Customers
from d365_pm.sandbox.desk.numbers import DAY, HOUR, MINUTE, NONE, BoolArray, IntArray

_CHANNELS = np.array([channel.value for channel in Channel])
_CHANNEL_SHARES = np.array([0.33, 0.34, 0.26, 0.03, 0.02, 0.02])
_DAY_WEIGHTS = np.array([1.15, 1.05, 1.0, 1.0, 0.95, 0.35, 0.2])
_PEAKS, _PEAK_WIDTH = np.array([10 * HOUR, 15 * HOUR]), 2 * HOUR
_IMPORTED, _NO_PRODUCT, _ATTEMPTS = 0.015, 0.25, 40


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What is known of each case when it comes in; in order of time.

    Attributes:
        at: When the case arose; for imported ones in the system before.
        imported_at: When it was taken over; nothing for all others.
        is_classified: Whether somebody or some rule gives it a category at once.
        duplicate_of: The case that this one turns out to repeat; nothing for most.
        parent: The case that this one belongs under.
    """

    at: IntArray
    imported_at: IntArray
    channel: IntArray
    customer: IntArray
    topic: IntArray
    product: IntArray
    priority: IntArray
    is_classified: BoolArray
    duplicate_of: IntArray
    parent: IntArray


def arrive(
    cases: int, span: tuple[int, int], office: Calendar, customers: Customers, random: np.random.Generator
) -> Arrivals:
    """The cases of the whole span."""
    at, imported_at, channel = _times(cases, span, office, random)
    is_new = imported_at == NONE
    duplicate_of = _neighbours(at, 0.045, is_new, random)
    duplicate_of[_is_relative(duplicate_of, duplicate_of >= 0)] = NONE
    parent = _neighbours(at, 0.02, is_new & (duplicate_of == NONE), random)
    parent[_is_relative(parent, duplicate_of >= 0)] = NONE
    relative = np.where(duplicate_of >= 0, duplicate_of, parent)
    return Arrivals(
        at=at,
        imported_at=imported_at,
        channel=channel,
        customer=_same_customer(customers.choose(cases, random), relative),
        topic=random.integers(len(TOPICS), size=cases),
        product=np.where(random.random(cases) < _NO_PRODUCT, NONE, random.integers(len(PRODUCTS), size=cases)),
        priority=random.choice([1, 2, 3], cases, p=[0.16, 0.64, 0.20]),
        is_classified=random.random(cases) < np.where(channel == Channel.PHONE, 0.85, 0.6),
        duplicate_of=duplicate_of,
        parent=parent,
    )


def _times(
    cases: int, span: tuple[int, int], office: Calendar, random: np.random.Generator
) -> tuple[IntArray, IntArray, IntArray]:
    """Instants in order, the moment of the import for imported cases, and channels."""
    channel = random.choice(_CHANNELS, cases, p=_CHANNEL_SHARES)
    at = _draw(channel, span, random)
    for _ in range(_ATTEMPTS):
        impossible = (at < span[0] + HOUR) | (at > span[1]) | ((channel == Channel.PHONE) & ~office.is_open(at))
        at[impossible] = _draw(channel[impossible], span, random)
    at, imported_at = _import_some(np.clip(at, span[0], span[1]), span, random)
    order = np.argsort(at, kind="stable")
    return at[order], imported_at[order], channel[order]


def _draw(channel: IntArray, span: tuple[int, int], random: np.random.Generator) -> IntArray:
    days = _local_days(span)
    weights = np.array([_DAY_WEIGHTS[day.weekday()] for day in days]) * random.uniform(0.85, 1.15, len(days))
    day = random.choice([midnight(day) for day in days], len(channel), p=weights / weights.sum())
    daytime = random.normal(random.choice(_PEAKS, len(channel)), _PEAK_WIDTH).astype(np.int64)
    anytime = random.integers(DAY, size=len(channel))
    is_machine = (channel == Channel.IOT) | (random.random(len(channel)) < 0.12)
    return day + np.where(is_machine & (channel != Channel.PHONE), anytime, np.clip(daytime, 0, DAY - 1))


def _local_days(span: tuple[int, int]) -> list[date]:
    first, last = (datetime.fromtimestamp(at, UTC).astimezone(ZONE).date() for at in span)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _import_some(at: IntArray, span: tuple[int, int], random: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Some cases come from an older system: dated at local midnight, taken over a day or more later."""
    midnights = np.array([midnight(day) for day in _local_days(span)])
    dated = midnights[np.maximum(np.searchsorted(midnights, at, side="right") - 1, 0)]
    taken_over = dated + DAY + 9 * HOUR + random.integers(6 * HOUR, size=len(at))
    imported = (random.random(len(at)) < _IMPORTED) & (dated > span[0]) & (taken_over <= span[1])
    return np.where(imported, dated, at), np.where(imported, taken_over, NONE)


def _neighbours(at: IntArray, share: float, among: BoolArray, random: np.random.Generator) -> IntArray:
    """For some cases one that came in up to five cases and at least twenty minutes before."""
    other = np.maximum(np.arange(len(at)) - random.integers(1, 6, size=len(at)), 0)
    fits = (random.random(len(at)) < share) & among & among[other]
    fits &= at - at[other] >= 20 * MINUTE
    return np.where(fits, other, NONE)


def _is_relative(relative: IntArray, property_: BoolArray) -> BoolArray:
    """Whether the case that each one points to has a property; false where it points to none."""
    return (relative >= 0) & property_[relative]


def _same_customer(customer: IntArray, relative: IntArray) -> IntArray:
    """Give related cases the customer of the earliest one; each pass doubles the length of chains that are followed."""
    earliest = np.where(relative >= 0, relative, np.arange(len(relative)))
    for _ in range(6):
        earliest = earliest[earliest]
    return customer[earliest]
