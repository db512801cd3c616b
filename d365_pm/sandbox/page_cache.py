"""Long answers that are kept and sent again, as long as no row has changed.

For benchmarks of clients: a real server is another machine, while ours takes its processor time from the client that is
measured. Off unless asked for.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable

from starlette.responses import Response

_LONG = 50_000
"""Bytes from which an answer is worth keeping."""


class PageCache:
    """The answers used last; safe for several threads.

    Args:
        most: Number of answers to keep; 0 keeps none.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Response] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def is_on(self) -> bool:
        """Whether anything is kept."""
        return self._most > 0

    def find(self, key: Hashable) -> Response | None:
        """The answer to the same question, with the headers that it had."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        return Response(found.body, found.status_code, dict(found.headers)) if found is not None else None

    def keep(self, key: Hashable, response: Response) -> None:
        """Remember an answer if it is long and good."""
        if response.status_code != 200 or len(response.body) < _LONG:
            return
        with self._lock:
            self._kept[key] = response
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
