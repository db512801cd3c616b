"""Information Requested from Customer without audit: rules Q2 to Q4 (reference: event-log semantics 3.10, 3.15)."""

from typing import Any

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story

ENVIRONMENT = {"audit_from": NEVER}
CODE = "information_requested_from_customer"
COLUMNS = ("rule", "event_time", "actor_id", "confidence", "evidence_class")
WAITING_PAUSES = {
    "on_hold_statuses": [{"status_code": "3"}],
    "status_roles": [{"status_code": "2", "role": "waiting_customer"}],
}


def correspond(desk: Desk, *messages: str) -> None:
    """Write e-mails of the case: `out 11:00`, `in 12:00`."""
    for message in messages:
        direction, moment = message.split(" ", 1)
        (desk.email_out if direction == "out" else desk.email_in)(moment)


@story
def test_q2_an_answered_email_that_another_followed(desk: Desk) -> Story:
    desk.case()
    correspond(desk, "out 11:00", "in 12:00", "out 13:00")
    yield
    assert desk.run.activity(CODE).only(*COLUMNS, "source_row_id", "source_column") == [
        ("Q2", at("11:00"), "alice", "C", "inferred", "email 1", "senton")
    ]


@story
def test_q2_the_answer_belongs_to_the_email_before_it(desk: Desk) -> Story:
    desk.case()
    correspond(desk, "out 10:30", "out 11:00", "in 12:00", "out 13:00")
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("11:00")]


@story
def test_q2_every_question_that_was_answered(desk: Desk) -> Story:
    desk.case()
    correspond(desk, "out 11:00", "in 12:00", "out 13:00", "in 14:00", "out 15:00")
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("11:00"), at("13:00")]


@story
def test_q2_not_without_an_answer(desk: Desk) -> Story:
    desk.case()
    correspond(desk, "out 11:00", "out 13:00")
    yield
    assert desk.run.activity(CODE) == []


@story
def test_q2_not_without_another_email_of_ours(desk: Desk) -> Story:
    desk.case()
    correspond(desk, "out 11:00", "in 12:00")
    yield
    assert desk.run.activity(CODE) == []


@story
def test_q2_the_other_email_must_belong_to_the_same_episode(desk: Desk) -> Story:
    desk.case()
    correspond(desk, "out 11:00", "in 11:30")
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.email_out("14:00")
    yield
    assert desk.run.activity(CODE) == []


@story
def test_q2_automatic_mail_asks_nothing_and_follows_nothing(desk: Desk) -> Story:
    desk.case()
    desk.email_out("10:30", by="robot")
    desk.email_in("10:45")
    desk.email_out("11:00")
    desk.email_in("11:30")
    desk.email_out("12:00", isworkflowcreated=True)
    yield
    assert desk.run.activity(CODE) == []


@story
def test_q2_the_last_email_before_the_resolution_proposes(desk: Desk) -> Story:
    desk.case()
    correspond(desk, "out 11:00", "in 12:00", "out 13:00")
    desk.resolve("14:00")
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("11:00")]
    assert desk.run.activity("solution_proposed_to_customer").only("event_time") == [at("13:00")]


@story
def test_q3_without_a_time_of_hold_is_off(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3)
    yield
    assert desk.run.activity(CODE) == []


def test_q3_without_a_time_of_hold_switched_on() -> None:
    desk = Desk(audit_from=NEVER, seeds={"switches": [{"key": "emit_assumed_request", "is_on": "true"}]})
    desk.case()
    desk.status("11:00", 3)
    event = desk.run.activity(CODE).one()
    assert [event[column] for column in COLUMNS] == ["Q3", at("11:00"), None, "D", "synthetic"]
    assert (event["source_column"], event["time_lower"], event["time_upper"]) == (
        "modifiedon",
        at("10:00"),
        at("11:00"),
    )


def test_q3_since_the_last_hold_where_the_status_is_a_hold() -> None:
    desk = Desk(audit_from=NEVER, seeds={"on_hold_statuses": [{"status_code": "3"}]})
    desk.case()
    desk.status("11:00", 3)
    desk.update("c1", lastonholdtime="11:00", modifiedon="15:00")
    event = desk.run.activity(CODE).one()
    assert [event[column] for column in COLUMNS] == ["Q3", at("11:00"), None, "C", "inferred"]
    assert (event["source_column"], event["status_code"]) == ("lastonholdtime", 3)


@story
def test_q3_a_time_of_hold_says_nothing_of_a_status_that_is_none(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3)
    desk.update("c1", lastonholdtime="10:30")
    yield
    assert desk.run.activity(CODE) == []


