"""Rows that the source has deleted since they were read: what still speaks, and what does not (reference: 4.3)."""

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, instant
from d365_pm_tests.models.stories import Story, story

NOTICED = "19 00:00"


@story
def test_a_deleted_case_leaves_the_log(desk: Desk) -> Story:
    desk.case()
    desk.resolve("11:00")
    desk.delete("c1", noticed=NOTICED)
    yield
    assert desk.run.log() == []


@story
def test_a_deleted_queue_item_still_resolves_the_case_of_its_audit_rows(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("10:05", "queue_n1")
    desk.change("item", "10:20", by="bob", workerid=(None, "bob"))
    # The creation, which would name the case, is older than the audit; the worker's row is all there is.
    creation = next(name for name, row in desk.rows["audit"].items() if row["objecttypecode"] == "queueitem")
    desk.delete(creation)
    desk.delete("item", noticed=NOTICED)
    yield
    picks = desk.run.activity("queue_item_picked_by_agent")
    assert picks.only("case_id", "event_time", "rule") == [("c1", at("10:20"), "P1")]


@story
def test_a_deleted_person_who_was_read_before_keeps_the_name(desk: Desk) -> Story:
    desk.row("systemuser", "dora", fullname="Dora Reis", accessmode=0)
    desk.case(by="dora")
    desk.delete("dora", noticed=NOTICED)
    yield
    assert desk.run.log().only("AgentName") == ["Dora Reis"]


@story
def test_of_a_deleted_resolution_only_the_audit_speaks(desk: Desk) -> Story:
    desk.case()
    resolution = desk.resolve("11:00")
    desk.delete(resolution, noticed=NOTICED)
    yield
    assert desk.run.activity("case_resolved").only("rule", "event_time") == [("R2", at("11:00"))]


def test_comparing_ids_does_not_move_the_as_of() -> None:
    desk = Desk()
    desk.loads = [
        *desk.loads,
        *({**row, "extracted_at": instant("25 00:00"), "kind": "reconciliation"} for row in desk.loads),
    ]
    desk.case()
    assert desk.run.log().only("LastDataUpdate") == [at("20 00:00")]
