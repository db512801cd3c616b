"""One connection to one environment: headers, tokens, retries, and the promise that an answer is whole.

Belongs here: sending a request until it is answered, refused or given up. Does not belong here: what is asked
(`query.py`) and what the content means. Every reader of this package goes through `Connection`, so that all requests
of the user pass one gate (`gate.py`).
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeVar

import httpx

from d365_pm.dataverse.auth import TokenSource
from d365_pm.dataverse.breaker import Breaker
from d365_pm.dataverse.codes import CONCURRENCY
from d365_pm.dataverse.diagnosis import diagnose, diagnose_silence, not_a_dataverse
from d365_pm.dataverse.errors import DataverseError, GarbledReplyError, TransientError
from d365_pm.dataverse.gate import MOST, Gate, Passage, parse_advice
from d365_pm.dataverse.reply import Reply, error_code, inflate
from d365_pm.dataverse.retry import Patience, RetryPolicy, concerns_all
from d365_pm.dataverse.statistics import ConnectionStatistics, Tally

logger = logging.getLogger(__name__)

Content = TypeVar("Content")
Sleep = Callable[[float], Awaitable[None]]

API = "/api/data/v9.2/"

_HEADERS = {
    "Accept-Encoding": "gzip",
    # The literal word: stops cached answers (reference 1.2).
    "If-None-Match": "null",
    "OData-MaxVersion": "4.0",
    "OData-Version": "4.0",
    "User-Agent": "d365-pm",
}
# Platform requests are cut at about two minutes; a shorter patience would cut wide pages that were on their way.
_TIMEOUT = httpx.Timeout(connect=30.0, read=180.0, write=60.0, pool=None)
# The read timeout starts anew with every byte, so that a trickle alone would never end.
_LONGEST_ANSWER = 900.0


def build_http(*, verify: ssl.SSLContext | bool = True, trust_env: bool = True) -> httpx.AsyncClient:
    """The HTTP client that suits Dataverse.

    HTTP/1.1, because HTTP/2 halves the speed of pages of tens of MB (engine reference 5). No cookies, because the
    affinity cookie would bind all requests, and their limits, to one web server.
    """
    # At INFO httpx writes every URL, and links hold ids and values of rows.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return httpx.AsyncClient(
        verify=verify,
        trust_env=trust_env,
        timeout=_TIMEOUT,
        # The gate bounds the connections; kept a minute, so that a pause does not cost a handshake each.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=MOST, keepalive_expiry=60.0),
        headers=_HEADERS,
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Call:
    """One request, as it is sent each time."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None = None


