"""The three service protection limits, per user and per simulated web server (Web API reference 6.1)."""

from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest

from d365_pm.sandbox.switches import Switches
from d365_pm.sandbox.throttling import Limits, Throttle, ThrottledApiError
from d365_pm_tests.sandbox.conftest import error_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ask(throttle: Throttle, clock: Clock, *, seconds: float = 0.0, user: str = "a", server: int = 0) -> None:
    """One request that takes some time."""
    started = clock()
    throttle.enter(user, server)
    clock.now += seconds
    throttle.leave(user, server, started)


def refusal(throttle: Throttle, *, user: str = "a", server: int = 0) -> ThrottledApiError:
    with pytest.raises(ThrottledApiError) as caught:
        throttle.enter(user, server)
    return caught.value


def test_requests_are_counted_over_a_sliding_window(clock: Clock) -> None:
    throttle = Throttle(Limits(requests=3, window_seconds=300), clock=clock)
    for _ in range(3):
        ask(throttle, clock)
        clock.now += 50
    refused = refusal(throttle)
    assert (refused.status, refused.code) == (429, "0x80072322")
    assert refused.message == "Number of requests exceeded the limit of 3 over time window of 300 seconds."
    # The oldest request is 150 s old and leaves the window of 300 s in 150 s.
    assert refused.retry_after == 150
    clock.now += 151
    ask(throttle, clock)
    assert refusal(throttle).code == "0x80072322"


def test_who_waits_as_told_is_let_in_and_who_hammers_waits_longer(clock: Clock) -> None:
    throttle = Throttle(Limits(requests=1, window_seconds=10), clock=clock)
    ask(throttle, clock)
    asked = [refusal(throttle).retry_after for _ in range(6)]
    assert all(earlier < later for earlier, later in pairwise(asked))
    clock.now += asked[-1]
    ask(throttle, clock)


def test_combined_execution_time_has_its_own_code(clock: Clock) -> None:
    throttle = Throttle(Limits(execution_seconds=1200), clock=clock)
    for _ in range(5):
        started = clock()
        throttle.enter("a", 0)
        throttle.leave("a", 0, started - 240)
    refused = refusal(throttle)
    assert refused.code == "0x80072321"
    assert refused.message == (
        "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds over time window of "
        "300 seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later."
    )


def test_concurrency_is_refused_at_once_and_free_when_one_has_ended(clock: Clock) -> None:
    throttle = Throttle(Limits(concurrency=2), clock=clock)
    throttle.enter("a", 0)
    throttle.enter("a", 0)
    refused = refusal(throttle)
    assert refused.code == "0x80072326"
    assert refused.message == "Number of concurrent requests exceeded the limit of 2."
    throttle.leave("a", 0, clock())
    throttle.enter("a", 0)


def test_users_and_servers_are_counted_for_themselves(clock: Clock) -> None:
    throttle = Throttle(Limits(requests=1, servers=2), clock=clock)
    ask(throttle, clock)
    assert refusal(throttle).code == "0x80072322"
    ask(throttle, clock, user="b")
    ask(throttle, clock, server=1)


def test_the_cookie_binds_to_one_server_and_without_it_they_take_turns(switched: Callable[..., httpx.Client]) -> None:
    client = switched(throttling=Limits(servers=3))
    cookies = [client.get("WhoAmI").headers["Set-Cookie"] for _ in range(3)]
    client.cookies.clear()
    assert all(cookie.startswith("ARRAffinity=") for cookie in cookies)
    bound = cookies[0].partition(";")[0]
    assert {client.get("WhoAmI", headers={"Cookie": bound}).headers["Set-Cookie"] for _ in range(4)} == {cookies[0]}
    spread = set()
    for _ in range(6):
        client.cookies.clear()
        spread.add(client.get("WhoAmI").headers["Set-Cookie"])
    assert len(spread) == 3


def test_an_answer_tells_what_is_left(switched: Callable[..., httpx.Client]) -> None:
    client = switched(throttling=Limits(requests=10), requests_hint=12)
    headers = [client.get("WhoAmI").headers for _ in range(3)]
    left = [int(each["x-ms-ratelimit-burst-remaining-xrm-requests"]) for each in headers]
    assert left == [9, 8, 7]
    assert headers[0]["x-ms-ratelimit-time-remaining-xrm-requests"] == "1,200.00"
    assert headers[0]["x-ms-dop-hint"] == "12"


def test_a_refused_request_is_429_with_a_whole_number_of_seconds(switched: Callable[..., httpx.Client]) -> None:
    client = switched(throttling=Limits(requests=1), requests_hint=12)
    assert client.get("WhoAmI").status_code == 200
    refused = client.get("WhoAmI")
    assert error_of(refused)[:2] == (429, "0x80072322")
    assert 1 <= int(refused.headers["Retry-After"]) <= 300
    assert refused.headers["x-ms-dop-hint"] == "6"


def test_nothing_is_refused_by_default() -> None:
    assert Switches().throttling is None
    throttle = Throttle(None)
    for _ in range(10_000):
        throttle.enter("a", 0)
