"""Auditing on since a date, or for some columns only: each fall-back where it alone can know (1.3)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story

ENVIRONMENT = {"audit_from": "06 00:00"}
"""Auditing began on 6 March."""


def switch(desk: Desk, when: str, action: int, *, of: str = "incident") -> None:
    """Auditing of a table is switched on (105) or off (110)."""
    desk.row("audit", f"switch {when}", createdon=when, action=action, operation=4, objecttypecode=of)


@story
def test_the_first_owner_is_unknown_where_nobody_saw_the_birth(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case(by="robot")
    desk.change("c1", "05 10:00", ownerid=("robot", "bob"))
    desk.change("c1", "07 10:00", ownerid=("bob", "carol"))
    yield
    assert desk.run.activity("case_assigned").only("rule", "event_time") == [("A1", at("07 10:00"))]


@story
def test_the_owner_before_the_first_seen_change_holds_since_auditing_began(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case(ownerid="team_n1")
    desk.link_article("05 10:00")
    desk.link_article("06 10:00", article="other_article")
    desk.change("c1", "07 10:00", ownerid=("team_n1", "bob"))
    yield
    assert desk.run.events().only("Rule", "OwnerTeam") == [
        ("CREATED", None),
        ("I1", None),
        ("I1", "Suporte N1"),
        ("A1", "Suporte N1"),
    ]


@story
def test_of_several_waits_those_count_that_were_seen(desk: Desk) -> Story:
    """K9: what was before auditing is unknown, what came after it is not; no wait at all proves nothing."""
    switch(desk, "06 00:00", 105)
    for case in ("c1", "c2"):
        desk.case(case)
        desk.status("05 10:00", 3, case)
        desk.status("05 11:00", 1, case)
    desk.status("06 10:00", 3)
    desk.email_in("06 10:10")
    desk.status("06 10:30", 1)
    yield
    assert sorted(desk.run.cases().only("CaseGuid", "CustomerWaitTime", "CustomerWaitTimeByContact")) == [
        ("c1", 1_800, 600),
        ("c2", None, None),
    ]


@story
def test_a_reactivation_before_and_one_after_are_told_once_each(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case()
    desk.resolve("04 12:00")
    desk.reactivate("04 13:00")
    desk.resolve("05 12:00")
    desk.reactivate("07 12:00")
    desk.resolve("08 12:00")
    yield
    assert desk.run.activity("case_reactivated").only("rule", "event_time") == [
        ("RE3", at("04 13:00")),
        ("RE1", at("07 12:00")),
    ]
    assert desk.run.cases().one()["InferredReactivations"] == 0


@story
def test_a_touch_under_audit_is_not_the_reactivation_that_nobody_saw(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case()
    desk.resolve("04 12:00")
    desk.reactivate("05 12:00")
    desk.update("resolution 1", modifiedon="07 12:00")
    desk.email_out("05 13:00")
    desk.email_out("07 13:00")
    desk.resolve("08 12:00")
    yield
    event = desk.run.activity("case_reactivated").one()
    assert (event["rule"], event["event_time"]) == ("RE4", at("05 13:00"))
    assert (event["time_lower"], event["time_upper"]) == (at("04 12:00"), at("06 00:00"))


@story
def test_a_case_born_under_audit_gets_no_fall_back(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case(created="07 10:00")
    desk.resolve("07 12:00")
    desk.email_out("07 10:10")
    desk.email_in("07 10:20")
    desk.email_out("07 10:30")
    yield
    assert not set(desk.run.events().only("Rule")) & {"RE3", "RE4", "Q2", "CL4", "A5", "P4"}


@story
def test_questions_by_email_only_before_auditing_began(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case()
    for direction, moment in (
        (desk.email_out, "04 11:00"),
        (desk.email_in, "04 12:00"),
        (desk.email_out, "07 11:00"),
        (desk.email_in, "07 12:00"),
        (desk.email_out, "07 13:00"),
    ):
        direction(moment)
    desk.status("08 10:00", 3)
    yield
    assert desk.run.activity("information_requested_from_customer").only("rule", "event_time") == [
        ("Q2", at("04 11:00")),
        ("Q1", at("08 10:00")),
    ]


@story
def test_a_case_cancelled_before_auditing_began_ended_before_it(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case()
    desk.cancel("05 12:00")
    desk.change("c1", "07 12:00", prioritycode=(2, 3))
    yield
    assert desk.run.activity("case_closed").only("rule", "event_time", "actor_id") == [("CL4", at("06 00:00"), None)]


@story
def test_a_case_cancelled_under_audit_has_its_row(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case()
    desk.cancel("07 12:00")
    yield
    assert desk.run.activity("case_closed").only("rule", "event_time") == [("CL1", at("07 12:00"))]


@story
def test_a_worker_set_before_auditing_began(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case(by="robot", ownerid="bob")
    desk.enqueue("04 11:00")
    desk.update("item", workerid="bob", workeridmodifiedon="04 11:30")
    desk.case("later", by="robot", ownerid="bob")
    desk.enqueue("04 11:00", case="later", name="later item")
    desk.change("later item", "07 11:30", by="bob", workerid=(None, "bob"))
    desk.update("later item", workeridmodifiedon="07 11:30")
    yield
    picks = desk.run.activity("queue_item_picked_by_agent").only("case_id", "rule", "event_time")
    assert picks == [("c1", "P4", at("04 11:30")), ("later", "P1", at("07 11:30"))]
    assert desk.run.activity("case_assigned").where(rule="A5").only("case_id") == ["c1"]


@story
def test_an_audited_owner_change_of_the_same_second_tells_who_set_a_worker_that_nobody_audited(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    for case, actor in (("picked", "bob"), ("pushed", "carol")):
        desk.case(case, by="robot", ownerid="team_n1", audited=False)
        desk.enqueue("04 11:00", case=case, name=f"item {case}")
        desk.change(case, "07 11:30", by=actor, ownerid=("team_n1", "bob"))
        touched = {"modifiedon": "07 12:00", "modifiedby": "carol"}
        desk.update(f"item {case}", workerid="bob", workeridmodifiedon="07 11:30", **touched)
    yield
    picks = desk.run.activity("queue_item_picked_by_agent").only("case_id", "rule", "kind", "confidence")
    assert picks == [("picked", "P4", "self", "B")]


@story
def test_an_escalation_before_auditing_began_beside_one_after_it(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case("early", isescalated=True, escalatedon="05 12:00")
    desk.case("late")
    desk.change("late", "07 12:00", isescalated=(False, True))
    desk.update("late", escalatedon="07 12:00")
    yield
    escalated = desk.run.activity("case_escalated").only("case_id", "rule", "kind")
    assert escalated == [("early", "E4", "E4"), ("late", "E1", "E1")]


@story
def test_booleans_stay_unknown(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case()
    desk.resolve("07 12:00")
    yield
    case = desk.run.cases().one()
    assert (case["IsRework"], case["IsEscalated"], case["AuditCoverage"]) == (None, None, "partial")


def test_the_state_is_audited_and_the_status_reason_is_not() -> None:
    desk = Desk(unaudited={"incident.statuscode"})
    desk.case()
    for direction, moment in ((desk.email_out, "11:00"), (desk.email_in, "11:30"), (desk.email_out, "11:45")):
        direction(moment)
    desk.change("c1", "12:00", statecode=(0, 1))
    desk.row(
        "incidentresolution", "r", incidentid="c1", createdon="12:00", modifiedon="13:00", statecode=2, createdby="bob"
    )
    desk.change("c1", "13:00", statecode=(1, 0))
    desk.change("c1", "14:00", statecode=(0, 2))
    rules = [row["Rule"] for row in desk.run.events()]
    assert rules == ["CREATED", "Q2", "SP2", "R1", "RE1", "CL1"]


@story
def test_a_case_cancelled_after_the_audit_was_read_ended_in_no_stretch_without_audit(desk: Desk) -> Story:
    switch(desk, "06 00:00", 105)
    desk.case()
    desk.change("c1", "07 12:00", prioritycode=(2, 3))
    desk.delete(desk.cancel("20 00:30"))
    yield
    assert desk.run.events().only("Rule") == ["CREATED"]


@pytest.mark.parametrize(("is_seen", "rules"), [(True, ["A2", "A3"]), (False, ["A3", "A5"])])
def test_a5_not_where_a_row_of_the_audit_names_an_owner(is_seen: bool, rules: list[str]) -> None:
    desk = Desk(unaudited={"incident.ownerid"})
    desk.case(by="robot", ownerid="bob", audited=is_seen)
    desk.enqueue("11:00")
    desk.update("item", workerid="bob", workeridmodifiedon="11:30")
    assert sorted(desk.run.activity("case_assigned").only("rule")) == rules