class Connection:
    """Sends requests to one environment, as one signed-in user.

    Args:
        url: Address of the environment, without a path.
        tokens: Where bearer tokens come from.
        http: What sends; `build_http` makes one that suits.
        policy: Patience with one request.
        most: Requests at once that are never passed; the server's advice and `gate.MOST` are further bounds.
        sleep: Waits; for tests.
        clock: Seconds of a clock that never goes back; for tests.
    """

    def __init__(
        self,
        url: str,
        *,
        tokens: TokenSource,
        http: httpx.AsyncClient,
        policy: RetryPolicy | None = None,
        most: int = MOST,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base = f"{url}{API}"
        self.origin = httpx.URL(url)
        self._tokens = tokens
        self._http = http
        self._policy = policy or RetryPolicy()
        self._sleep = sleep
        self._tally = Tally()
        self._gate = Gate(most=most, sleep=sleep, clock=clock, tally=self._tally)
        self._breaker = Breaker(clock=clock)
        self._reached = False

    @property
    def statistics(self) -> ConnectionStatistics:
        """What was sent, received and waited until now."""
        return self._tally.snapshot(concurrency=self._gate.limit)

    async def get(
        self,
        url: str,
        *,
        parse: Callable[[Reply], Content],
        prefer: str | None = None,
        accept: str = "application/json",
    ) -> Content:
        """GET a URL, byte for byte, and read the answer.

        Args:
            url: Absolute URL of this environment.
            parse: Reads a successful answer, in a worker thread; a `GarbledReplyError` of it is retried.
            prefer: The `Prefer` header.
            accept: The `Accept` header.

        Raises:
            TransientError: The last one, when patience has ended.
            PermanentError: At once.
        """
        return await self._answered(_Call("GET", url, _headers(accept, prefer)), parse)

    async def post(
        self, url: str, *, content: bytes, media_type: str, parse: Callable[[Reply], Content], prefer: str | None = None
    ) -> Content:
        """POST a question that changes nothing (`$batch` of GETs), with the same promises as `get`."""
        headers = {**_headers("*/*", prefer), "Content-Type": media_type}
        return await self._answered(_Call("POST", url, headers, content), parse)

    async def _answered(self, call: "_Call", parse: Callable[[Reply], Content]) -> Content:
        self._breaker.check()
        patience = Patience(self._policy)
        while True:
            try:
                content = await self._attempt(call, parse)
            except TransientError as error:
                # No await between the answer and here: nobody may slip through before the gate closes.
                pause = self._after(error, patience)
            else:
                self._breaker.succeeded()
                return content
            if pause:
                await self._sleep(pause)

    def _after(self, error: TransientError, patience: Patience) -> float:
        """Seconds that the request waits by itself before it is sent again; the gate may hold it for longer.

        Raises:
            TransientError: The same, when patience has ended.
        """
        self._tally.count(error)
        pause = patience.pause(error)
        if pause is None:
            self._tally.given_up += 1
            self._breaker.given_up(error)
            raise error
        logger.warning("%s Trying again in %.1f s.", error, pause)
        if not concerns_all(error):
            return pause
        self._gate.pause(pause)
        return 0.0

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()
        self._tokens.close()

    async def _attempt(self, call: "_Call", parse: Callable[[Reply], Content]) -> Content:
        reply = await self._authorised(call)
        if reply.status >= 300:
            raise diagnose(reply, host=self.origin.host)
        try:
            content = await asyncio.to_thread(parse, reply)
        except GarbledReplyError:
            if not self._reached:
                raise not_a_dataverse(self.origin.host) from None
            raise
        self._reached = True
        return content

    async def _authorised(self, call: "_Call") -> Reply:
        reply, token = await self._passed(call)
        if reply.status != 401:
            return reply
        logger.info("Dataverse refused the token; signing in again.")
        reply, _ = await self._passed(call, rejected=token)
        return reply

    async def _passed(self, call: "_Call", *, rejected: str | None = None) -> tuple[Reply, str]:
        """Send through the gate; the token is taken behind it, because it may end while we wait."""
        async with self._gate.passage() as passage:
            token = await self._tokens.bearer(rejected=rejected)
            reply = await self._send(call, token)
            self._learn(reply, passage)
            return reply, token

    def _learn(self, reply: Reply, passage: Passage) -> None:
        """What an answer tells about the number of requests that the server bears."""
        advice = parse_advice(reply.headers.get("x-ms-dop-hint"))
        if advice:
            self._tally.recommended = advice
            self._gate.recommend(advice)
        if reply.status < 300:
            self._gate.clean()
        elif error_code(reply) == CONCURRENCY:
            self._gate.halve(passage)

    async def _send(self, call: "_Call", token: str) -> Reply:
        headers = {**call.headers, "Authorization": f"Bearer {token}"}
        request = self._http.build_request(call.method, call.url, headers=headers, content=call.content)
        _keep_bytes(request, call.url)
        started = time.perf_counter()
        self._tally.requests += 1
        try:
            async with asyncio.timeout(_LONGEST_ANSWER):
                response, raw = await self._receive(request)
        except (httpx.HTTPError, OSError) as fault:
            silence = self._silence(fault)
        else:
            silence = None
        finally:
            self._tally.server_seconds += time.perf_counter() - started
        # Raised here and not above, so that it does not carry the request, and with it the token, as its context.
        if silence is not None:
            raise silence
        self._tally.bytes_received += len(raw)
        fields = {name.lower(): value for name, value in response.headers.items()}
        return await asyncio.to_thread(inflate, response.status_code, fields, raw)

    async def _receive(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        response = await self._http.send(request, stream=True)
        try:
            # Raw, because httpx inflates a cut gzip body without complaint.
            return response, b"".join([chunk async for chunk in response.aiter_raw()])
        finally:
            await response.aclose()

    def _silence(self, fault: Exception) -> DataverseError:
        return diagnose_silence(fault, host=self.origin.host, setting="D365_URL", reached=self._reached)


def _headers(accept: str, prefer: str | None) -> dict[str, str]:
    return {"Accept": accept} | ({"Prefer": prefer} if prefer else {})


def _keep_bytes(request: httpx.Request, url: str) -> None:
    """Put the server's own bytes on the wire where httpx would encode them anew.

    httpx keeps percent escapes, but encodes quotes, blanks and angle brackets that a link may hold as they are.
    """
    target = url.split("://", 1)[-1].partition("/")
    wanted = f"/{target[2]}".encode()
    if request.url.raw_path != wanted:
        request.extensions["target"] = wanted