def test_q3_not_for_a_case_that_waits_no_longer() -> None:
    desk = Desk(audit_from=NEVER, seeds={"on_hold_statuses": [{"status_code": "3"}]})
    desk.case()
    desk.update("c1", lastonholdtime="11:00", modifiedon="15:00")
    assert desk.run.activity(CODE) == []


@story
def test_q4_is_silent_where_other_statuses_pause_clocks_too(desk: Desk) -> Story:
    desk.case()
    desk.clock("clock", "10:00", item="resolution", pausedon="11:00")
    yield
    assert desk.run.activity(CODE) == []


def test_q4_a_pause_asks_where_only_waiting_pauses() -> None:
    desk = Desk(audit_from=NEVER, seeds=WAITING_PAUSES)
    desk.case()
    for number, item in enumerate(("first_response", "resolution"), start=1):
        desk.clock(f"#{number} clock", "10:00", item=item, status=5, pausedon="11:00")
    assert desk.run.activity(CODE).only(*COLUMNS, "source_row_id", "source_column") == [
        ("Q4", at("11:00"), None, "C", "inferred", "#1 clock", "pausedon")
    ]


def test_q4_and_q3_of_the_same_wait_are_one_request() -> None:
    desk = Desk(audit_from=NEVER, seeds=WAITING_PAUSES)
    desk.case()
    desk.status("11:00", 3)
    desk.update("c1", lastonholdtime="11:00")
    desk.clock("clock", "10:00", item="resolution", status=3, pausedon="11:00")
    assert desk.run.activity(CODE).only("rule", "event_time") == [("Q3", at("11:00"))]


def test_q4_and_the_email_that_asked_are_one_request() -> None:
    desk = Desk(audit_from=NEVER, seeds=WAITING_PAUSES)
    desk.case()
    correspond(desk, "out 10:55", "in 12:00", "out 13:00")
    desk.clock("clock", "10:00", item="resolution", status=5, pausedon="11:00")
    assert desk.run.activity(CODE).only("rule", "event_time") == [("Q2", at("10:55"))]


@pytest.mark.parametrize("column", ["statuscode", "statecode", "ownerid", "isescalated"])
def test_q4_a_pause_asks_where_the_status_reason_is_the_column_that_is_not_audited(column: str) -> None:
    desk = Desk(unaudited={f"incident.{column}"}, seeds=WAITING_PAUSES)
    desk.case()
    desk.clock("clock", "10:00", item="resolution", status=5, pausedon="11:00")
    assert desk.run.activity(CODE).only("rule") == (["Q4"] if column == "statuscode" else [])


@pytest.mark.parametrize(
    "seeds",
    [
        {"on_hold_statuses": None},
        {"on_hold_statuses": [{"status_code": "3"}]},
        WAITING_PAUSES | {"on_hold_statuses": [{"status_code": "9"}]},
    ],
    ids=["nothing", "waiting and on hold", "waiting and a status without a role"],
)
def test_q4_is_silent_unless_waiting_alone_is_known_to_pause_clocks(seeds: dict[str, Any]) -> None:
    desk = Desk(audit_from=NEVER, seeds=seeds)
    desk.case()
    desk.clock("clock", "10:00", item="resolution", status=5, pausedon="11:00")
    assert desk.run.activity(CODE) == []


def test_where_the_status_is_audited_only_q1_asks() -> None:
    desk = Desk(seeds=WAITING_PAUSES)
    desk.case()
    desk.status("11:00", 3)
    desk.update("c1", lastonholdtime="11:00")
    desk.clock("clock", "10:00", item="resolution", status=3, pausedon="11:00")
    correspond(desk, "out 15:00", "in 16:00", "out 17:00")
    assert desk.run.activity(CODE).only("rule") == ["Q1"]


@pytest.mark.parametrize(
    ("status", "is_answer"),
    [(4, True), (2, True), (None, True), (1, False), (3, False), (5, False)],
    ids=["received", "completed", "unknown", "draft", "sent", "cancelled"],
)
@story
def test_q2_the_answer_is_an_email_that_arrived(desk: Desk, status: int | None, is_answer: bool) -> Story:
    desk.case()
    desk.email_out("11:00")
    desk.email_in("12:00", statuscode=status)
    desk.email_out("13:00")
    yield
    assert desk.run.activity(CODE).only("event_time") == ([at("11:00")] if is_answer else [])


def test_q2_speaks_where_columns_are_audited_and_no_audit_row_was_found() -> None:
    desk = Desk()
    desk.case(audited=False)
    correspond(desk, "out 11:00", "in 12:00", "out 13:00")
    assert desk.run.activity(CODE).only("rule", "event_time") == [("Q2", at("11:00"))]
