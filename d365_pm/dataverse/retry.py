"""How long to wait before the same request is sent again, and when to give up.

Pure arithmetic: nothing here sleeps or sends. What is worth retrying is decided by the class of the error; a pause that
holds for all requests is kept by the gate (`gate.py`).
"""

import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from d365_pm.dataverse.errors import ExhaustedError, ShrinkError, ThrottledError, TransientError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Patience with one request.

    Attributes:
        attempts: Tries of one request, the first included, before a fault is final.
        shrink_attempts: The same for a question that is too large for the server: a smaller one helps more than
            asking again.
        throttles: Further waits when the server limits us. They are no faults: the limits count over five minutes, so
            that a busy environment may ask several times in a row.
        longest_throttle: Seconds of such waits, all together, that one request is worth. A server that asks for more
            is not obeyed halfway: the request is given up.
        first_pause: Seconds before the second try; doubled for each further one.
        longest_pause: Upper bound of our own pauses in seconds; never cuts what the server asks for.
        exhausted_pause: Seconds before the second try when the database is out of resources; doubled for each further
            one, up to five times as long.
    """

    attempts: int = 8
    shrink_attempts: int = 4
    throttles: int = 60
    longest_throttle: float = 6 * 3600.0
    first_pause: float = 0.5
    longest_pause: float = 30.0
    exhausted_pause: float = 60.0


@dataclass(slots=True)
class Patience:
    """What is left of a policy for one request."""

    policy: RetryPolicy
    faults: int = field(default=0, init=False)
    shrinks: int = field(default=0, init=False)
    waits: int = field(default=0, init=False)
    waited: float = field(default=0.0, init=False)

    def pause(self, error: TransientError) -> float | None:
        """Seconds to wait after this error, never less than the server asks for; None when patience has ended."""
        if isinstance(error, ThrottledError):
            return self._throttled(error)
        self.faults += 1
        self.shrinks += isinstance(error, ShrinkError)
        if self.faults >= self.policy.attempts or self.shrinks >= self.policy.shrink_attempts:
            return None
        if error.retry_after is not None:
            return self._bounded(error.retry_after)
        if isinstance(error, ExhaustedError):
            first = self.policy.exhausted_pause
            return _spread(min(5 * first, first * 2.0 ** (self.faults - 1)))
        return self._backoff(self.faults)

    def _throttled(self, error: ThrottledError) -> float | None:
        self.waits += 1
        if self.waits > self.policy.throttles:
            return None
        return self._bounded(self._backoff(self.waits + 1) if error.retry_after is None else error.retry_after)

    def _bounded(self, seconds: float) -> float | None:
        self.waited += seconds
        return seconds if self.waited <= self.policy.longest_throttle else None

    def _backoff(self, number: int) -> float:
        return _spread(min(self.policy.longest_pause, self.policy.first_pause * 2.0 ** (number - 1)))


def concerns_all(error: TransientError) -> bool:
    """Whether the pause after an error holds for every request of the user, not only for the one that met it."""
    return error.retry_after is not None or isinstance(error, (ThrottledError, ExhaustedError))


def _spread(bound: float) -> float:
    return bound * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


def parse_retry_after(value: str | None, *, now: datetime | None = None) -> float | None:
    """Seconds of a `Retry-After` header.

    Args:
        value: A number of seconds or an HTTP date; anything else is as good as none.
        now: The server's own clock, so that a difference to ours neither shortens nor lengthens the wait; ours if None.
    """
    if value is None:
        return None
    try:
        seconds = float(value.strip())
    except ValueError:
        moment = parse_http_date(value)
        return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds()) if moment else None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def parse_http_date(value: str | None) -> datetime | None:
    """The instant of a header such as `Date`; None for anything else."""
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
