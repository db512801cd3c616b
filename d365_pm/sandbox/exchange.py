"""One request on its way through the sandbox, as far as the request log wants to know.

Belongs here: collecting the facts of an entry. Does not belong here: keeping them (`request_log.py`).
"""

import time

from starlette.requests import Request
from starlette.responses import Response

from d365_pm.sandbox.request_log import Entry, kept_headers, now
from d365_pm.sandbox.request_target import Target, target_of


class Exchange:
    """A request and what becomes known of it while it is answered.

    Args:
        request: The request.
        path: Path below the version of the API, decoded.
        query: Query part, undecoded.
        server: Number of the simulated web server.
        target: What it aims at, where the path does not tell.

    Attributes:
        user: Id of the signed-in user, once known.
        fault: Kind of the fault that was played.
    """

    def __init__(self, request: Request, path: str, query: str, server: int, *, target: Target | None = None) -> None:
        self.path = path
        self.query = query
        self.server = server
        self.target = target or target_of(path, query)
        self.user: str | None = None
        self.fault: str | None = None
        self._request = request
        self._time, self._started = now(), time.monotonic()

    def entry(self, response: Response) -> Entry:
        """The entry of the log."""
        request = self._request
        return Entry(
            time=self._time,
            method=request.method,
            path=self.path,
            query=self.query,
            prefer=",".join(request.headers.getlist("Prefer")),
            status=response.status_code,
            user=self.user,
            server=self.server,
            table=self.target.entity_set,
            page=self.target.page,
            fault=self.fault,
            headers=kept_headers(request.headers),
            started=self._started,
            ended=time.monotonic(),
        )
