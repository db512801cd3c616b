"""Office hours of a Brazilian desk; expected instants are counted by hand (Sao Paulo is UTC-3)."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from d365_pm.sandbox.desk.calendar import local_midnights, office_hours

_OFFICE = office_hours(date(2026, 1, 1), date(2026, 12, 31))


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("begin", "hours", "expected"),
    [
        pytest.param("2026-03-04T13:00", 2, "2026-03-04T15:00", id="within a day"),
        pytest.param("2026-03-04T20:00", 2, "2026-03-05T12:00", id="over night"),
        pytest.param("2026-03-06T20:00", 4, "2026-03-07T15:00", id="Friday evening to Saturday morning"),
        pytest.param("2026-03-07T15:00", 2, "2026-03-09T12:00", id="Saturday to Monday"),
        pytest.param("2026-03-08T12:00", 1, "2026-03-09T12:00", id="from Sunday"),
        pytest.param("2026-04-20T20:00", 2, "2026-04-22T12:00", id="over Tiradentes"),
    ],
)
def test_working_time_passes_in_office_hours_only(begin: str, hours: int, expected: str) -> None:
    assert _OFFICE.add(np.array([_at(begin)]), np.array([hours * 3600]))[0] == _at(expected)


def test_between_is_the_inverse_of_add() -> None:
    random = np.random.default_rng(1)
    begin = _at("2026-02-02T00:00") + random.integers(0, 100 * 86400, 500)
    seconds = random.integers(1, 40 * 3600, 500)
    assert (_OFFICE.between(begin, _OFFICE.add(begin, seconds)) == seconds).all()


def test_hours_are_half_open() -> None:
    moments = np.array([_at(f"2026-03-04T{time}") for time in ("10:59:59", "11:00:00", "20:59:59", "21:00:00")])
    assert _OFFICE.is_open(moments).tolist() == [False, True, True, False]


def test_date_only_columns_hold_local_midnight() -> None:
    moments = np.array([_at("2026-03-05T02:00"), -1, _at("2026-03-05T04:00")])
    assert local_midnights(moments).tolist() == [_at("2026-03-04T03:00"), -1, _at("2026-03-05T03:00")]
