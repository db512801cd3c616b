"""Information Requested from Customer: rule Q1 (reference: event-log semantics 3.10)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story

CODE = "information_requested_from_customer"
COLUMNS = ("rule", "event_time", "actor_id", "confidence", "evidence_class")


@story
def test_q1_waiting_for_details_asks_the_customer(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3, by="bob")
    yield
    assert desk.run.activity(CODE).only(*COLUMNS) == [("Q1", at("11:00"), "bob", "C", "inferred")]


@story
def test_q1_evidence_is_the_audit_row_and_its_column(desk: Desk) -> Story:
    desk.case()
    row = desk.status("11:00", 3)
    yield
    asked = desk.run.activity(CODE).one()
    assert (asked["source_table"], asked["source_row_id"], asked["source_column"]) == ("audit", row, "statuscode")


@pytest.mark.parametrize("status", [2, 4], ids=["on hold", "researching"])
@story
def test_q1_other_statuses_ask_nothing(desk: Desk, status: int) -> Story:
    desk.case()
    desk.status("11:00", status)
    yield
    assert desk.run.activity(CODE) == []


@story
def test_q1_leaving_the_status_asks_nothing(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3)
    desk.status("12:00", 1)
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("11:00")]


@story
def test_q1_on_hold_becomes_waiting_for_details(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 2)
    desk.status("12:00", 3)
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("12:00")]


@story
def test_q1_every_return_to_waiting_asks_again(desk: Desk) -> Story:
    desk.case()
    for moment, code in (("11:00", 3), ("12:00", 1), ("13:00", 3)):
        desk.status(moment, code)
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("11:00"), at("13:00")]


@story
def test_q1_an_equal_value_asks_nothing(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3)
    desk.audit("c1", "12:00", {"statuscode": (3, 3)})
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("11:00")]


@story
def test_q1_an_automation_asks_as_well(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3, by="robot")
    yield
    assert desk.run.activity(CODE).only("actor_id") == ["robot"]


@story
def test_a_case_born_waiting_asked_nothing(desk: Desk) -> Story:
    desk.case(statuscode=3)
    yield
    assert desk.run.activity(CODE) == []


@story
def test_emails_ask_nothing_where_the_status_is_audited(desk: Desk) -> Story:
    desk.case()
    desk.email_out("11:00")
    desk.email_in("12:00")
    desk.email_out("13:00")
    yield
    assert desk.run.activity(CODE) == []


@pytest.fixture
def literal() -> Desk:
    """A desk where On Hold means waiting for the customer as well, as the template reads it."""
    return Desk(seeds={"status_roles": [{"status_code": "2", "role": "waiting_customer"}]})


def test_q1_on_hold_asks_where_it_means_waiting_for_the_customer(literal: Desk) -> None:
    literal.case()
    literal.status("11:00", 2)
    assert literal.run.activity(CODE).only("event_time") == [at("11:00")]


def test_q1_moving_between_two_waiting_statuses_is_one_request(literal: Desk) -> None:
    literal.case()
    literal.status("11:00", 2)
    literal.status("12:00", 3)
    literal.status("13:00", 2)
    assert literal.run.activity(CODE).only("event_time") == [at("11:00")]
