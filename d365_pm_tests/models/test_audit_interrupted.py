"""Auditing was off for a while: fall-backs speak for that time only (reference: event-log semantics 1.3)."""

from typing import Any

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.test_partly_audited import switch
from d365_pm_tests.models.test_without_audit_requested import WAITING_PAUSES


def interrupted(**options: Any) -> Desk:
    """A desk whose auditing was off from the 6th to the 8th of March."""
    desk = Desk(**options)
    desk.case("witness", "04 08:00")
    switch(desk, "06 00:00", 110)
    switch(desk, "08 00:00", 105)
    return desk


def test_a_reactivation_while_auditing_was_off() -> None:
    desk = interrupted()
    desk.case()
    desk.resolve("05 12:00")
    desk.delete(desk.reactivate("07 12:00"))
    desk.resolve("09 12:00")
    assert desk.run.activity("case_reactivated").only("rule", "event_time") == [("RE3", at("07 12:00"))]


def test_a_case_born_while_auditing_was_off_is_partly_covered() -> None:
    desk = interrupted()
    desk.case(created="07 10:00", audited=False)
    desk.change("c1", "09 10:00", ownerid=("alice", "bob"))
    case = desk.run.cases().one(CaseGuid="c1")
    assert (case["AuditCoverage"], case["OwnerAuditCoverage"]) == ("partial", "partial")


def test_a_case_born_after_the_interruption_is_covered() -> None:
    desk = interrupted()
    desk.case(created="09 10:00")
    assert desk.run.cases().one(CaseGuid="c1")["AuditCoverage"] == "full"


def test_a_worker_set_while_auditing_was_off() -> None:
    desk = interrupted()
    desk.case()
    desk.enqueue("05 11:00")
    desk.update("item", workerid="bob", workeridmodifiedon="07 11:30")
    assert desk.run.activity("queue_item_picked_by_agent").only("rule", "event_time") == [("P4", at("07 11:30"))]


@pytest.mark.parametrize(
    ("sent", "found"),
    [("05 23:59:59", []), ("06 00:00:00", ["06 00:00:00"]), ("07 12:00:00", [])],
    ids=["under audit", "in the first second without", "in that of the next resolution"],
)
def test_re4_a_sign_of_life_counts_from_the_first_second_without_audit(sent: str, found: list[str]) -> None:
    desk = interrupted()
    desk.case()
    desk.resolve("05 12:00")
    again = {"createdon": "07 12:00", "modifiedon": "07 12:00", "createdby": "alice", "statecode": 1, "statuscode": 2}
    desk.row("incidentresolution", "again", incidentid="c1", resolutiontypecode=5, **again)
    desk.email_out(sent)
    told = desk.run.activity("case_reactivated").only("rule", "event_time")
    assert told == [("RE4", at(moment)) for moment in found]


@pytest.mark.parametrize(
    ("paused", "rules"),
    [("06 00:05:00", ["Q1"]), ("06 00:05:01", ["Q1", "Q4"])],
    ids=["ten minutes later", "a second more"],
)
def test_a_pause_without_audit_near_an_audited_request_is_that_request(paused: str, rules: list[str]) -> None:
    desk = interrupted(seeds=WAITING_PAUSES)
    desk.case()
    desk.status("05 23:55", 3)
    desk.clock("clock", "10:00", item="resolution", status=3, pausedon=paused)
    assert desk.run.activity("information_requested_from_customer").only("rule") == rules


def test_questions_in_the_first_of_two_interruptions() -> None:
    desk = Desk()
    for moment, action in (("06 00:00", 110), ("07 00:00", 105), ("09 00:00", 110), ("10 00:00", 105)):
        switch(desk, moment, action)
    desk.case("c1")
    for direction, moment in ((desk.email_out, "06 11:00"), (desk.email_in, "06 12:00"), (desk.email_out, "06 13:00")):
        direction(moment)
    assert desk.run.activity("information_requested_from_customer").only("rule", "event_time") == [
        ("Q2", at("06 11:00"))
    ]


