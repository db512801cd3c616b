"""How long to wait before the same request is sent again, and when to give up.

Pure arithmetic: nothing here sleeps or sends. What is worth retrying is decided by the class of the error.
"""

import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from d365_pm.dataverse.errors import ThrottledError, TransientError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Patience with one request.

    Attributes:
        attempts: Tries of one request, the first included, before a fault is final.
        throttles: Further waits that the server itself asks for with 429 and `Retry-After`. They are no faults: the
            limits count over five minutes, so that a busy environment may ask several times in a row.
        first_pause: Seconds before the second try; doubled for each further one.
        longest_pause: Upper bound of our own pauses in seconds; never cuts what the server asks for.
    """

    attempts: int = 8
    throttles: int = 60
    first_pause: float = 0.5
    longest_pause: float = 30.0


@dataclass(slots=True)
class Patience:
    """What is left of a policy for one request."""

    policy: RetryPolicy
    faults: int = field(default=0, init=False)
    waits: int = field(default=0, init=False)

    def pause(self, error: TransientError) -> float | None:
        """Seconds to wait after this error; None when patience has ended."""
        if isinstance(error, ThrottledError) and error.retry_after is not None:
            self.waits += 1
            return _asked(error.retry_after) if self.waits <= self.policy.throttles else None
        self.faults += 1
        if self.faults >= self.policy.attempts:
            return None
        return _asked(error.retry_after) if error.retry_after is not None else self._backoff()

    def _backoff(self) -> float:
        bound = min(self.policy.longest_pause, self.policy.first_pause * 2.0 ** (self.faults - 1))
        return bound * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


def _asked(seconds: float) -> float:
    """In full, plus a jitter below half a second so that waiting requests do not return as one herd."""
    return seconds + random.uniform(0.0, min(0.5, seconds * 0.02))  # noqa: S311


def parse_retry_after(value: str | None, *, now: datetime | None = None) -> float | None:
    """Seconds of a `Retry-After` header.

    Args:
        value: A number of seconds or an HTTP date; anything else is as good as none.
        now: Clock, for tests.
    """
    if value is None:
        return None
    try:
        seconds = float(value.strip())
    except ValueError:
        return _until(value, now or datetime.now(UTC))
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _until(value: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
