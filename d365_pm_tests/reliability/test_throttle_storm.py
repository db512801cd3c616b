"""A storm of 429: fifty in a row, ever longer. Survived, waited in full, and hardly a moment longer than was asked.

The server of these tests keeps its own account of the time for which it is closed. Time is virtual, except in the last
test, which waits.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from d365_pm.dataverse.auth import TokenSource
from d365_pm.dataverse.connection import Connection, build_http
from d365_pm.dataverse.errors import ThrottledError
from d365_pm.dataverse.reply import json_object
from d365_pm_tests.dataverse.virtual_time import now, run_virtual
from d365_pm_tests.dataverse.wire import BASE, ORG, NumberedIssuer

STORM = 50
REQUESTS, TIME, CONCURRENCY = "0x80072322", "0x80072321", "0x80072326"
_EPOCH = datetime(2026, 11, 22, 12, tzinfo=UTC)
# The clock of the server differs from ours, which must not matter.
_AHEAD = timedelta(hours=7)


def seconds(wait: float) -> dict[str, str]:
    return {"Retry-After": f"{wait:.0f}"}


def fraction(wait: float) -> dict[str, str]:
    return {"Retry-After": f"{wait:.3f}"}


def date(wait: float) -> dict[str, str]:
    sent = _EPOCH + _AHEAD
    later = sent + timedelta(seconds=wait)
    return {"Date": format_datetime(sent, usegmt=True), "Retry-After": format_datetime(later, usegmt=True)}


class StormyServer:
    """Refuses `storms` times in a row, each time for longer; the requests that arrive meanwhile are refused with it.

    Attributes:
        asked: Seconds for which it was closed, overlaps counted once.
        early: Requests that came although the pause had been asked for before they were sent.
        at_once: Most requests that were under way at once.
    """

    def __init__(
        self,
        waits: list[float],
        *,
        header: Callable[[float], dict[str, str]] = seconds,
        code: str = REQUESTS,
        latency: float = 0.0,
        clock: Callable[[], float] = now,
    ) -> None:
        self._waits = list(waits)
        self._header, self._code, self._latency, self._clock = header, code, latency, clock
        self._told_at, self._closed_until = float("inf"), 0.0
        self._inside = 0
        self.asked, self.early, self.at_once, self.refused = 0.0, 0, 0, 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        arrived = self._clock()
        self._inside += 1
        self.at_once = max(self.at_once, self._inside)
        await asyncio.sleep(self._latency)
        self._inside -= 1
        if self._clock() < self._closed_until:
            self.early += arrived > self._told_at
            return self._refuse(self._closed_until - self._clock())
        if not self._waits:
            return httpx.Response(200, stream=httpx.ByteStream(b"{}"), headers={"Content-Type": "application/json"})
        wait = self._waits.pop(0)
        self._told_at, self._closed_until = self._clock(), self._clock() + wait
        self.asked += wait
        return self._refuse(wait)

    def _refuse(self, wait: float) -> httpx.Response:
        self.refused += 1
        body = f'{{"error":{{"code":"{self._code}","message":"Number of requests exceeded the limit."}}}}'
        fields = {"Content-Type": "application/json", **self._header(wait)}
        return httpx.Response(429, stream=httpx.ByteStream(body.encode()), headers=fields)


def connect(server: StormyServer, *, clock: Callable[[], float] = now) -> Connection:
    http = build_http(verify=False)
    http._transport = httpx.MockTransport(server)
    return Connection(ORG, tokens=TokenSource(NumberedIssuer()), http=http, clock=clock)


async def read(connection: Connection, *, workers: int, pages: int) -> None:
    """Workers that read one page after the other, as streams of tables do."""

    async def worker(number: int) -> None:
        for page in range(pages):
            await connection.get(f"{BASE}incidents?worker={number}&page={page}", parse=json_object)

    await asyncio.gather(*(worker(number) for number in range(workers)))


GROWING = [float(number) for number in range(1, STORM + 1)]
"""1 s, 2 s, … 50 s: together 1,275 s."""


@pytest.mark.parametrize("header", [seconds, date, fraction])
@pytest.mark.parametrize("code", [REQUESTS, TIME, CONCURRENCY])
def test_one_request_survives_fifty_refusals_and_waits_as_long_as_asked(
    header: Callable[[float], dict[str, str]], code: str
) -> None:
    async def scenario() -> tuple[float, StormyServer, Connection]:
        server = StormyServer(GROWING, header=header, code=code)
        connection = connect(server)
        await read(connection, workers=1, pages=1)
        return now(), server, connection

    elapsed, server, connection = run_virtual(scenario())
    assert server.refused == STORM == connection.statistics.throttled
    assert server.asked == sum(range(51)) == 1275
    assert server.early == 0
    assert 1275.0 <= elapsed <= 1275.0 * 1.05
    assert 1275.0 <= connection.statistics.waited_seconds <= 1275.0 * 1.05


@pytest.mark.parametrize("workers", [2, 8, 40])
@pytest.mark.parametrize("code", [REQUESTS, CONCURRENCY])
def test_many_workers_wait_together_and_not_one_after_the_other(workers: int, code: str) -> None:
    latency, pages = 0.25, 5

    async def scenario() -> tuple[float, StormyServer, Connection]:
        server = StormyServer(GROWING, code=code, latency=latency, header=fraction)
        connection = connect(server)
        await read(connection, workers=workers, pages=pages)
        return now(), server, connection

    elapsed, server, connection = run_virtual(scenario())
    # Every refusal is told after the latency, during which the server is closed already or still open.
    work = latency * (STORM + workers * pages)
    assert server.asked == 1275
    assert server.early == 0
    assert elapsed <= 1275.0 * 1.05 + work
    assert 1275.0 - STORM * latency <= connection.statistics.waited_seconds <= 1275.0 * 1.05


def test_a_refusal_that_arrives_during_the_pause_does_not_lengthen_it_beyond_its_own_wish() -> None:
    """Four requests under way; the slow ones learn of the limit when the others wait already."""

    async def scenario() -> float:
        left = {0: (0.0, 10), 1: (1.0, 9), 2: (2.0, 8), 3: (3.0, 7)}

        async def server(request: httpx.Request) -> httpx.Response:
            number = int(request.url.params["worker"])
            if number not in left:
                return httpx.Response(200, stream=httpx.ByteStream(b"{}"), headers={"Content-Type": "application/json"})
            delay, wait = left.pop(number)
            await asyncio.sleep(delay)
            return httpx.Response(429, headers={"Retry-After": str(wait)}, stream=httpx.ByteStream(b""))

        http = build_http(verify=False)
        http._transport = httpx.MockTransport(server)
        connection = Connection(ORG, tokens=TokenSource(NumberedIssuer()), http=http, clock=now)
        await read(connection, workers=4, pages=1)
        return now()

    assert 10.0 <= run_virtual(scenario()) <= 10.5


def test_a_503_with_a_wish_holds_everybody_back_too() -> None:
    async def scenario() -> tuple[float, list[float]]:
        arrivals: list[float] = []

        async def server(request: httpx.Request) -> httpx.Response:
            arrivals.append(now())
            if len(arrivals) == 1:
                return httpx.Response(503, headers={"Retry-After": "60"}, stream=httpx.ByteStream(b""))
            await asyncio.sleep(1.0)
            return httpx.Response(200, stream=httpx.ByteStream(b"{}"), headers={"Content-Type": "application/json"})

        http = build_http(verify=False)
        http._transport = httpx.MockTransport(server)
        connection = Connection(ORG, tokens=TokenSource(NumberedIssuer()), http=http, clock=now, most=1)
        await read(connection, workers=6, pages=1)
        return now(), arrivals

    elapsed, arrivals = run_virtual(scenario())
    assert len(arrivals) == 7
    assert min(arrivals[1:]) >= 60.0
    assert elapsed <= 60.0 * 1.05 + 6.0


@pytest.mark.parametrize("text", ["soon", "", "-5", "NaN", "inf", "27 s", "Mon, 99 Nov 2026 12:00:00 GMT"])
def test_a_wish_that_cannot_be_read_is_survived_with_pauses_of_our_own(text: str) -> None:
    async def scenario() -> tuple[float, int]:
        server = StormyServer([0.0] * STORM, header=lambda wait: {"Retry-After": text})
        connection = connect(server)
        await read(connection, workers=1, pages=1)
        return now(), server.refused

    elapsed, refused = run_virtual(scenario())
    assert refused == STORM
    assert elapsed <= STORM * 30.0


def test_waiting_behind_the_gate_is_no_timeout() -> None:
    """Pauses of an hour in all, with answers that may take 180 s: nobody times out."""

    async def scenario() -> tuple[float, Connection]:
        server = StormyServer([1200.0, 1200.0, 1200.0], latency=0.5)
        connection = connect(server)
        await read(connection, workers=30, pages=2)
        return now(), connection

    elapsed, connection = run_virtual(scenario())
    assert elapsed >= 3600.0
    assert connection.statistics.faults == 0


def test_a_storm_without_end_is_given_up_loudly() -> None:
    async def scenario() -> StormyServer:
        server = StormyServer([1.0] * 1000)
        connection = connect(server)
        with pytest.raises(ThrottledError, match="limits the requests"):
            await read(connection, workers=1, pages=1)
        return server

    assert STORM < run_virtual(scenario()).refused <= 100


def test_a_server_that_asks_for_a_day_is_given_up_instead_of_obeyed_halfway() -> None:
    async def scenario() -> tuple[float, StormyServer]:
        server = StormyServer([86_400.0])
        connection = connect(server)
        with pytest.raises(ThrottledError):
            await read(connection, workers=1, pages=1)
        return now(), server

    elapsed, server = run_virtual(scenario())
    assert (elapsed, server.refused) == (0.0, 1)


def test_after_the_concurrency_code_fewer_requests_are_under_way() -> None:
    async def scenario() -> tuple[int, int]:
        calm = StormyServer([], latency=1.0)
        connection = connect(calm)
        await read(connection, workers=40, pages=20)
        before = connection.statistics.concurrency
        calm._waits, calm._code = [5.0], CONCURRENCY
        await read(connection, workers=before, pages=1)
        return before, connection.statistics.concurrency

    before, after = run_virtual(scenario())
    assert after <= before // 2 + 1


def test_in_real_time_no_request_comes_early() -> None:
    async def scenario() -> tuple[StormyServer, Connection]:
        waits = [0.05 * number for number in range(1, 6)]
        server = StormyServer(waits, header=fraction, clock=time.monotonic)
        connection = connect(server, clock=time.monotonic)
        await read(connection, workers=1, pages=3)
        return server, connection

    server, connection = asyncio.run(scenario())
    assert server.early == 0
    assert 0.0 < connection.statistics.waited_seconds <= server.asked * 1.05
