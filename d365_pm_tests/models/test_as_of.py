"""LastDataUpdate: the start of the oldest extraction, and nothing after it (reference: 2.5 and 4.17)."""

import pytest

from d365_pm.dataverse.registry import TABLES
from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, instant
from d365_pm_tests.models.raw_rows import Row
from d365_pm_tests.models.stories import Story, story


def load(table: str, extracted: str, end: str | None = None) -> Row:
    return {
        "table_name": table,
        "extracted_at": instant(extracted),
        "window_start": None,
        "window_end": end and instant(end),
        "row_count": 1,
        "is_missing": False,
    }


def every_table(extracted: str) -> list[Row]:
    return [load(table, extracted) for table in TABLES]


@story
def test_every_row_shows_the_start_of_the_extraction(desk: Desk) -> Story:
    desk.case()
    desk.resolve("11:00")
    yield
    assert desk.run.log().only("LastDataUpdate") == [at("20 00:00")] * 2


@pytest.mark.parametrize(
    ("loads", "as_of"),
    [
        pytest.param([*every_table("20 00:00"), load("email", "21 00:00")], "20 00:00", id="the oldest table decides"),
        pytest.param([*every_table("19 00:00"), *every_table("20 00:00")], "20 00:00", id="the newest load counts"),
        pytest.param(
            [*every_table("19 00:00"), load("audit", "20 00:00", end="10 00:00")],
            "19 00:00",
            id="filling an old window does not move it back",
        ),
        pytest.param(
            [row | {"window_end": instant("18 00:00")} for row in every_table("20 00:00")],
            "18 00:00",
            id="a closed window reaches to its end",
        ),
    ],
)
def test_the_as_of_is_what_every_table_reaches(loads: list[Row], as_of: str) -> None:
    desk = Desk()
    desk.loads = loads
    desk.case()
    assert desk.run.log().only("LastDataUpdate") == [at(as_of)]


def test_the_as_of_is_a_whole_second_that_was_read_to_its_end() -> None:
    desk = Desk()
    started = instant("20 00:00").replace(microsecond=999_999)
    desk.loads = [row | {"extracted_at": started} for row in every_table("20 00:00")]
    desk.case()
    assert desk.run.log().only("LastDataUpdate") == [at("20 00:00")]


def test_what_happened_after_the_as_of_is_not_in_the_log() -> None:
    desk = Desk(as_of="11:30")
    desk.case(created="10:00")
    desk.change("c1", "11:00", ownerid=("alice", "bob"))
    desk.change("c1", "11:45", ownerid=("bob", "carol"))
    assert desk.run.log().only("EventTime") == [at("10:00"), at("11:00")]


def test_what_happened_at_the_as_of_is_in_the_log() -> None:
    desk = Desk(as_of="11:00")
    desk.case(created="10:00")
    desk.change("c1", "11:00", ownerid=("alice", "bob"))
    assert desk.run.log().only("EventTime") == [at("10:00"), at("11:00")]
