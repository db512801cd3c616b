from datetime import UTC, datetime

import pytest

from d365_pm.dataverse.errors import ServerFaultError, ThrottledError
from d365_pm.dataverse.retry import Patience, RetryPolicy, parse_retry_after

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
