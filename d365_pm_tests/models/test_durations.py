"""ServiceRequestCycleTime and the durations beside it (reference: event-log semantics 2.21, K9)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.stories import Story, story


def cycle_time(desk: Desk) -> object:
    return desk.run.cases().one(CaseGuid="c1")["ServiceRequestCycleTime"]


@story
def test_it_runs_from_the_creation_to_the_resolution(desk: Desk) -> Story:
    desk.case(created="10:00:00")
    desk.resolve("12:00:01")
    yield
    assert cycle_time(desk) == 7_201


@story
def test_it_runs_to_the_last_of_several_resolutions(desk: Desk) -> Story:
    desk.case(created="10:00")
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.resolve("14:00")
    yield
    assert cycle_time(desk) == 4 * 3_600


@story
def test_a_survey_after_the_resolution_does_not_lengthen_it(desk: Desk) -> Story:
    desk.case(created="10:00")
    desk.resolve("12:00")
    desk.invite("12:30")
    yield
    assert cycle_time(desk) == 2 * 3_600


@story
def test_an_open_case_has_none(desk: Desk) -> Story:
    desk.case()
    yield
    assert cycle_time(desk) is None


@story
def test_a_reactivated_case_that_is_still_open_has_none(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    yield
    assert cycle_time(desk) is None


@pytest.mark.parametrize("status", [6, 2000], ids=["cancelled", "merged"])
@story
def test_a_case_that_came_to_nothing_has_none(desk: Desk, status: int) -> Story:
    desk.case()
    desk.resolve("11:00")
    desk.reactivate("11:30")
    desk.cancel("12:00", status=status)
    yield
    assert cycle_time(desk) is None


@story
def test_a_resolution_before_the_creation_is_an_error_and_none(desk: Desk) -> Story:
    desk.case(created="10:00")
    desk.resolve("09:00")
    yield
    assert cycle_time(desk) is None


@story
def test_the_time_a_case_lay_resolved_is_not_active(desk: Desk) -> Story:
    desk.case(created="10:00")
    desk.resolve("12:00")
    desk.reactivate("15:00")
    desk.resolve("16:00")
    yield
    case = desk.run.cases().one()
    assert (case["TimeToFirstResolution"], case["ActiveTime"], case["ServiceRequestCycleTime"]) == (
        2 * 3_600,
        3 * 3_600,
        6 * 3_600,
    )


@story
def test_waiting_ends_when_the_status_leaves_it_and_not_with_the_customer_s_answer(desk: Desk) -> Story:
    desk.case(created="10:00")
    desk.status("11:00", 3)
    desk.email_in("11:15")
    desk.status("11:30", 1)
    desk.resolve("12:00")
    yield
    case = desk.run.cases().one()
    assert (case["CustomerWaitTime"], case["NetHandlingTime"]) == (1_800, 2 * 3_600 - 1_800)


@story
def test_waiting_ends_with_the_resolution(desk: Desk) -> Story:
    desk.case(created="10:00")
    desk.status("11:00", 3)
    desk.resolve("12:00")
    yield
    assert desk.run.cases().one()["CustomerWaitTime"] == 3_600


@story
def test_several_waits_add_up(desk: Desk) -> Story:
    desk.case(created="10:00")
    for moment, code in (("10:10", 3), ("10:20", 1), ("11:00", 3), ("11:05", 1)):
        desk.status(moment, code)
    desk.resolve("12:00")
    yield
    assert desk.run.cases().one()["CustomerWaitTime"] == 900


@story
def test_a_case_that_is_known_never_to_have_asked_waited_for_no_time(desk: Desk) -> Story:
    desk.case(created="10:00")
    desk.email_in("11:00")
    desk.resolve("12:00")
    yield
    assert desk.run.cases().only("CustomerWaitTime", "CustomerWaitTimeByContact") == [(0, 0)]


@pytest.mark.parametrize(
    ("end", "outcome"),
    [("none", "Open"), ("resolve", "Resolved"), ("cancel", "Cancelled"), ("merge", "Merged")],
)
@story
def test_the_outcome_is_the_present_state(desk: Desk, end: str, outcome: str) -> Story:
    desk.case()
    if end == "resolve":
        desk.resolve("12:00")
    elif end != "none":
        desk.cancel("12:00", status=6 if end == "cancel" else 2000)
    yield
    assert desk.run.cases().only("CaseOutcome") == [outcome]


@story
def test_a_case_with_a_master_is_merged_whatever_its_status_reason(desk: Desk) -> Story:
    """4.1: the master tells it; an organisation may have a reason of its own for the cancelling."""
    desk.case("master")
    desk.case()
    desk.update("c1", masterid="master")
    desk.cancel("11:00", status=6)
    yield
    assert desk.run.cases().where(CaseGuid="c1").only("CaseOutcome") == ["Merged"]
