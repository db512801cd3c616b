"""What a connection has sent, received and waited: figures of a run, for logs, asset metadata and forecasts.

Counts only; what the figures mean for the next request is decided elsewhere.
"""

from dataclasses import dataclass

from d365_pm.dataverse.errors import ThrottledError, TransientError


@dataclass(frozen=True, slots=True)
class ConnectionStatistics:
    """The figures of one connection up to a moment.

    Attributes:
        requests: Requests that were sent, repetitions included; each counts against the entitlement of 24 hours.
        throttled: Answers with which the server refused a request because of a limit.
        faults: Other answers, or silences, after which a request was sent again or given up.
        given_up: Requests that ended without an answer.
        waited_seconds: Time for which all requests were held back because the server asked for it.
        server_seconds: Sum of the times from the first byte sent to the last received: an upper bound of the execution
            time of which a user has 1,200 s in any 300 s and on each web server.
        bytes_received: Content as it came over the wire, compressed.
        concurrency: Requests that may be under way at once just now.
        largest_concurrency: Most requests that were under way at once.
        recommended: The server's latest advice on requests at once; None if it gave none.
    """

    requests: int
    throttled: int
    faults: int
    given_up: int
    waited_seconds: float
    server_seconds: float
    bytes_received: int
    concurrency: int
    largest_concurrency: int
    recommended: int | None


@dataclass(slots=True)
class Tally:
    """The counters behind the figures; the meanings are those of `ConnectionStatistics`."""

    requests: int = 0
    throttled: int = 0
    faults: int = 0
    given_up: int = 0
    waited_seconds: float = 0.0
    server_seconds: float = 0.0
    bytes_received: int = 0
    largest_concurrency: int = 0
    recommended: int | None = None

    def count(self, error: TransientError) -> None:
        """Take note of an answer that was none."""
        if isinstance(error, ThrottledError):
            self.throttled += 1
        else:
            self.faults += 1

    def snapshot(self, *, concurrency: int) -> ConnectionStatistics:
        """The figures as they are now."""
        return ConnectionStatistics(
            requests=self.requests,
            throttled=self.throttled,
            faults=self.faults,
            given_up=self.given_up,
            waited_seconds=self.waited_seconds,
            server_seconds=self.server_seconds,
            bytes_received=self.bytes_received,
            concurrency=concurrency,
            largest_concurrency=self.largest_concurrency,
            recommended=self.recommended,
        )
