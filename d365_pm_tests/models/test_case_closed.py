"""Case Closed: rules CL1, CL2 and CL3 (reference: event-log semantics 3.3)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story

COLUMNS = ("rule", "event_time", "actor_id", "kind", "confidence")


@pytest.mark.parametrize(
    ("status", "rule", "kind"),
    [(6, "CL1", "Cancelled"), (741130000, "CL1", "Cancelled"), (2000, "CL2", "Merged")],
    ids=["CL1 cancelled", "CL1 cancelled for a reason of their own", "CL2 merged"],
)
@story
def test_an_end_without_resolution_closes_the_case(desk: Desk, status: int, rule: str, kind: str) -> Story:
    desk.case()
    desk.cancel("12:00", by="bob", status=status)
    yield
    assert desk.run.activity("case_closed").only(*COLUMNS) == [(rule, at("12:00"), "bob", kind, "A")]


@story
def test_resolving_does_not_close(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    yield
    assert desk.run.activity("case_closed") == []


@story
def test_a_case_that_was_reactivated_can_be_cancelled_again(desk: Desk) -> Story:
    desk.case()
    desk.cancel("12:00")
    desk.reactivate("13:00")
    desk.cancel("14:00")
    yield
    assert desk.run.activity("case_closed").only("event_time") == [at("12:00"), at("14:00")]


@story
def test_another_status_within_cancelled_is_no_second_end(desk: Desk) -> Story:
    desk.case()
    desk.cancel("12:00")
    desk.status("12:30", 741130000)
    yield
    assert desk.run.activity("case_closed").only("event_time") == [at("12:00")]


@story
def test_the_evidence_is_the_audit_row(desk: Desk) -> Story:
    desk.case()
    row = desk.cancel("12:00")
    yield
    assert desk.run.activity("case_closed").only("source_table", "source_row_id") == [("audit", row)]


@story
def test_the_action_cancel_without_a_state_change_closes_nothing(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "12:00", audit={"action": 17}, prioritycode=(2, 3))
    yield
    assert desk.run.activity("case_closed") == []


def test_cl3_a_status_of_the_role_closed_closes_a_resolved_case() -> None:
    desk = Desk(seeds={"status_roles": [{"status_code": "7", "role": "closed"}]})
    desk.case()
    desk.resolve("12:00")
    desk.status("05 12:00", 7, by="bob")
    assert desk.run.activity("case_closed").only(*COLUMNS) == [("CL3", at("05 12:00"), "bob", "Closed", "A")]


@story
def test_cl3_without_the_role_the_status_closes_nothing(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.status("05 12:00", 7)
    yield
    assert desk.run.activity("case_closed") == []


def test_cl3_a_cancellation_is_not_counted_twice() -> None:
    desk = Desk(seeds={"status_roles": [{"status_code": "7", "role": "closed"}]})
    desk.case()
    desk.cancel("12:00")
    assert desk.run.activity("case_closed").only("rule") == ["CL1"]
