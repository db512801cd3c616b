"""Cutting windows: disjoint, whole, on whole seconds, small enough, and few questions."""

import re
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx
import pytest

from d365_pm.dataverse.counting import Counter
from d365_pm.dataverse.query import Window, instant
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.shaping import as_wanted
from d365_pm.dataverse.slices import Slice, Slicer
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


def cut(store: Store, window: Window, *, rows: int = 50_000, estimate: int | None = None) -> tuple[list[Slice], int]:
    setup = Setup(store)
    slicer = Slicer(setup.connection, Counter(setup.connection, Watch()), INCIDENT, rows=rows)

    async def total() -> int | None:
        return estimate

    return run(slicer.cut(window, estimate=total)), len(setup.recorder.requests)


def assert_exact(parts: list[Slice], window: Window) -> None:
    assert (parts[0].window.start, parts[-1].window.end) == (window.start, window.end)
    for left, right in pairwise(parts):
        assert left.window.end is not None
        assert left.window.end == right.window.start
        assert left.window.end.microsecond == 0


EVEN = [START + timedelta(seconds=230 * number) for number in range(137_000)]
SKEWED = [START + timedelta(seconds=number) for number in range(60_000)] + [
    START + 300 * DAY + timedelta(seconds=30 * number) for number in range(20_000)
]
WINDOWS = [Window(), Window(START, None), Window(None, START + 800 * DAY), Window(START, START + 800 * DAY)]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("moments", [EVEN, SKEWED], ids=["even", "skewed"])
@pytest.mark.parametrize("rows", [20_000, 50_000])
def test_parts_are_disjoint_whole_and_small_enough(moments: list[datetime], window: Window, rows: int) -> None:
    store = Store(moments)
    parts, _ = cut(store, window, rows=rows)
    assert_exact(parts, window)
    for part in parts:
        assert part.expected == store.count(part.window)
        assert part.expected <= rows
    assert sum(part.expected or 0 for part in parts) == len(moments)


@pytest.mark.parametrize(("moments", "most"), [(EVEN, 20), (SKEWED, 50)], ids=["even", "skewed"])
def test_few_questions_are_asked(moments: list[datetime], most: int) -> None:
    _, requests = cut(Store(moments), Window(START, None))
    assert requests <= most


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_known_total_saves_questions(share: float) -> None:
    moments = [START + timedelta(seconds=60 * number) for number in range(500_000)]
    store, window = Store(moments), Window(moments[int(len(moments) * (1 - share))], None)
    parts, requests = cut(store, window, estimate=len(moments))
    assert_exact(parts, window)
    assert sum(part.expected or 0 for part in parts) == store.count(window)
    assert all((part.expected or 0) <= 50_000 for part in parts)
    # Counting, bounds and the guess: five; then one question for each of the even parts, a quarter more than 24.
    assert requests <= 6 + 24 * 1.25
    guessed, questions = cut(store, window)
    assert requests / len(parts) < questions / len(guessed)


def test_neighbours_that_are_small_together_are_one() -> None:
    parts, _ = cut(Store(EVEN), Window(START, None), rows=50_000)
    for left, right in pairwise(parts):
        assert (left.expected or 0) + (right.expected or 0) > 50_000


def test_a_small_window_is_one_part_after_one_round_of_questions() -> None:
    window = Window(START, START + DAY)
    parts, requests = cut(Store(EVEN), window)
    assert parts == [Slice(window, 376)]
    # The count, and both ends of the window, asked for together.
    assert requests == 3


def test_no_rows_are_one_part() -> None:
    assert cut(Store([]), Window()) == ([Slice(Window(), 0)], 3)


def test_one_crowded_second_cannot_be_cut() -> None:
    store = Store([START] * 60_000 + [START + timedelta(seconds=9)] * 10)
    parts, requests = cut(store, Window(START, None))
    assert_exact(parts, Window(START, None))
    assert [part.expected for part in parts] == [None, 10]
    assert requests < 30


def test_a_table_that_is_not_aggregated_is_cut_evenly_and_not_counted() -> None:
    window = Window(START, START + 800 * DAY)
    parts, requests = cut(Store(EVEN, aggregates=False), window, estimate=137_000)
    assert_exact(parts, window)
    # A 24th of the rows is less than the two pages that a part has at least; a quarter more parts than that gives.
    assert len(parts) == 18
    assert {part.expected for part in parts} == {None}
    # Five questions before, and one for each part that is tried out.
    assert requests <= 18 + 6


def test_a_short_window_gives_every_stream_a_part_and_no_part_is_tiny() -> None:
    window = Window(START, START + 800 * DAY)
    parts, _ = cut(Store(EVEN), window, estimate=137_000)
    assert_exact(parts, window)
    assert len(parts) >= 6
    assert all(part.expected is not None and part.expected <= 30_000 for part in parts)


def test_all_rows_are_not_cut_where_some_are_in_no_window() -> None:
    parts, _ = cut(Store(EVEN, undated=1), Window())
    assert parts == [Slice(Window(), None)]


def test_the_bounds_of_a_window_need_not_be_whole_seconds() -> None:
    window = Window(START + timedelta(microseconds=7), START + 700 * DAY + timedelta(microseconds=9))
    parts, _ = cut(Store(EVEN), window)
    assert_exact(parts, window)
