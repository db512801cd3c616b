"""Audit stores that ignore the page size and give no link: whole, or loud."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from d365_pm.dataverse.errors import ProtocolError
from d365_pm.dataverse.extract import read_pages
from d365_pm.dataverse.query import Window
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.shaping import as_wanted
from d365_pm_tests.dataverse.wire import Setup, collect, guid, rows, run

AUDIT = as_wanted(TABLES["audit"])
START = datetime(2026, 2, 9, tzinfo=UTC)
LIMIT = 5000


class Store:
    """Rows with instants finer than it shows; answers hold at most `cap` rows and never a link."""

    def __init__(self, moments: list[datetime], *, cap: int | None = LIMIT) -> None:
        self._rows = [(moment, guid(number)) for number, moment in enumerate(sorted(moments))]
        self._cap = cap

    def __call__(self, request: httpx.Request) -> httpx.Response:
        condition = request.url.params["$filter"]
        bounds = dict(re.findall(r"createdon (ge|lt) (\S+)", condition))
        low = datetime.fromisoformat(bounds["ge"]) if "ge" in bounds else datetime.min.replace(tzinfo=UTC)
        high = datetime.fromisoformat(bounds["lt"]) if "lt" in bounds else datetime.max.replace(tzinfo=UTC)
        found = [(moment, key) for moment, key in self._rows if low <= moment < high]
        return rows(*({"auditid": key, "createdon": _shown(moment)} for moment, key in found[: self._cap]))


def _shown(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def keys(store: Store, window: Window | None) -> tuple[list[str], int]:
    setup = Setup(store)
    pages = run(collect(read_pages(setup.connection, AUDIT, window=window)))
    return [key for page in pages for key in page.rows.column("auditid").to_pylist()], len(setup.recorder.requests)


@pytest.mark.parametrize("window", [Window(START, START + timedelta(days=1)), Window(START, None), Window(), None])
@pytest.mark.parametrize("cap", [LIMIT, None], ids=["cut", "uncut"])
@pytest.mark.parametrize("count", [4999, 5000, 5001, 12_321])
def test_every_row_comes_once(count: int, cap: int | None, window: Window | None) -> None:
    moments = [START + timedelta(seconds=number * 3.7) for number in range(count)]
    inside = [moment for moment in moments if window is None or window.end is None or moment < window.end]
    found, requests = keys(Store(moments, cap=cap), window)
    assert found == [guid(number) for number in range(len(inside))]
    assert requests <= 1 + 2 * (count // 4999)


def test_a_store_that_sends_all_its_rows_is_not_asked_for_the_rest_again_and_again() -> None:
    store = Store([START + timedelta(seconds=number * 3.7) for number in range(60_000)], cap=None)
    found, requests = keys(store, None)
    assert found == [guid(number) for number in range(60_000)]
    # The answer with everything, and thirteen parts below 5,000.
    assert requests == 14


def test_a_crowded_second_far_behind_is_loud() -> None:
    moments = [START + timedelta(seconds=number) for number in range(12_000)]
    moments += [START + timedelta(days=1, microseconds=number) for number in range(5000)]
    with pytest.raises(ProtocolError, match="2026-02-10 00:00:00 UTC holds 5000 rows"):
        keys(Store(moments, cap=None), None)


def test_many_rows_share_seconds() -> None:
    moments = [START + timedelta(seconds=number // 1000, microseconds=number % 1000) for number in range(12_000)]
    found, _ = keys(Store(moments), Window(START, START + timedelta(hours=1)))
    assert found == [guid(number) for number in range(12_000)]


def test_a_crowded_last_second_is_still_told_from_the_rest() -> None:
    moments = [START, *(START + timedelta(seconds=100, microseconds=number) for number in range(4999))]
    found, _ = keys(Store(moments), Window(START, START + timedelta(hours=1)))
    assert found == [guid(number) for number in range(5000)]


@pytest.mark.parametrize("window", [Window(START, START + timedelta(hours=1)), None])
def test_a_second_that_cannot_be_read_whole_is_loud(window: Window | None) -> None:
    moments = [START + timedelta(seconds=30, microseconds=number) for number in range(6000)]
    with pytest.raises(ProtocolError, match="2026-02-09 00:00:30 UTC holds 5000 rows"):
        keys(Store(moments), window)
