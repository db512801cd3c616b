"""One connection to one environment: headers, tokens, retries, and the promise that an answer is whole.

Belongs here: sending a request until it is answered, refused or given up. Does not belong here: what is asked
(`query.py`) and what the content means. Every reader of this package goes through `Connection`, so that all requests
of the user pass one gate (`gate.py`).
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

from d365_pm.dataverse.auth import TokenSource
from d365_pm.dataverse.breaker import Breaker
from d365_pm.dataverse.codes import CONCURRENCY
from d365_pm.dataverse.diagnosis import diagnose, not_a_dataverse
from d365_pm.dataverse.errors import BudgetError, GarbledReplyError, TransientError
from d365_pm.dataverse.gate import MOST, Gate, Passage, parse_advice
from d365_pm.dataverse.reply import Reply, error_code
from d365_pm.dataverse.retry import Patience, RetryPolicy, concerns_all
from d365_pm.dataverse.statistics import ConnectionStatistics, Tally
from d365_pm.dataverse.transport import Call, Transport, build_http

__all__ = ["API", "Connection", "build_http"]

logger = logging.getLogger(__name__)

Content = TypeVar("Content")
Sleep = Callable[[float], Awaitable[None]]

API = "/api/data/v9.2/"


class Connection:
    """Sends requests to one environment, as one signed-in user.

    Args:
        url: Address of the environment, without a path.
        tokens: Where bearer tokens come from.
        http: What sends; `build_http` makes one that suits.
        policy: Patience with one request.
        most: Requests at once that are never passed; the server's advice and `gate.MOST` are further bounds.
        budget: Requests that may be sent in all; None for as many as it takes.
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
        budget: int | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base = f"{url}{API}"
        self.origin = httpx.URL(url)
        self._tokens = tokens
        self._budget = budget
        self._policy = policy or RetryPolicy()
        self._sleep = sleep
        self._tally = Tally()
        self._transport = Transport(http, host=self.origin.host, tally=self._tally)
        self._gate = Gate(most=most, sleep=sleep, clock=clock, tally=self._tally)
        self._breaker = Breaker(clock=clock)

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
        return await self._answered(Call("GET", url, _headers(accept, prefer)), parse)

    async def post(
        self, url: str, *, content: bytes, media_type: str, parse: Callable[[Reply], Content], prefer: str | None = None
    ) -> Content:
        """POST a question that changes nothing (`$batch` of GETs), with the same promises as `get`."""
        headers = {**_headers("*/*", prefer), "Content-Type": media_type}
        return await self._answered(Call("POST", url, headers, content), parse)

    async def _answered(self, call: Call, parse: Callable[[Reply], Content]) -> Content:
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
        await self._transport.close()
        self._tokens.close()

    async def _attempt(self, call: Call, parse: Callable[[Reply], Content]) -> Content:
        reply = await self._authorised(call)
        if reply.status >= 300:
            raise diagnose(reply, host=self.origin.host)
        try:
            content = await asyncio.to_thread(parse, reply)
        except GarbledReplyError:
            if not self._transport.has_answered and not reply.is_json:
                raise not_a_dataverse(self.origin.host) from None
            raise
        self._transport.has_answered = True
        return content

    async def _authorised(self, call: Call) -> Reply:
        reply, token = await self._passed(call)
        if reply.status != 401:
            return reply
        logger.info("Dataverse refused the token; signing in again.")
        reply, _ = await self._passed(call, rejected=token)
        return reply

    async def _passed(self, call: Call, *, rejected: str | None = None) -> tuple[Reply, str]:
        """Send through the gate; the token is taken behind it, because it may end while we wait."""
        async with self._gate.passage() as passage:
            if self._budget is not None and self._tally.requests >= self._budget:
                raise BudgetError(
                    f"The {self._budget:,} requests of this run are used up. What was read is kept: run it again to go "
                    "on, or raise D365_PM_REQUEST_BUDGET."
                )
            token = await self._tokens.bearer(rejected=rejected)
            reply = await self._transport.send(call, token)
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


def _headers(accept: str, prefer: str | None) -> dict[str, str]:
    return {"Accept": accept} | ({"Prefer": prefer} if prefer else {})