def test_auditing_is_off_from_its_first_switch_of_any_kind_and_on_since_its_last() -> None:
    desk = Desk()
    for moment, action in (
        ("03 00:00", 106),
        ("05 00:00", 109),
        ("06 00:00", 110),
        ("06 12:00", 108),
        ("07 00:00", 107),
        ("08 00:00", 105),
    ):
        switch(desk, moment, action)
    assert desk.run.rows_of("staging.audit_interruption") == [
        {"first_off_at": at("05 00:00"), "last_off_at": at("06 12:00"), "resumed_at": at("08 00:00")}
    ]


def test_switches_of_queue_items_do_not_concern_cases() -> None:
    desk = Desk()
    switch(desk, "06 00:00", 110, of="queueitem")
    switch(desk, "08 00:00", 105, of="queueitem")
    desk.case()
    assert desk.run.cases().one()["AuditCoverage"] == "full"


@pytest.mark.parametrize(("off", "on"), [(108, 105), (109, 106), (110, 107)], ids=["108", "109", "110"])
def test_a_case_without_a_row_of_its_birth_is_covered_where_auditing_was_on_again(off: int, on: int) -> None:
    desk = Desk()
    desk.case("witness", "04 08:00")
    switch(desk, "06 00:00", off)
    switch(desk, "08 00:00", on)
    for case, created in (("during", "07 10:00"), ("at once", "08 00:00"), ("after", "09 10:00")):
        desk.case(case, created, audited=False)
    assert dict(desk.run.cases().only("CaseGuid", "AuditCoverage")) == {
        "witness": "partial",
        "during": "partial",
        "at once": "full",
        "after": "full",
    }


def test_a_case_without_a_row_of_its_birth_is_not_covered_where_auditing_never_came_back() -> None:
    desk = Desk()
    desk.case("witness", "04 08:00")
    for moment, action in (("06 00:00", 110), ("08 00:00", 105), ("10 00:00", 110)):
        switch(desk, moment, action)
    desk.case("c1", "11 10:00", audited=False)
    assert desk.run.cases().one(CaseGuid="c1")["AuditCoverage"] == "partial"


def test_the_last_of_two_interruptions_counts_for_cases_born_between_and_after_them() -> None:
    desk = Desk()
    for moment, action in (("06 00:00", 110), ("07 00:00", 105), ("09 00:00", 110), ("10 00:00", 105)):
        switch(desk, moment, action)
    desk.case("between", "08 10:00")
    desk.case("after", "11 10:00", audited=False)
    assert dict(desk.run.cases().only("CaseGuid", "AuditCoverage")) == {"between": "partial", "after": "full"}


def test_auditing_that_was_switched_on_elsewhere_covers_before_its_first_row_of_a_case() -> None:
    desk = Desk()
    switch(desk, "05 00:00", 105, of="organization")
    switch(desk, "06 00:00", 107, of="organization")
    for case, created in (("before", "04 10:00"), ("after", "05 10:00")):
        desk.case(case, created, audited=False)
    desk.case("witness", "07 10:00")
    assert dict(desk.run.cases().only("CaseGuid", "AuditCoverage")) == {
        "before": "partial",
        "after": "full",
        "witness": "full",
    }


def test_a_case_born_unseen_is_known_from_its_first_row_on() -> None:
    desk = interrupted()
    desk.case(created="07 10:00", audited=False, by="robot", ownerid="team_n1")
    desk.link_article("08 10:00")
    desk.change("c1", "09 10:00", prioritycode=(2, 1))
    desk.link_article("09 11:00", article="other_article")
    desk.change("c1", "09 12:00", ownerid=("team_n1", "team_n2"))
    found = desk.run.events().where(CaseGuid="c1").only("Rule", "OwnerTeam")
    assert found == [("CREATED", None), ("I1", None), ("I1", "Suporte N1"), ("A1", "Suporte N2")]
