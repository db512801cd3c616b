"""Counting rows: exact, or unknown; never a ceiling taken for a number."""

from datetime import UTC, datetime

import httpx
import pytest

from d365_pm.dataverse.counting import Counter
from d365_pm.dataverse.lacking import missing
from d365_pm.dataverse.query import Window
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.shaping import as_wanted
from d365_pm.dataverse.watch import Watch
from d365_pm_tests.dataverse.wire import Setup, error, run

INCIDENT = as_wanted(TABLES["incident"])
AUDIT = as_wanted(TABLES["audit"])
WINDOW = Window(datetime(2026, 2, 9, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC))
INSIDE = "modifiedon ge 2026-02-09T00:00:00Z and modifiedon lt 2026-02-10T00:00:00Z"


class Table:
    """A table of so many rows behind both ways of counting."""

    def __init__(self, rows: int, *, refusal: httpx.Response | None = None) -> None:
        self._rows = rows
        self._refusal = refusal

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/$count"):
            return httpx.Response(200, text=str(min(self._rows, 5000)))
        if self._refusal:
            return self._refusal
        if self._rows > 50_000:
            return error(400, "0x8004e023", "AggregateQueryRecordLimit exceeded. Cannot perform this operation.")
        return httpx.Response(200, json={"value": [{"n": self._rows}]})


@pytest.mark.parametrize(
    ("rows", "found", "requests"),
    [(0, 0, 1), (4999, 4999, 1), (5000, 5000, 2), (50_000, 50_000, 2), (50_001, None, 2)],
)
def test_a_count_is_exact_up_to_what_the_server_aggregates(rows: int, found: int | None, requests: int) -> None:
    setup = Setup(Table(rows))
    assert run(Counter(setup.connection, Watch()).count(INCIDENT)) == found
    assert len(setup.recorder.requests) == requests


def test_both_questions_ask_for_the_same_window() -> None:
    setup = Setup(Table(7000))
    run(Counter(setup.connection, Watch()).count(INCIDENT, WINDOW))
    plain, aggregate = (request.url.params for request in setup.recorder.requests)
    assert plain["$filter"] == INSIDE
    assert aggregate["$apply"] == f"filter({INSIDE})/aggregate($count as n)"


def test_the_filter_of_the_registry_counts_too() -> None:
    setup = Setup(Table(7000))
    run(Counter(setup.connection, Watch()).count(AUDIT))
    assert setup.recorder.requests[0].url.params["$filter"] == AUDIT.table.filter
    assert setup.recorder.requests[1].url.params["$apply"] == f"filter({AUDIT.table.filter})/aggregate($count as n)"


def test_a_table_that_refuses_aggregates_is_asked_once() -> None:
    setup = Setup(Table(7000, refusal=error(400, "0x80060888", "$apply is not supported")))
    counter = Counter(setup.connection, Watch())

    async def twice() -> list[int | None]:
        return [await counter.count(INCIDENT), await counter.count(INCIDENT, WINDOW)]

    assert run(twice()) == [None, None]
    assert sum("$apply" in request.url.params for request in setup.recorder.requests) == 1


def test_a_window_beyond_the_limit_does_not_stop_the_others_from_being_aggregated() -> None:
    watch = Watch()
    run(Counter(Setup(Table(60_000)).connection, watch).count(INCIDENT))
    assert run(Counter(Setup(Table(40_000)).connection, watch).count(INCIDENT)) == 40_000


def test_an_answer_without_the_number_is_unknown() -> None:
    setup = Setup(Table(7000, refusal=httpx.Response(200, json={"value": []})))
    assert run(Counter(setup.connection, Watch()).count(INCIDENT)) is None


def test_a_missing_table_has_no_rows() -> None:
    setup = Setup(Table(7))
    assert run(Counter(setup.connection, Watch()).count(missing(TABLES["sla"]))) == 0
    assert setup.recorder.requests == []
