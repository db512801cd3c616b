"""A desk that lives on while it is served."""

import datetime as dt
import time
from typing import Any

import polars as pl
import pytest

from d365_pm.sandbox.mover import Happenings, Mover, live_on
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.sandbox.conftest import client_of, values

START = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAYS_AHEAD = 6
STATES = {"case_created": 0, "case_reactivated": 0, "case_resolved": 1, "case_closed": 2}
SIX_TABLES = ("incident", "queueitem", "email", "slakpiinstance", "incidentresolution", "audit")


def mover(*, deletions: float = 0.0, seed: int = 5) -> Mover:
    return Mover(cases=300, seed=seed, now=START, days=10, days_ahead=DAYS_AHEAD, deletions_per_day=deletions)


def rows(desk: Mover, table: str) -> pl.DataFrame:
    return desk.environment.tables[table].rows.drop("versionnumber", strict=False)


def finished(desk: Mover, table: str) -> pl.DataFrame:
    frame = pl.from_arrow(desk.desk.tables[table])
    assert isinstance(frame, pl.DataFrame)
    return frame.drop("versionnumber", strict=False)


def same(left: pl.DataFrame, right: pl.DataFrame, key: str) -> bool:
    """Equal rows, whatever their order."""
    return left.sort(key).equals(right.select(left.columns).sort(key).cast(dict(left.schema)))


@pytest.fixture(scope="module")
def advanced() -> tuple[Mover, list[Happenings]]:
    """A desk after some uneven steps, with the life's end still to come."""
    desk = mover(deletions=2.0)
    return desk, [desk.advance(hours) for hours in (2, 30, 5, 24)]


def test_at_the_end_the_environment_is_the_finished_desk() -> None:
    desk = mover()
    for _ in range(5):
        desk.advance(31)
    assert desk.is_over and desk.now == START + dt.timedelta(days=DAYS_AHEAD)
    for name in desk.desk.tables:
        key = desk.environment.tables[name].definition.key
        assert same(finished(desk, name), rows(desk, name), key), name


def test_the_steps_do_not_change_the_life() -> None:
    small, large = mover(), mover()
    for _ in range(6):
        small.advance(8)
    large.advance(48)
    for name in SIX_TABLES:
        key = large.environment.tables[name].definition.key
        assert same(rows(large, name), rows(small, name), key), name


def test_nothing_of_the_future_shows(advanced: tuple[Mover, list[Happenings]]) -> None:
    desk, _ = advanced
    for name in desk.desk.tables:
        frame = rows(desk, name)
        for column in ("createdon", "modifiedon", "senton", "succeededon", "terminalstatetime", "deactivatedon"):
            if column in frame.columns and frame.height:
                latest: Any = frame[column].max()
                assert latest is None or latest <= desk.now, (name, column)


def test_cases_are_in_the_state_that_their_story_says(advanced: tuple[Mover, list[Happenings]]) -> None:
    """The notebook of the desk knows nothing of audit, from which the environment's state was undone."""
    desk, _ = advanced
    told: dict[str, int] = {}
    for event in desk.truth("en").to_pylist():
        if event["ActivityCode"] in STATES:
            told[event["CaseGuid"]] = STATES[event["ActivityCode"]]
    shown = dict(rows(desk, "incident").select("incidentid", "statecode").iter_rows())
    assert len(shown) > 100 and set(shown.values()) == {0, 1, 2}
    assert {case: told[case] for case in shown} == shown


def test_queue_items_that_left_their_queue_were_there_before() -> None:
    desk = mover()
    before = set(rows(desk, "queueitem")["queueitemid"])
    desk.advance(24 * DAYS_AHEAD)
    left = before - set(rows(desk, "queueitem")["queueitemid"])
    assert left, "this seed should take items out of queues"


def test_an_advance_tells_what_happened(advanced: tuple[Mover, list[Happenings]]) -> None:
    desk, happenings = advanced
    first = mover(deletions=2.0)
    for name in ("incident", "email", "audit"):
        growth = rows(desk, name).height - rows(first, name).height
        created = sum(each.created.get(name, 0) for each in happenings)
        deleted = sum(each.deleted.get(name, 0) for each in happenings)
        assert created > 0 and growth == created - deleted
    assert sum(each.changed.get("incident", 0) for each in happenings) > 0
    assert happenings[-1].now == START + dt.timedelta(hours=61)


def test_deleted_cases_are_gone_with_all_that_hung_on_them(advanced: tuple[Mover, list[Happenings]]) -> None:
    desk, happenings = advanced
    deleted = [case for each in happenings for case in each.deleted_cases]
    assert len(deleted) == 5, "two a day for sixty-one hours"
    gone = pl.Series(deleted).implode()
    for name, link in (
        ("incident", "incidentid"),
        ("email", "_regardingobjectid_value"),
        ("queueitem", "_objectid_value"),
    ):
        assert rows(desk, name).filter(pl.col(link).is_in(gone)).is_empty()
    of_them = rows(desk, "audit").filter(pl.col("_objectid_value").is_in(gone))
    last = of_them.sort("createdon", "operation").group_by("_objectid_value").last()
    assert last.height == 5 and set(last["action"]) == {3}
    assert not set(deleted) & set(desk.truth("en")["CaseGuid"].to_pylist())


def test_merged_cases_take_their_letters_along() -> None:
    desk = mover(seed=6)
    while not desk.is_over:
        before = rows(desk, "email")
        merged = desk.advance(12).merged
        letters = before.filter(pl.col("_regardingobjectid_value").is_in(pl.Series(merged, dtype=pl.String).implode()))
        if letters.height:
            break
    assert letters.height, "this seed should merge a case with letters"
    survivor = dict(rows(desk, "incident").select("incidentid", "_masterid_value").iter_rows())
    now = dict(rows(desk, "email").select("activityid", "_regardingobjectid_value").iter_rows())
    for letter, case in letters.select("activityid", "_regardingobjectid_value").iter_rows():
        assert now[letter] == survivor[case] is not None


def test_a_client_follows_the_desk_by_its_delta_link() -> None:
    desk = mover(deletions=4.0)
    web = client_of(desk.environment)
    track = {"Prefer": "odata.track-changes"}
    link, mirror = "queueitems?$select=statecode,modifiedon", {}
    for _ in range(4):
        page = web.get(link, headers=track).json()
        for row in page["value"]:
            if row.get("reason") == "deleted":
                mirror.pop(row["id"], None)
            else:
                mirror[row["queueitemid"]] = row["modifiedon"]
        link = page["@odata.deltaLink"]
        now = {row["queueitemid"]: row["modifiedon"] for row in values(web.get("queueitems?$select=modifiedon"))}
        assert mirror == now
        desk.advance(20)


def test_a_served_desk_keeps_up_with_the_clock() -> None:
    environment = live_on(0.1, cases=50, seed=2, days=1, switches=Switches())
    served_at = environment.clock()
    deadline = time.monotonic() + 30
    while environment.clock() == served_at and time.monotonic() < deadline:
        time.sleep(0.05)
    assert served_at < environment.clock() <= dt.datetime.now(dt.UTC)
    assert environment.tables["incident"].rows.height > 0
