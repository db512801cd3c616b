"""The circuit breaker of a run: when an environment is down, each further request need not find it out anew."""

import time
from collections.abc import Callable

from d365_pm.dataverse.errors import (
    ConnectionFailedError,
    OutageError,
    ServerFaultError,
    ShrinkError,
    ThrottledError,
    TransientError,
)

_IN_A_ROW = 3
_REST = 60.0


class Breaker:
    """Refuses requests after several were given up in a row; lets one try again after a rest.

    Args:
        clock: Seconds of a clock that never goes back; for tests.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._given_up = 0
        self._rests_until = 0.0

    def check(self) -> None:
        """Pass, or stop before asking.

        Raises:
            OutageError: Nothing was answered lately, and the rest is not over.
        """
        if self._given_up < _IN_A_ROW:
            return
        now = self._clock()
        if now < self._rests_until:
            raise OutageError(
                f"Dataverse answered none of the last {self._given_up} requests, each tried several times: look at the "
                "service health of the environment, and run again later."
            )
        # Whoever comes while this one tries is still refused.
        self._rests_until = now + _REST

    def succeeded(self) -> None:
        """A request was answered."""
        self._given_up = 0

    def given_up(self, error: TransientError) -> None:
        """A request was given up; one that asks too much says nothing about the environment."""
        if isinstance(error, (ConnectionFailedError, ServerFaultError, ThrottledError)) and not isinstance(
            error, ShrinkError
        ):
            self._given_up += 1
            self._rests_until = self._clock() + _REST
