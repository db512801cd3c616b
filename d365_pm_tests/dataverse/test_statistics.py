"""The figures of a connection, counted independently by the canned server."""

import httpx
import pytest

from d365_pm.dataverse.errors import OutageError, ServerFaultError
from d365_pm.dataverse.reply import json_object
from d365_pm.dataverse.retry import RetryPolicy
from d365_pm_tests.dataverse.wire import BASE, Setup, error, run, scripted

URL = f"{BASE}incidents"
BODY = b'{"value":[]}'


def answer(**headers: str) -> httpx.Response:
    fields = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, content=BODY, headers=fields)


def test_requests_refusals_and_bytes_are_counted() -> None:
    refusal = error(429, "0x80072322", Retry_After="10")
    setup = Setup(scripted(answer(x_ms_dop_hint="17"), refusal, refusal, httpx.Response(502), answer()))
    setup.get(URL, parse=json_object, times=2)
    figures = setup.connection.statistics
    assert figures.requests == len(setup.recorder.requests) == 5
    assert (figures.throttled, figures.faults, figures.given_up) == (2, 1, 0)
    assert figures.bytes_received == 2 * len(BODY) + 2 * len(refusal.content)
    assert 20.0 <= figures.waited_seconds <= 21.0
    assert figures.recommended == 17
    assert figures.largest_concurrency == 1
    assert figures.server_seconds > 0.0


def test_a_snapshot_does_not_change_afterwards() -> None:
    setup = Setup(scripted(answer()))
    before = setup.connection.statistics
    setup.get(URL, parse=json_object)
    assert before.requests == 0
    assert setup.connection.statistics.requests == 1


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_environment_that_is_down_is_not_asked_for_ever() -> None:
    """Three requests are given up; the fourth is refused without asking, until the rest is over."""
    clock = Clock()
    setup = Setup(scripted(httpx.Response(503)), policy=RetryPolicy(attempts=2))
    setup.connection._breaker._clock = clock

    async def scenario() -> list[int]:
        sent = []
        for kind in (ServerFaultError, ServerFaultError, ServerFaultError, OutageError, OutageError):
            with pytest.raises(kind):
                await setup.connection.get(URL, parse=json_object)
            sent.append(len(setup.recorder.requests))
        clock.now += 61.0
        with pytest.raises(ServerFaultError):
            await setup.connection.get(URL, parse=json_object)
        sent.append(len(setup.recorder.requests))
        return sent

    assert run(scenario()) == [2, 4, 6, 6, 6, 8]


def test_an_answer_closes_the_circuit_again() -> None:
    down, up = httpx.Response(503), answer()
    setup = Setup(scripted(down, down, down, down, up, down, down, down, down, up), policy=RetryPolicy(attempts=2))

    async def scenario() -> None:
        for _ in range(2):
            for _ in range(2):
                with pytest.raises(ServerFaultError):
                    await setup.connection.get(URL, parse=json_object)
            await setup.connection.get(URL, parse=json_object)

    run(scenario())
    assert setup.connection.statistics.given_up == 4
