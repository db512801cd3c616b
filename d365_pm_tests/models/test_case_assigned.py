"""Case Assigned: rules A1, A2 and A3 (reference: event-log semantics 3.1)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.raw_desk import ACCESS, CREATE, DELETE, UPSERT
from d365_pm_tests.models.stories import Story, story

COLUMNS = ("rule", "event_time", "actor_id", "assigned_to_id", "assignment_kind", "confidence")


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [("alice", "bob", "user"), ("alice", "team_n2", "team"), ("team_n2", "bob", "user")],
    ids=["user to user", "user to team", "team to user"],
)
@story
def test_a1_an_owner_change_assigns_the_case(desk: Desk, old: str, new: str, kind: str) -> Story:
    desk.case(ownerid=old, by=old if old == "alice" else "alice")
    desk.change("c1", "10:30", by="carol", ownerid=(old, new))
    yield
    assigned = desk.run.activity("case_assigned").where(rule="A1")
    assert assigned.only(*COLUMNS) == [("A1", at("10:30"), "carol", new, kind, "A")]


@story
def test_a1_names_the_table_of_the_new_owner(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "10:30", ownerid=("alice", "team_n1"))
    desk.change("c1", "10:40", ownerid=("team_n1", "bob"))
    yield
    assert desk.run.activity("case_assigned").only("assigned_to_type") == ["team", "systemuser"]


@story
def test_a1_evidence_is_the_audit_row_and_its_column(desk: Desk) -> Story:
    desk.case()
    row = desk.change("c1", "10:30", ownerid=("alice", "bob"))
    yield
    assert desk.run.activity("case_assigned").only("source_table", "source_row_id", "source_column") == [
        ("audit", row, "ownerid")
    ]


@story
def test_a1_keeps_the_account_that_acted_for_somebody(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "10:30", by="alice", audit={"through": "robot"}, ownerid=("alice", "bob"))
    yield
    assert desk.run.activity("case_assigned").only("actor_id", "acted_through_id") == [("alice", "robot")]


@pytest.mark.parametrize("action", [2, 4, 11, 13, 41], ids=lambda code: f"action {code}")
@story
def test_a1_any_action_that_changes_the_owner_assigns(desk: Desk, action: int) -> Story:
    desk.case()
    desk.change("c1", "10:30", audit={"action": action}, ownerid=("alice", "bob"))
    yield
    assert desk.run.activity("case_assigned").only("rule") == ["A1"]


@story
def test_a1_the_action_assign_without_an_owner_change_is_no_assignment(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "10:30", audit={"action": 13}, prioritycode=(2, 1))
    yield
    assert desk.run.activity("case_assigned") == []


@story
def test_a1_an_upsert_counts_as_an_update(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "10:30", audit={"operation": UPSERT}, ownerid=("alice", "bob"))
    yield
    assert desk.run.activity("case_assigned").only("rule") == ["A1"]


@pytest.mark.parametrize("operation", [DELETE, ACCESS], ids=["delete", "access"])
@story
def test_a1_other_operations_are_no_assignment(desk: Desk, operation: int) -> Story:
    desk.case(ownerid="alice")
    desk.audit("c1", "10:30", {"ownerid": ("alice", "bob")}, operation=operation)
    yield
    assert desk.run.activity("case_assigned").where(rule="A1") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("alice", "alice"), (None, "alice"), ("alice", None)],
    ids=["equal", "old is empty", "new is empty"],
)
@story
def test_a1_needs_two_different_owners(desk: Desk, old: str | None, new: str | None) -> Story:
    desk.case()
    desk.audit("c1", "10:30", {"ownerid": (old, new)})
    yield
    assert desk.run.activity("case_assigned").where(rule="A1") == []


@story
def test_a1_a_change_of_another_table_is_no_assignment(desk: Desk) -> Story:
    desk.case()
    desk.audit("c1", "10:30", {"ownerid": ("alice", "bob")}, of_table="account")
    yield
    assert desk.run.activity("case_assigned") == []


@pytest.mark.parametrize(("owner", "kind"), [("bob", "user"), ("team_n1", "team")], ids=["another person", "a team"])
@story
def test_a2_a_case_born_with_another_owner_is_assigned_at_birth(desk: Desk, owner: str, kind: str) -> Story:
    desk.case(created="10:00", by="alice", ownerid=owner)
    yield
    assert desk.run.activity("case_assigned").only(*COLUMNS) == [("A2", at("10:00"), "alice", owner, kind, "B")]


@story
def test_a2_the_old_value_of_the_first_change_tells_the_first_owner(desk: Desk) -> Story:
    desk.case(created="10:00", by="alice", ownerid="team_n1", audited=False)
    desk.change("c1", "10:30", by="bob", ownerid=("team_n1", "bob"))
    yield
    assert desk.run.activity("case_assigned").only(*COLUMNS) == [
        ("A2", at("10:00"), "alice", "team_n1", "team", "B"),
        ("A1", at("10:30"), "bob", "bob", "user", "A"),
    ]


@story
def test_a2_the_creator_as_first_owner_is_no_assignment(desk: Desk) -> Story:
    desk.case(by="alice", ownerid="alice")
    yield
    assert desk.run.activity("case_assigned") == []


@story
def test_a3_entering_a_queue_assigns_the_case_to_it(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("10:05", "queue_n1", by="robot")
    yield
    assert desk.run.activity("case_assigned").only(*COLUMNS) == [("A3", at("10:05"), "robot", "queue_n1", "queue", "A")]


@story
def test_a3_names_the_queue(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("10:05", "queue_n1")
    yield
    assert desk.run.activity("case_assigned").only("assigned_to_type", "queue_id") == [("queue", "queue_n1")]


@story
def test_a3_moving_to_another_queue_assigns_again(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("10:05", "queue_n1")
    desk.change("item", "10:50", by="bob", queueid=("queue_n1", "queue_n2"))
    yield
    assert desk.run.activity("case_assigned").only(*COLUMNS)[1:] == [
        ("A3", at("10:50"), "bob", "queue_n2", "queue", "A")
    ]


@story
def test_a3_a_stay_that_is_over_still_speaks_through_its_audit_rows(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("10:05", "queue_n1")
    desk.delete("item")
    yield
    assert desk.run.activity("case_assigned").only("rule", "case_id", "event_time") == [("A3", "c1", at("10:05"))]


@story
def test_a3_an_email_in_a_queue_is_no_assignment_of_a_case(desk: Desk) -> Story:
    desk.case()
    mail = desk.email_in("10:01")
    desk.enqueue("10:05", case=mail)
    yield
    assert desk.run.activity("case_assigned") == []


@story
def test_a3_taking_an_item_is_no_new_stay(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("10:05")
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    yield
    assert desk.run.activity("case_assigned").only("rule") == ["A3"]


@story
def test_a_pick_that_changes_the_owner_is_an_assignment_as_well(desk: Desk) -> Story:
    desk.case(by="robot", ownerid="robot")
    desk.enqueue("10:05")
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    desk.change("c1", "10:20", by="bob", ownerid=("robot", "bob"))
    yield
    assert desk.run.activity("case_assigned").only("rule", "event_time") == [("A3", at("10:05")), ("A1", at("10:20"))]


@story
def test_creating_a_case_is_no_owner_change(desk: Desk) -> Story:
    desk.case(audited=False, by="alice")
    desk.audit("c1", "10:00", {"ownerid": (None, "alice")}, operation=CREATE)
    yield
    assert desk.run.activity("case_assigned") == []


def test_the_queue_half_can_be_switched_off() -> None:
    desk = Desk(seeds={"switches": [{"key": "emit_queue_assignment", "is_on": "false"}]})
    desk.case()
    desk.enqueue("10:05")
    desk.change("c1", "10:20", ownerid=("alice", "bob"))
    assert desk.run.activity("case_assigned").only("rule") == ["A1"]


def test_the_assignment_of_a_pick_can_be_folded_into_it() -> None:
    desk = Desk(seeds={"switches": [{"key": "fold_pick_and_assign", "is_on": "true"}]})
    desk.case(by="robot")
    desk.enqueue("10:05")
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    desk.change("c1", "10:20", by="bob", ownerid=("robot", "bob"))
    desk.change("c1", "10:40", by="bob", ownerid=("bob", "carol"))
    assert desk.run.activity("case_assigned").only("rule", "event_time") == [("A3", at("10:05")), ("A1", at("10:40"))]


@story
def test_a2_the_present_owner_was_the_first_where_an_audited_life_has_no_row_of_another(desk: Desk) -> Story:
    desk.case("witness")
    desk.case(created="05 10:00", by="alice", ownerid="bob", audited=False)
    yield
    assert desk.run.activity("case_assigned").only(*COLUMNS) == [("A2", at("05 10:00"), "alice", "bob", "user", "B")]
