"""What clients have asked of this sandbox, for tests that assert headers, order, retries and concurrency.

Belongs here: one entry per request, in bounded memory. Does not belong here: tokens, secrets and bodies, which are
never kept, and what a request means (`request_target.py`).
"""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

_KEPT = 10_000
_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "callerobjectid",
        "consistency",
        "content-type",
        "cookie",
        "if-none-match",
        "mscrmcallerid",
        "odata-maxversion",
        "odata-version",
        "user-agent",
        "x-ms-client-request-id",
        "x-ms-correlation-id",
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and how it was answered.

    Attributes:
        time: When it came (UTC).
        method: HTTP method.
        path: Path below the version of the API; the whole path for sign-in.
        query: Query part, undecoded.
        prefer: The `Prefer` header; several lines are joined by commas.
        headers: Further headers that tests ask about, names in lower case; never the token.
        status: HTTP status of the answer; None where none was sent.
        user: Id of the signed-in user; None without a valid token.
        server: Number of the simulated web server, the first being 0.
        table: Entity set in the path, None where there is none.
        page: Ordinal of the page within its read, the first being 1; None where no rows are read.
        fault: Kind of the scripted fault that was played, if any.
        started: Seconds on a steady clock when it came.
        ended: Seconds on the same clock when its answer was ready to be sent.
    """

    time: datetime
    method: str
    path: str
    query: str
    prefer: str
    status: int | None
    user: str | None = None
    server: int = 0
    table: str | None = None
    page: int | None = None
    fault: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    started: float = 0.0
    ended: float = 0.0


class RequestLog:
    """The newest requests, oldest first; safe to use from several threads.

    Args:
        kept: Number of entries after which the oldest is forgotten.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._lock = threading.Lock()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """A copy, in the order in which the answers were ready."""
        with self._lock:
            return tuple(self._entries)

    def add(self, entry: Entry) -> None:
        """Keep an entry."""
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forget all entries."""
        with self._lock:
            self._entries.clear()

    def pages_of(self, table: str) -> tuple[Entry, ...]:
        """Requests for rows of an entity set."""
        return tuple(entry for entry in self.entries if entry.table == table and entry.page is not None)

    def most_at_once(self) -> int:
        """Largest number of requests that were being answered at the same instant."""
        moments = [(entry.started, 1) for entry in self.entries] + [(entry.ended, -1) for entry in self.entries]
        running = most = 0
        for _, change in sorted(moments):
            running += change
            most = max(most, running)
        return most


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that an entry keeps."""
    return {name.lower(): value for name, value in headers.items() if name.lower() in _HEADERS}


def now() -> datetime:
    """The instant of an entry."""
    return datetime.now(UTC)
