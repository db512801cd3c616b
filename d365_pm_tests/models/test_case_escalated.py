"""Case Escalated: rules E1 to E3 and E5, and what folds into one escalation (reference: event-log semantics 3.4)."""

import json

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, guid
from d365_pm_tests.models.stories import Story, story

COLUMNS = ("rule", "event_time", "actor_id", "confidence")


@story
def test_e1_setting_the_flag_escalates(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", by="bob", isescalated=(False, True))
    yield
    assert desk.run.activity("case_escalated").only(*COLUMNS) == [("E1", at("11:00"), "bob", "A")]


@story
def test_e1_evidence_is_the_audit_row_and_its_column(desk: Desk) -> Story:
    desk.case()
    row = desk.change("c1", "11:00", isescalated=(False, True))
    yield
    escalated = desk.run.activity("case_escalated").one()
    assert (escalated["source_row_id"], escalated["source_column"]) == (row, "isescalated")


@story
def test_taking_the_flag_back_is_no_activity(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    desk.change("c1", "12:00", isescalated=(True, False))
    yield
    assert desk.run.activity("case_escalated").only("event_time") == [at("11:00")]


@story
def test_flag_and_owner_in_one_row_escalate_and_assign(desk: Desk) -> Story:
    desk.case()
    row = desk.change("c1", "11:00", isescalated=(False, True), ownerid=("alice", "team_n2"))
    yield
    assert desk.run.activity("case_escalated").only("source_row_id") == [row]
    assert desk.run.activity("case_assigned").only("source_row_id") == [row]


@story
def test_a_new_owner_alone_is_no_escalation(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", ownerid=("alice", "team_n2"))
    yield
    assert desk.run.activity("case_escalated") == []


@story
def test_another_queue_alone_is_no_escalation(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("11:00", "queue_n2")
    yield
    assert desk.run.activity("case_escalated") == []


@pytest.mark.parametrize(
    ("second", "escalations"), [("11:09", ["11:00"]), ("11:11", ["11:00", "11:11"])], ids=["9 minutes", "11 minutes"]
)
@story
def test_a_flag_set_twice_is_one_escalation_in_ten_minutes(desk: Desk, second: str, escalations: list[str]) -> Story:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    desk.change("c1", "11:05", isescalated=(True, False))
    desk.change("c1", second, isescalated=(False, True))
    yield
    assert desk.run.activity("case_escalated").only("event_time") == [at(moment) for moment in escalations]


@story
def test_escalations_of_two_cases_do_not_fold(desk: Desk) -> Story:
    for case in ("c1", "c2"):
        desk.case(case)
        desk.change(case, "11:00", isescalated=(False, True))
    yield
    assert sorted(desk.run.activity("case_escalated").only("case_id")) == ["c1", "c2"]


@story
def test_a_case_born_escalated_was_never_escalated(desk: Desk) -> Story:
    desk.case(isescalated=True)
    yield
    assert desk.run.activity("case_escalated") == []


TARGETS = [
    {"target_type": "team", "target_id": guid("team_n2")},
    {"target_type": "systemuser", "target_id": guid("carol")},
    {"target_type": "queue", "target_id": guid("queue_n2")},
]


@pytest.fixture
def targeted() -> Desk:
    """A desk whose escalation targets are a team, a person and a queue."""
    return Desk(seeds={"escalation_targets": TARGETS})


@pytest.mark.parametrize("target", ["team_n2", "carol"])
def test_e2_assigning_to_an_escalation_target_escalates(targeted: Desk, target: str) -> None:
    targeted.case()
    targeted.change("c1", "11:00", by="bob", ownerid=("alice", target))
    assert targeted.run.activity("case_escalated").only(*COLUMNS) == [("E2", at("11:00"), "bob", "C")]


@pytest.mark.parametrize("target", ["team_n1", "bob"])
def test_e2_assigning_to_anybody_else_does_not(targeted: Desk, target: str) -> None:
    targeted.case()
    targeted.change("c1", "11:00", ownerid=("alice", target))
    assert targeted.run.activity("case_escalated") == []


def test_e3_entering_an_escalation_queue_escalates(targeted: Desk) -> None:
    targeted.case()
    targeted.enqueue("11:00", "queue_n2", by="bob")
    assert targeted.run.activity("case_escalated").only(*COLUMNS) == [("E3", at("11:00"), "bob", "C")]


def test_e3_moving_to_an_escalation_queue_escalates(targeted: Desk) -> None:
    targeted.case()
    targeted.enqueue("10:05", "queue_n1")
    targeted.change("item", "11:00", by="bob", queueid=("queue_n1", "queue_n2"))
    assert targeted.run.activity("case_escalated").only(*COLUMNS) == [("E3", at("11:00"), "bob", "C")]


def test_e3_another_queue_does_not(targeted: Desk) -> None:
    targeted.case()
    targeted.enqueue("11:00", "queue_n1")
    assert targeted.run.activity("case_escalated") == []


def test_several_signs_keep_the_earliest_time_and_the_best_class(targeted: Desk) -> None:
    targeted.case()
    targeted.change("c1", "11:00", ownerid=("alice", "team_n2"))
    targeted.change("c1", "11:05", isescalated=(False, True))
    assert targeted.run.activity("case_escalated").only("event_time", "confidence") == [(at("11:00"), "A")]


def test_flag_and_target_in_one_row_are_one_escalation(targeted: Desk) -> None:
    targeted.case()
    targeted.change("c1", "11:00", isescalated=(False, True), ownerid=("alice", "team_n2"))
    assert targeted.run.activity("case_escalated").only("event_time", "confidence") == [(at("11:00"), "A")]


def test_signs_further_apart_are_two_escalations(targeted: Desk) -> None:
    targeted.case()
    targeted.change("c1", "11:00", ownerid=("alice", "team_n2"))
    targeted.change("c1", "11:11", isescalated=(False, True))
    assert targeted.run.activity("case_escalated").only("event_time", "confidence") == [
        (at("11:00"), "C"),
        (at("11:11"), "A"),
    ]


LEVEL = {"escalation_columns": [{"column_name": "new_level", "escalated_value": "2"}]}


def level_change(desk: Desk, when: str, old: str | None, new: str, *, operation: int = 2) -> str:
    """The audit row of a change of the organisation's own column."""
    change = {"logicalName": "new_level", "oldValue": old, "newValue": new}
    name = f"level {when}"
    desk.row("audit", name, createdon=when, operation=operation, action=2, objecttypecode="incident", userid="bob")
    desk.update(name, objectid=("incident", "c1"), changedata=json.dumps({"changedAttributes": [change]}))
    return name


def test_e5_a_column_of_the_organisation_escalates() -> None:
    desk = Desk(seeds=LEVEL)
    desk.case()
    level_change(desk, "10:30", None, "1")
    row = level_change(desk, "11:00", "1", "2")
    level_change(desk, "12:00", "2", "3")
    assert desk.run.activity("case_escalated").only(*COLUMNS, "source_row_id", "source_column") == [
        ("E5", at("11:00"), "bob", "C", row, "new_level")
    ]


def test_e5_beside_the_flag_is_one_escalation() -> None:
    desk = Desk(seeds=LEVEL)
    desk.case()
    level_change(desk, "11:00", "1", "2")
    desk.change("c1", "11:05", isescalated=(False, True))
    assert desk.run.activity("case_escalated").only("rule", "event_time", "kind") == [("E1", at("11:00"), "E1|E5")]


@story
def test_e5_without_configuration_no_column_escalates(desk: Desk) -> Story:
    desk.case()
    level_change(desk, "11:00", "1", "2")
    yield
    assert desk.run.activity("case_escalated") == []
