from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest

from d365_pm.dataverse.query import Window, both, build_url, instant, mentions
from d365_pm_tests.dataverse.wire import BASE

A, B = datetime(2026, 2, 9, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC)


def test_a_window_is_half_open() -> None:
    assert Window(A, B).condition("createdon") == (
        "createdon ge 2026-02-09T00:00:00Z and createdon lt 2026-02-10T00:00:00Z"
    )


@pytest.mark.parametrize(
    ("window", "condition"),
    [
        (Window(A, None), "createdon ge 2026-02-09T00:00:00Z"),
        (Window(None, B), "createdon lt 2026-02-10T00:00:00Z"),
        (Window(), None),
    ],
)
def test_a_window_may_be_open(window: Window, condition: str | None) -> None:
    assert window.condition("createdon") == condition


@pytest.mark.parametrize(("start", "end"), [(datetime(2026, 2, 9), None), (B, A), (A, A)])  # noqa: DTZ001
def test_a_window_that_would_read_the_wrong_rows_is_refused(start: datetime, end: datetime | None) -> None:
    with pytest.raises(ValueError, match="window"):
        Window(start, end)


def test_instants_are_utc_with_z() -> None:
    brasilia = timezone(timedelta(hours=-3))
    assert instant(datetime(2026, 2, 9, 9, 14, 3, tzinfo=brasilia)) == "2026-02-09T12:14:03Z"


def test_conditions_join() -> None:
    assert both("a eq 1", None, "b eq 2") == "a eq 1 and b eq 2"
    assert both(None) is None


def test_a_url_is_encoded_once_and_survives_httpx() -> None:
    url = build_url(
        BASE, "incidents", select=("title", "_ownerid_value"), where="title eq 'a+b & ç'", order=("createdon asc",)
    )
    assert url == (
        f"{BASE}incidents?$select=title,_ownerid_value&$filter=title%20eq%20'a%2Bb%20%26%20%C3%A7'"
        "&$orderby=createdon%20asc"
    )
    assert str(httpx.URL(url)) == url


def test_a_condition_on_a_text_doubles_its_apostrophes() -> None:
    assert mentions("description", ["it's", "b"]) == "(contains(description,'it''s') or contains(description,'b'))"
