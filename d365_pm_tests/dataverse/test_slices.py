"""Cutting windows: disjoint, whole, on whole seconds, and few questions."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx
import pytest

from d365_pm.dataverse.counting import Counter
from d365_pm.dataverse.query import Window, instant
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.shaping import as_wanted
from d365_pm.dataverse.slices import Cut, Slicer
from d365_pm.dataverse.watch import Watch
from d365_pm_tests.dataverse.wire import Setup, error, run

INCIDENT = as_wanted(TABLES["incident"])
START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class Store:
    """Rows at instants, counted as the server counts them."""

    def __init__(self, moments: list[datetime], *, aggregates: bool = True, undated: int = 0) -> None:
        self._moments = sorted(moments)
        self._aggregates = aggregates
        self._undated = undated

    def count(self, window: Window) -> int:
        return len(self._inside(window.condition("modifiedon") or ""))

    def _inside(self, condition: str) -> list[datetime]:
        bounds = dict(re.findall(r"modifiedon (ge|lt) ([^\s)]+)", condition))
        low = bisect_left(self._moments, datetime.fromisoformat(bounds["ge"])) if "ge" in bounds else 0
        high = bisect_left(self._moments, datetime.fromisoformat(bounds["lt"])) if "lt" in bounds else None
        return self._moments[low:high]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        params = request.url.params
        if request.url.path.endswith("/$count"):
            condition = params.get("$filter", "")
            rows = self._undated if "null" in condition else len(self._inside(condition))
            return httpx.Response(200, text=str(min(rows, 5000)))
        if "$apply" in params:
            rows = len(self._inside(params["$apply"]))
            if not self._aggregates:
                return error(400, "0x80060888", "$apply is not supported")
            if rows > 50_000:
                return error(400, "0x8004e023", "AggregateQueryRecordLimit exceeded.")
            return httpx.Response(200, json={"value": [{"n": rows}]})
        found = self._inside(params.get("$filter", ""))
        edge = found[:1] if params["$orderby"].endswith("asc") else found[-1:]
        return httpx.Response(200, json={"value": [{"modifiedon": instant(at)} for at in edge]})


def cut(
    store: Store,
    window: Window,
    *,
    rows: int | None = None,
    estimate: int | None = None,
    expected: int | None = None,
) -> tuple[Cut, int]:
    setup = Setup(store)
    slicer = Slicer(setup.connection, Counter(setup.connection, Watch()), INCIDENT, rows=rows)

    async def total() -> int | None:
        return estimate

    found = run(slicer.cut(window, estimate=total if estimate else None, expected=expected))
    return found, len(setup.recorder.requests)


def assert_exact(parts: Sequence[Window], window: Window) -> None:
    assert (parts[0].start, parts[-1].end) == (window.start, window.end)
    for left, right in pairwise(parts):
        assert left.end is not None
        assert left.end == right.start
        assert left.end.microsecond == 0


EVEN = [START + timedelta(seconds=230 * number) for number in range(137_000)]
SKEWED = [START + timedelta(seconds=number) for number in range(60_000)] + [
    START + 300 * DAY + timedelta(seconds=30 * number) for number in range(20_000)
]
WINDOWS = [Window(), Window(START, None), Window(None, START + 800 * DAY), Window(START, START + 800 * DAY)]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("moments", [EVEN, SKEWED], ids=["even", "skewed"])
@pytest.mark.parametrize("rows", [None, 20_000, 50_000])
def test_parts_are_disjoint_and_whole(moments: list[datetime], window: Window, rows: int | None) -> None:
    store = Store(moments)
    found, _ = cut(store, window, rows=rows, estimate=len(moments))
    assert_exact(found.parts, window)
    assert sum(map(store.count, found.parts)) == len(moments)


@pytest.mark.parametrize("rows", [20_000, 50_000])
def test_parts_of_rows_that_lie_evenly_are_small_enough(rows: int) -> None:
    store = Store(EVEN)
    found, _ = cut(store, Window(START, None), rows=rows, estimate=len(EVEN))
    assert found.rows == rows
    assert all(store.count(part) <= rows for part in found.parts)


@pytest.mark.parametrize("moments", [EVEN, SKEWED], ids=["even", "skewed"])
def test_a_cut_costs_one_round_of_questions(moments: list[datetime]) -> None:
    # The count, both ends, and the beginning of the table; its total is asked elsewhere.
    assert cut(Store(moments), Window(START, None), estimate=len(moments))[1] == 4
    assert cut(Store(moments), Window(START, None))[1] == 3


def test_rows_that_have_been_counted_are_not_counted_again() -> None:
    window = Window(START, START + 700 * DAY)
    found, requests = cut(Store(EVEN), window, rows=10_000, expected=45_000)
    assert_exact(found.parts, window)
    # 45,000 in parts of 10,000, and a quarter more parts.
    assert (len(found.parts), found.counted, requests) == (6, 45_000, 2)


# A twelfth in whole pages of 5,000 rows, and a quarter more parts than that gives (14 and 13), the last three of which
# are halved.
@pytest.mark.parametrize(("share", "parts"), [(1.0, 17), (0.5, 16)])
def test_the_total_of_a_table_tells_how_many_parts_a_window_needs(share: float, parts: int) -> None:
    moments = [START + timedelta(seconds=60 * number) for number in range(500_000)]
    store, window = Store(moments), Window(moments[int(len(moments) * (1 - share))], None)
    found, _ = cut(store, window, estimate=len(moments))
    assert_exact(found.parts, window)
    assert len(found.parts) == parts
    assert all(store.count(part) <= found.rows for part in found.parts)


def test_a_small_window_is_one_part_after_one_round_of_questions() -> None:
    window = Window(START, START + DAY)
    found, requests = cut(Store(EVEN), window)
    assert (found.parts, found.counted) == ((window,), 376)
    # The count, and both ends of the window, asked for together.
    assert requests == 3


def test_no_rows_are_one_part() -> None:
    found, requests = cut(Store([]), Window())
    assert (found.parts, found.counted, requests) == ((Window(),), 0, 3)


def test_one_crowded_second_cannot_be_cut() -> None:
    window = Window(START, None)
    found, _ = cut(Store([START] * 60_000), window, estimate=60_000)
    assert (found.parts, found.counted) == ((window,), None)


def test_a_table_that_is_not_aggregated_is_cut_evenly() -> None:
    window = Window(START, START + 800 * DAY)
    found, requests = cut(Store(EVEN, aggregates=False), window, estimate=137_000)
    assert_exact(found.parts, window)
    # A twelfth of the rows in whole pages, a quarter more parts than that gives, and the last three of these 12 halved.
    assert (len(found.parts), found.rows, found.counted) == (15, 15_000, None)
    # The plain count beside the refused one.
    assert requests == 5


def test_rows_that_nobody_counts_are_cut_all_the_same() -> None:
    window = Window(START, None)
    found, _ = cut(Store(EVEN), window)
    assert_exact(found.parts, window)
    # Eight, the last two of which are halved.
    assert len(found.parts) == 10


def test_the_last_quarter_of_many_parts_is_cut_twice_as_finely() -> None:
    # 480,000 rows in parts of 25,000, and a quarter more parts than that gives: 24, of which 18
    # are whole and 6 halved.
    moments = [START + timedelta(seconds=number) for number in range(480_000)]
    found, _ = cut(Store(moments), Window(START, None), rows=25_000, expected=480_000)
    store = Store(moments)
    lengths = [store.count(part) for part in found.parts]
    assert lengths == [20_000] * 18 + [10_000] * 12


def test_all_rows_are_not_cut_where_some_are_in_no_window() -> None:
    found, _ = cut(Store(EVEN, undated=1), Window())
    assert (found.parts, found.counted) == ((Window(),), None)


def test_the_bounds_of_a_window_need_not_be_whole_seconds() -> None:
    window = Window(START + timedelta(microseconds=7), START + 700 * DAY + timedelta(microseconds=9))
    found, _ = cut(Store(EVEN), window)
    assert_exact(found.parts, window)
