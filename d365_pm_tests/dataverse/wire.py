"""A Dataverse made of canned answers, for tests of the client on the wire level."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

import httpx

from d365_pm.dataverse.auth import Token, TokenSource
from d365_pm.dataverse.connection import Connection, build_http
from d365_pm.dataverse.retry import RetryPolicy

ORG = "https://contoso.crm4.dynamics.com"
BASE = f"{ORG}/api/data/v9.2/"

Handler = Callable[[httpx.Request], httpx.Response]
T = TypeVar("T")


class NumberedIssuer:
    """Issues token-1, token-2, …"""

    def __init__(self, lifetime: float = 3600.0) -> None:
        self.issued = 0
        self.lifetime = lifetime

    def issue(self) -> Token:
        self.issued += 1
        return Token(f"token-{self.issued}", self.lifetime)

    def close(self) -> None:
        pass


class Recorder:
    """Answers from a handler and remembers the requests."""

    def __init__(self, handler: Handler) -> None:
        self.requests: list[httpx.Request] = []
        self._handler = handler

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._handler(request)
        # Canned content counts as read, but the connection reads the raw stream; each request gets its own copy.
        canned = httpx.ByteStream(answer.content) if answer.is_stream_consumed else answer.stream
        return httpx.Response(answer.status_code, headers=answer.headers, stream=canned)

    @property
    def urls(self) -> list[str]:
        return [str(request.url) for request in self.requests]


class Setup:
    """A connection on a handler; pauses are recorded, not slept."""

    def __init__(self, handler: Handler, *, policy: RetryPolicy | None = None, budget: int | None = None) -> None:
        self.recorder = Recorder(handler)
        self.issuer = NumberedIssuer()
        self.pauses: list[float] = []
        http = build_http(verify=False)
        http._transport = httpx.MockTransport(self.recorder)
        self.connection = Connection(
            ORG, tokens=TokenSource(self.issuer), http=http, policy=policy, budget=budget, sleep=self._note
        )

    async def _note(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def get(self, url: str, *, times: int = 1, **options: Any) -> Any:
        """Get a URL several times in one event loop; the last answer."""

        async def repeat() -> Any:
            return [await self.connection.get(url, **options) for _ in range(times)][-1]

        return run(repeat())


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


async def collect(pages: AsyncIterator[T]) -> list[T]:
    return [page async for page in pages]


def scripted(*answers: httpx.Response | Exception) -> Handler:
    """Gives one answer after the other, the last one for ever."""
    left = list(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handler


def error(status: int, code: str, message: str = "", **headers: str) -> httpx.Response:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"error": {"code": code, "message": message}}, headers=fields)


def guid(number: int) -> str:
    """An id of Dataverse's form; they sort as the numbers do."""
    return f"00000000-0000-0000-0000-{number:012d}"


def rows(*values: dict[str, Any], link: str | None = None) -> httpx.Response:
    body: dict[str, Any] = {"@odata.context": f"{BASE}$metadata#incidents", "value": list(values)}
    return httpx.Response(200, json=body | ({"@odata.nextLink": link} if link else {}))
