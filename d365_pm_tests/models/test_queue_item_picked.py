"""Queue Item Picked by Agent: rules P1, P2, P3 and P5 (reference: event-log semantics 3.11)."""

from typing import Any

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.raw_desk import DELETE, UPDATE
from d365_pm_tests.models.stories import Story, story

CODE = "queue_item_picked_by_agent"
COLUMNS = ("rule", "case_id", "event_time", "actor_id", "confidence")


def queued(desk: Desk) -> None:
    desk.case()
    desk.enqueue("10:05")


@story
def test_p1_an_agent_takes_the_item(desk: Desk) -> Story:
    queued(desk)
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    yield
    assert desk.run.activity(CODE).only(*COLUMNS) == [("P1", "c1", at("10:20"), "bob", "A")]


@story
def test_p1_evidence_is_the_audit_row_and_its_column(desk: Desk) -> Story:
    queued(desk)
    row = desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    yield
    picked = desk.run.activity(CODE).one()
    assert (picked["source_table"], picked["source_row_id"], picked["source_column"]) == ("audit", row, "workerid")


@story
def test_p1_an_agent_takes_the_item_over_from_another(desk: Desk) -> Story:
    queued(desk)
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    desk.change("item", "10:40", by="carol", workerid=("bob", "carol"))
    yield
    assert desk.run.activity(CODE).only("actor_id") == ["bob", "carol"]


@story
def test_p1_an_item_that_is_gone_still_speaks_through_its_audit_rows(desk: Desk) -> Story:
    queued(desk)
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    desk.delete("item")
    yield
    assert desk.run.activity(CODE).only("case_id", "event_time") == [("c1", at("10:20"))]


@story
def test_p2_an_item_pushed_to_an_agent_is_no_pick(desk: Desk) -> Story:
    queued(desk)
    desk.change("item", "10:20", by="carol", workerid=(None, "bob"))
    yield
    assert desk.run.activity(CODE) == []


@story
def test_p2_an_item_routed_by_an_automation_is_no_pick(desk: Desk) -> Story:
    queued(desk)
    desk.change("item", "10:20", by="robot", workerid=(None, "bob"))
    yield
    assert desk.run.activity(CODE) == []


@story
def test_a_team_that_works_on_an_item_is_no_agent(desk: Desk) -> Story:
    queued(desk)
    desk.change("item", "10:20", by="bob", workerid=(None, "team_n2"))
    yield
    assert desk.run.activity(CODE) == []


@story
def test_releasing_an_item_is_no_activity(desk: Desk) -> Story:
    queued(desk)
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    desk.change("item", "10:30", by="bob", workerid=("bob", None))
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("10:20")]


@story
def test_taking_an_item_again_after_a_release_is_a_second_pick(desk: Desk) -> Story:
    queued(desk)
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    desk.change("item", "10:30", by="bob", workerid=("bob", None))
    desk.change("item", "10:40", by="bob", workerid=(None, "bob"))
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("10:20"), at("10:40")]


@story
def test_an_equal_worker_is_no_pick(desk: Desk) -> Story:
    queued(desk)
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    desk.audit("item", "10:30", {"workerid": ("bob", "bob")}, by="bob")
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("10:20")]


@story
def test_taking_an_email_out_of_a_queue_is_no_pick_of_a_case(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("10:05", case=desk.email_in("10:01"))
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    yield
    assert desk.run.activity(CODE) == []


@story
def test_a_worker_named_in_a_change_of_the_case_is_no_pick(desk: Desk) -> Story:
    queued(desk)
    desk.change("c1", "10:20", by="bob", ownerid=("alice", "bob"))
    yield
    assert desk.run.activity(CODE) == []


def test_p2_a_pushed_item_counts_where_it_is_switched_on() -> None:
    desk = Desk(seeds={"switches": [{"key": "emit_pushed_pick", "is_on": "true"}]})
    queued(desk)
    desk.change("item", "10:20", by="carol", workerid=(None, "bob"))
    assert desk.run.activity(CODE).only(*COLUMNS, "kind") == [("P2", "c1", at("10:20"), "bob", "A", "pushed")]


@pytest.mark.parametrize("is_on", [True, False])
def test_p5_an_agent_accepts_a_case_in_omnichannel(is_on: bool) -> None:
    desk = Desk(seeds={"switches": [{"key": "emit_session_pick", "is_on": str(is_on).lower()}]})
    desk.case()
    moments = {"createdon": "10:10", "modifiedon": "10:20"}
    desk.row("msdyn_ocliveworkitem", "shell", regardingobjectid="c1", **moments)
    desk.row("msdyn_ocliveworkitem", "chat", msdyn_issueid="c1", **moments)
    for name, item in (("session", "shell"), ("chat session", "chat")):
        accepted = {"msdyn_liveworkitemid": item, "msdyn_agentacceptedon": "10:12", "ownerid": "bob"}
        desk.row("msdyn_ocsession", name, **accepted, **moments)
    columns = ("event_time", "actor_id", "rule", "confidence", "evidence_class", "source_row_id")
    wanted = [(at("10:12"), "bob", "P5", "C", "inferred", "session")]
    assert desk.run.activity("queue_item_picked_by_agent").only(*columns) == (wanted if is_on else [])


def remove(desk: Desk, *, by: str = "bob", operation: int = DELETE, item: str = "item", case: str = "c1") -> str:
    """A queue item of a case is taken out of its queue at 10:20; returns the audit row."""
    row = desk.audit(item, "10:20", {"objectid": (case, None)}, by=by, operation=operation, action=operation)
    desk.delete(item)
    return row


@story
def test_p3_an_agent_takes_the_item_out_of_the_queue_and_the_case_over(desk: Desk) -> Story:
    queued(desk)
    row = remove(desk)
    desk.change("c1", "10:20", by="carol", ownerid=("alice", "bob"))
    yield
    picked = desk.run.activity(CODE)
    assert picked.only(*COLUMNS, "source_row_id", "kind") == [("P3", "c1", at("10:20"), "bob", "B", row, "self")]


@pytest.mark.parametrize(
    ("removed", "changed"),
    [
        pytest.param({"by": "carol"}, {}, id="removed by somebody else"),
        pytest.param({"operation": UPDATE}, {}, id="an item that was only changed"),
        pytest.param({}, {"when": "10:21"}, id="an owner of another second"),
        pytest.param({}, {"audit": {"action": 11}}, id="an owner by a cascade"),
    ],
)
@story
def test_p3_needs_the_removal_and_the_new_owner_of_one_second_and_person(
    desk: Desk, removed: dict[str, Any], changed: dict[str, Any]
) -> Story:
    queued(desk)
    remove(desk, **removed)
    desk.change("c1", **({"when": "10:20", "by": "bob"} | changed), ownerid=("alice", "bob"))
    yield
    assert desk.run.activity(CODE) == []


@story
def test_p3_the_item_of_one_case_is_no_pick_of_another(desk: Desk) -> Story:
    queued(desk)
    desk.case("c2")
    remove(desk)
    desk.change("c2", "10:20", by="bob", ownerid=("alice", "bob"))
    yield
    assert desk.run.activity(CODE) == []


@story
def test_p3_a_worker_of_the_same_second_is_the_same_pick(desk: Desk) -> Story:
    queued(desk)
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    remove(desk)
    desk.change("c1", "10:20", by="bob", ownerid=("alice", "bob"))
    yield
    assert desk.run.activity(CODE).only("rule") == ["P1"]
