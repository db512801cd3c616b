"""A wire between client and sandbox that plants secrets into what passes, and fails on purpose with them in its mouth.

Belongs here: what is planted and the kinds of failure. Where they must not turn up is said by `test_privacy.py`.
"""

import gzip
import json
from collections.abc import Callable
from typing import Any

import httpx

ROW, COOKIE, WORDS = "planted-row-value-7Q", "planted-cookie-3Z", "planted-words-of-the-server-5K"
"""Content of a row, of a link, and what a server says, which may repeat both."""

JSON = {"Content-Type": "application/json"}

Failure = Callable[[httpx.Request, str], httpx.Response]
"""Makes the answer to a page; is given the request and the token that came with it."""


class Planter(httpx.AsyncBaseTransport):
    """Passes requests on to the real transport; plants into pages of cases, and fails on the second one."""

    def __init__(self, inner: httpx.AsyncBaseTransport, failure: Failure, *, on_first_page: bool = False) -> None:
        self._inner = inner
        self._failure = failure
        self._on_first_page = on_first_page
        self.tokens: set[str] = set()
        self.failures = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.tokens.add(token)
        is_page = request.url.path.endswith("/incidents")
        if is_page and (self._on_first_page or COOKIE in str(request.url)):
            self.failures += 1
            return self._failure(request, token)
        request.headers["Accept-Encoding"] = "identity"
        answer = await self._inner.handle_async_request(request)
        return await _planted(answer) if is_page and answer.status_code == 200 else answer

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _planted(answer: httpx.Response) -> httpx.Response:
    page = json.loads(await answer.aread())
    await answer.aclose()
    for row in page["value"]:
        row["title"] = ROW
    page["@odata.nextLink"] = f"{page['@odata.nextLink']}&cookie={COOKIE}"
    headers = {**JSON, "OData-Version": "4.0", "Set-Cookie": f"ARRAffinity={COOKIE}"}
    return _answer(200, json.dumps(page), **headers)


def _answer(status: int, body: str | bytes, **headers: str) -> httpx.Response:
    content = body.encode() if isinstance(body, str) else body
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))


def _error(status: int, code: str, **headers: str) -> Failure:
    def fail(request: httpx.Request, token: str) -> httpx.Response:
        words = f"{WORDS} {ROW} {COOKIE} {token} 'prv{ROW}' property named '{ROW} x' entity '{ROW} y'"
        return _answer(status, json.dumps({"error": {"code": code, "message": words}}), **JSON, **headers)

    return fail


def _rows(*rows: dict[str, Any], link: str | None = None) -> Failure:
    def fail(request: httpx.Request, token: str) -> httpx.Response:
        page: dict[str, Any] = {"@odata.context": f"{WORDS}#incidents", "value": list(rows)}
        if link is not None:
            page["@odata.nextLink"] = link or str(request.url)
        return _answer(200, json.dumps(page), **JSON)

    return fail


def _whole(body: Callable[[str], str], status: int = 200, **headers: str) -> Failure:
    return lambda request, token: _answer(status, body(token), **headers)


def _raising(kind: type[httpx.TransportError]) -> Failure:
    def fail(request: httpx.Request, token: str) -> httpx.Response:
        raise kind(f"{WORDS} {ROW} {token}", request=request)

    return fail


def _damaged(request: httpx.Request, token: str) -> httpx.Response:
    body = gzip.compress(f"{ROW} {token}".encode())[:-9]
    return _answer(200, body, **JSON, **{"Content-Encoding": "gzip"})


_KEY = {"incidentid": "00000000-0000-0000-0000-00000000000a"}

FAILURES: dict[str, Failure] = {
    "400": _error(400, "0x80060888"),
    "400-odd-code": _error(400, f"{ROW} {COOKIE}"),
    "400-paging": _error(400, "0x80041129"),
    "403-privilege": _error(403, "0x80040220"),
    "403-user": _error(403, "0x80072560"),
    "404-record": _error(404, "0x80040217"),
    "404-table": _error(404, "0x80041102"),
    "429-for-ever": _error(429, "0x80072322", **{"Retry-After": "0"}),
    "429-odd-wait": _error(429, "0x80072322", **{"Retry-After": WORDS, "Date": WORDS, "x-ms-dop-hint": WORDS}),
    "500-sql": _error(500, "0x80044151"),
    "500-odd-request-id": _error(500, "0x80040216", **{"x-ms-service-request-id": f"{WORDS} {ROW}"}),
    "502-page": _whole(lambda token: f"<p>{WORDS} {ROW} {token}</p>", 502, **{"Content-Type": "text/html"}),
    "401": _whole(lambda token: "", 401, **{"WWW-Authenticate": WORDS, "401_error_reason": f"{WORDS} {ROW}"}),
    "302": _whole(lambda token: "", 302, Location=f"https://example.org/{WORDS}/{ROW}"),
    "200-page": _whole(lambda token: f"<p>{WORDS} {ROW} {token}</p>", **{"Content-Type": "text/html"}),
    "200-error": _error(200, "0x80040216"),
    "200-cut": _whole(lambda token: '{"value":[{"title":"' + ROW, **JSON),
    "200-odd-encoding": _whole(lambda token: ROW, **JSON, **{"Content-Encoding": ROW}),
    "damaged-gzip": _damaged,
    "odd-value": _rows(_KEY | {"title": {"deep": ROW}}),
    "odd-time": _rows(_KEY | {"createdon": ROW}),
    "odd-number": _rows(_KEY | {"statecode": ROW}),
    "odd-key": _rows({"incidentid": ROW}),
    "no-key": _rows({"title": ROW}),
    "repeated-link": _rows(_KEY | {"title": ROW}, link=""),
    "foreign-link": _rows(_KEY | {"title": ROW}, link=f"https://example.org/{COOKIE}/{ROW}"),
    "no-link": _rows(_KEY | {"title": ROW}, link=f"https://[{COOKIE}"),
    "cut-connection": _raising(httpx.ReadError),
    "read-timeout": _raising(httpx.ReadTimeout),
    "protocol": _raising(httpx.RemoteProtocolError),
}
