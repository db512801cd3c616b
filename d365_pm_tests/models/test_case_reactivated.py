"""Case Reactivated: rules RE1 and RE2 (reference: event-log semantics 3.8)."""

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story

COLUMNS = ("rule", "event_time", "actor_id", "kind", "confidence")


@story
def test_re1_a_resolved_case_comes_back(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00", by="bob")
    yield
    assert desk.run.activity("case_reactivated").only(*COLUMNS) == [("RE1", at("13:00"), "bob", "Resolved", "A")]


@story
def test_re1_evidence_is_the_audit_row_of_the_case(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    row = desk.reactivate("13:00")
    yield
    assert desk.run.activity("case_reactivated").only("source_table", "source_row_id") == [("audit", row)]


@story
def test_re2_a_cancelled_case_comes_back(desk: Desk) -> Story:
    desk.case()
    desk.cancel("12:00")
    desk.reactivate("13:00", by="bob")
    yield
    assert desk.run.activity("case_reactivated").only(*COLUMNS) == [("RE2", at("13:00"), "bob", "Cancelled", "A")]


@story
def test_every_return_counts(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.resolve("14:00")
    desk.reactivate("15:00")
    yield
    assert desk.run.activity("case_reactivated").only("event_time") == [at("13:00"), at("15:00")]


@story
def test_another_status_within_active_is_no_reactivation(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3)
    desk.status("12:00", 1)
    yield
    assert desk.run.activity("case_reactivated") == []


@story
def test_creating_an_active_case_is_no_reactivation(desk: Desk) -> Story:
    desk.case()
    yield
    assert desk.run.activity("case_reactivated") == []


@story
def test_the_action_reopen_without_a_state_change_is_no_reactivation(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "12:00", audit={"action": 21}, prioritycode=(2, 3))
    yield
    assert desk.run.activity("case_reactivated") == []


@story
def test_cancelling_a_resolved_case_and_an_active_state_out_of_nothing_are_no_reactivation(desk: Desk) -> Story:
    desk.case("resolved")
    desk.resolve("12:00", "resolved")
    desk.change("resolved", "12:30", statecode=(1, 2), statuscode=(5, 6))
    desk.case("active")
    desk.audit("active", "11:00", {"statecode": (None, 0)})
    yield
    assert desk.run.activity("case_reactivated") == []
