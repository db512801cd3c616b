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


def test_switches_of_queue_items_do_not_concern_cases() -> None:
    desk = Desk()
    switch(desk, "06 00:00", 110, of="queueitem")
    switch(desk, "08 00:00", 105, of="queueitem")
    desk.case()
    assert desk.run.cases().one()["AuditCoverage"] == "full"
