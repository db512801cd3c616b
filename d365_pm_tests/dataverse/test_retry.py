from datetime import UTC, datetime

import pytest

from d365_pm.dataverse.errors import ExhaustedError, ServerFaultError, ShrinkError, ThrottledError, TransientError
from d365_pm.dataverse.retry import Patience, RetryPolicy, concerns_all, parse_retry_after

NOW = datetime(2026, 2, 9, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("27", 27.0),
        (" 0 ", 0.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("Mon, 09 Feb 2026 12:00:42 GMT", 42.0),
        ("Mon, 09 Feb 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, now=NOW) == seconds


def test_what_the_server_asks_for_is_never_cut() -> None:
    error = ThrottledError("")
    error.retry_after = 600.0
    pause = Patience(RetryPolicy(longest_pause=30.0)).pause(error)
    assert pause is not None
    assert 600.0 <= pause <= 600.5


def test_a_waited_out_throttle_is_no_fault() -> None:
    patience = Patience(RetryPolicy(attempts=2, throttles=50))
    error = ThrottledError("")
    error.retry_after = 1.0
    assert all(patience.pause(error) is not None for _ in range(50))
    assert patience.pause(error) is None


def test_faults_double_their_pause_and_end_with_the_attempts() -> None:
    patience = Patience(RetryPolicy(attempts=8, first_pause=1.0, longest_pause=16.0))
    pauses = [patience.pause(ServerFaultError("")) for _ in range(8)]
    assert pauses[7] is None
    bounds = [1, 2, 4, 8, 16, 16, 16]
    assert all(pause is not None and bound / 2 <= pause <= bound for pause, bound in zip(pauses, bounds, strict=False))


def test_a_question_that_is_too_large_is_asked_again_a_few_times_only() -> None:
    patience = Patience(RetryPolicy(attempts=8, shrink_attempts=3))
    assert [patience.pause(ShrinkError("")) is None for _ in range(3)] == [False, False, True]


def test_waits_for_limits_are_bounded_by_their_sum_too() -> None:
    patience = Patience(RetryPolicy(throttles=1000, longest_throttle=100.0))
    error = ThrottledError("")
    error.retry_after = 40.0
    assert [patience.pause(error) for _ in range(3)] == [40.0, 40.0, None]


def _asking(kind: type[TransientError], seconds: float | None) -> TransientError:
    error = kind("")
    error.retry_after = seconds
    return error


@pytest.mark.parametrize(
    ("error", "all_wait"),
    [
        (_asking(ThrottledError, 5.0), True),
        (_asking(ThrottledError, None), True),
        (_asking(ServerFaultError, 5.0), True),
        (_asking(ExhaustedError, None), True),
        (_asking(ServerFaultError, None), False),
        (_asking(ShrinkError, None), False),
    ],
)
def test_everybody_waits_for_what_the_server_says_and_nobody_for_another_ones_fault(
    error: TransientError, all_wait: bool
) -> None:
    assert concerns_all(error) is all_wait
