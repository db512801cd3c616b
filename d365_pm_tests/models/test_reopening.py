"""IsReopened: back from Resolved within the reopen window of the first resolution (reference: K7, 10).

The window is two days here; a case is resolved on the 4th at noon, so that it closes on the 6th at noon.
"""

import pytest

from d365_pm_tests.models.desk import Desk

WINDOW = {"thresholds": [{"key": "reopen_window_seconds", "value": str(2 * 86_400)}]}


def desk_of(as_of: str = "06 12:00", **settings: object) -> Desk:
    desk = Desk(as_of=as_of, seeds=WINDOW, **settings)
    desk.case()
    desk.resolve("12:00")
    return desk


def is_reopened(desk: Desk) -> object:
    return desk.run.cases().one()["IsReopened"]


@pytest.mark.parametrize(("as_of", "expected"), [("06 11:59:59", None), ("06 12:00", False)])
def test_a_case_that_stays_resolved_was_not_reopened_once_the_window_has_passed(as_of: str, expected: object) -> None:
    assert is_reopened(desk_of(as_of)) is expected


@pytest.mark.parametrize(("as_of", "expected"), [("06 11:59:59", None), ("06 12:00", True)])
def test_a_case_that_came_back_counts_when_those_count_that_did_not(as_of: str, expected: object) -> None:
    """Else the rate of young cases would be one of those alone that came back."""
    desk = desk_of(as_of)
    desk.reactivate("13:00")
    assert is_reopened(desk) is expected


@pytest.mark.parametrize(("back", "expected"), [("06 12:00", True), ("06 12:00:01", False)])
def test_it_comes_back_up_to_the_last_second_of_the_window(back: str, expected: object) -> None:
    desk = desk_of("10 00:00")
    desk.reactivate(back)
    assert is_reopened(desk) is expected


def test_the_window_begins_with_the_first_resolution() -> None:
    desk = desk_of("20 00:00")
    desk.reactivate("09 10:00")
    desk.resolve("09 12:00")
    desk.reactivate("09 13:00")
    assert is_reopened(desk) is False


def test_a_return_before_the_first_resolution_that_is_known_is_none_of_it() -> None:
    desk = Desk(as_of="20 00:00", seeds=WINDOW)
    desk.case()
    desk.change("c1", "11:00", statecode=(1, 0), statuscode=(5, 1))
    desk.resolve("12:00")
    # Rows are missing, so that nobody can say that it never came back either.
    assert desk.run.cases().one()["StateOrderAnomaly"]
    assert is_reopened(desk) is None


def test_a_return_from_cancelled_is_none_and_what_was_never_resolved_has_no_window() -> None:
    desk = Desk(seeds=WINDOW)
    desk.case()
    desk.cancel("11:00")
    desk.reactivate("11:30")
    desk.case("c2")
    desk.resolve("12:00", "c2")
    desk.cancel("13:00", "c2")
    desk.reactivate("13:30", "c2")
    assert sorted(desk.run.cases().only("CaseGuid", "IsReopened")) == [("c1", None), ("c2", False)]


def test_a_case_that_was_deleted_was_watched_until_then() -> None:
    desk = Desk(seeds={**WINDOW, "switches": [{"key": "keep_deleted", "is_on": "true"}]})
    for case, deleted in (("c1", "06 11:00"), ("c2", "06 12:00")):
        desk.case(case)
        desk.resolve("12:00", case)
        desk.delete(case, noticed=deleted)
    assert sorted(desk.run.cases().only("CaseGuid", "IsReopened")) == [("c1", None), ("c2", False)]


def test_without_audit_of_the_status_a_return_may_have_gone_unseen() -> None:
    assert is_reopened(desk_of(unaudited={"incident.statuscode"})) is None


def test_a_return_that_nothing_tells_the_moment_of_leaves_it_open() -> None:
    desk = desk_of("20 00:00")
    desk.update("c1", statecode=0, statuscode=1, modifiedon="13:00")
    assert desk.run.cases().one()["InferredReactivations"] == 1
    assert is_reopened(desk) is None
