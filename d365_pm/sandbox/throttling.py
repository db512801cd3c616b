"""The service protection limits: per user and per simulated web server, over a sliding window.

Belongs here: counting, refusing, and choosing the web server (Web API reference 6.1). Does not belong here: what is
answered otherwise. Every server counts for itself, so that a client without the affinity cookie has all their limits.
"""

import itertools
import math
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from d365_pm.errors import D365PMError
from d365_pm.sandbox.errors import ApiError

_AFFINITY = re.compile(r"(?:^|;\s*)ARRAffinity=(?P<server>[0-9a-f]+)")
_LONGEST_WAIT = 3600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one web server for one user.

    Attributes:
        requests: Requests within the window.
        execution_seconds: Seconds of combined execution within the window.
        concurrency: Requests at the same time.
        window_seconds: Length of the window.
        servers: Number of simulated web servers.
    """

    requests: int = 6000
    execution_seconds: float = 1200.0
    concurrency: int = 52
    window_seconds: float = 300.0
    servers: int = 1


class LimitsTextError(D365PMError):
    """The value of `--throttle` cannot be read."""


_NAMES = {
    "requests": "requests",
    "execution": "execution_seconds",
    "concurrency": "concurrency",
    "window": "window_seconds",
    "servers": "servers",
}


def parse_limits(text: str) -> Limits:
    """Limits from a text such as `requests=100,window=10`; `real` stands for those of a real environment.

    Raises:
        LimitsTextError: Another name, or no number.
    """
    given: dict[str, Any] = {}
    for part in text.split(",") if text != "real" else ():
        name, _, value = part.strip().partition("=")
        if name not in _NAMES or not value.replace(".", "", 1).isdigit():
            raise LimitsTextError(f"--throttle {text}: give 'real' or {'=, '.join(_NAMES)}= with numbers.")
        is_seconds = _NAMES[name].endswith("_seconds")
        given[_NAMES[name]] = float(value) if is_seconds else max(1, int(float(value)))
    return Limits(**given)


class ThrottledApiError(ApiError):
    """A refusal with the seconds to wait."""

    def __init__(self, code: str, message: str, retry_after: int) -> None:
        super().__init__(429, code, message)
        self.retry_after = retry_after


@dataclass(slots=True)
class _Meter:
    """What one user has asked of one server."""

    starts: deque[float] = field(default_factory=deque)
    executed: deque[tuple[float, float]] = field(default_factory=deque)
    running: int = 0
    refused: int = 0
    closed_until: float = 0.0
    refusal: tuple[str, str] = ("", "")

    def forget(self, before: float) -> None:
        while self.starts and self.starts[0] <= before:
            self.starts.popleft()
        while self.executed and self.executed[0][0] <= before:
            self.executed.popleft()

    @property
    def execution(self) -> float:
        return sum(seconds for _, seconds in self.executed)


class Throttle:
    """The limits of one environment; safe to use from several threads.

    Args:
        limits: The limits; None never refuses.
        clock: Seconds on a steady clock.
    """

    def __init__(self, limits: Limits | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._meters: dict[tuple[str, int], _Meter] = {}
        self._turns = itertools.count()
        self._lock = threading.Lock()

    def server_of(self, cookie: str | None) -> int:
        """The web server of a request: the cookie's, or the next in turn."""
        if self._limits is None:
            return 0
        match = _AFFINITY.search(cookie or "")
        number = int(match["server"], 16) if match else next(self._turns)
        return number % self._limits.servers

    def enter(self, user: str, server: int) -> None:
        """Count a request in; whoever enters must leave.

        Raises:
            ThrottledApiError: A limit is exceeded; the request has not entered.
        """
        if self._limits is None:
            return
        with self._lock:
            meter, now = self._meter(user, server), self._clock()
            self._refuse_if_closed(meter, now)
            self._refuse_if_exceeded(meter, self._limits, now)
            meter.refused = 0
            meter.starts.append(now)
            meter.running += 1

    def leave(self, user: str, server: int, started: float) -> None:
        """Count a request out.

        Args:
            user: As at its entrance.
            server: As at its entrance.
            started: The clock at its entrance.
        """
        if self._limits is None:
            return
        with self._lock:
            meter, now = self._meter(user, server), self._clock()
            meter.running -= 1
            meter.executed.append((now, now - started))

    def headers(self, user: str, server: int, *, hint: int) -> dict[str, str]:
        """What an answer tells of the limits.

        Args:
            user: Who asked.
            server: Where.
            hint: Recommended parallelism while nothing is exceeded.
        """
        if self._limits is None:
            return {"x-ms-dop-hint": str(hint)}
        with self._lock:
            meter, now = self._meter(user, server), self._clock()
            requests = max(0, self._limits.requests - len(meter.starts))
            seconds = max(0.0, self._limits.execution_seconds - meter.execution)
            is_closed = now < meter.closed_until or meter.refused > 0
        return {
            "Set-Cookie": f"ARRAffinity={server:064x};Path=/;HttpOnly;Secure",
            "x-ms-dop-hint": str(max(1, hint // 2) if is_closed else hint),
            "x-ms-ratelimit-burst-remaining-xrm-requests": str(requests),
            "x-ms-ratelimit-time-remaining-xrm-requests": f"{seconds:,.2f}",
        }

    def now(self) -> float:
        """The clock."""
        return self._clock()

    def _meter(self, user: str, server: int) -> _Meter:
        meter = self._meters.setdefault((user, server), _Meter())
        if self._limits is not None:
            meter.forget(self._clock() - self._limits.window_seconds)
        return meter

    def _refuse_if_closed(self, meter: _Meter, now: float) -> None:
        """Who goes on asking waits longer: each further request costs a tenth of the window's first wait."""
        if now >= meter.closed_until:
            return
        meter.refused += 1
        meter.closed_until = min(meter.closed_until + max(1.0, meter.refused * 0.5), now + _LONGEST_WAIT)
        raise ThrottledApiError(*meter.refusal, _whole(meter.closed_until - now))

    def _refuse_if_exceeded(self, meter: _Meter, limits: Limits, now: float) -> None:
        if meter.running >= limits.concurrency:
            meter.refused += 1
            text = f"Number of concurrent requests exceeded the limit of {limits.concurrency}."
            raise ThrottledApiError("0x80072326", text, meter.refused)
        window = f"over time window of {limits.window_seconds:g} seconds."
        if len(meter.starts) >= limits.requests:
            text = f"Number of requests exceeded the limit of {limits.requests} {window}"
            self._close(meter, ("0x80072322", text), meter.starts[0] + limits.window_seconds, now)
        if meter.execution >= limits.execution_seconds:
            text = (
                "Combined execution time of incoming requests exceeded limit of "
                f"{round(limits.execution_seconds * 1000):,} milliseconds {window} Decrease number of concurrent "
                "requests or reduce the duration of requests and try again later."
            )
            self._close(meter, ("0x80072321", text), meter.executed[0][0] + limits.window_seconds, now)

    @staticmethod
    def _close(meter: _Meter, refusal: tuple[str, str], until: float, now: float) -> None:
        meter.closed_until, meter.refusal = until, refusal
        meter.refused += 1
        raise ThrottledApiError(*refusal, _whole(until - now))


def _whole(seconds: float) -> int:
    return max(1, math.ceil(seconds))
