"""What the rows of queue items say, row by row: entries, picks, releases, who worked on what (reference: 3.1, 3.11)."""

from typing import Any

import pytest

from d365_pm.contracts.seeds import EXTENDED_ACTIVITIES
from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.model_rows import Rows
from d365_pm_tests.models.names import at
from d365_pm_tests.models.raw_desk import DELETE
from d365_pm_tests.models.test_partly_audited import switch

UNAUDITED = ("queueitem.workerid", "queueitem.queueid")
PICKS = ("case_id", "picked_at", "worker_id", "pick_kind", "rule", "confidence", "source_table", "source_column")


def by_time(rows: Rows, *columns: str) -> list[Any]:
    """Values of some columns, sorted."""
    return sorted(rows.only(*columns), key=str)


@pytest.fixture(scope="module")
def audited() -> Desk:
    desk = Desk(activities=EXTENDED_ACTIVITIES)
    for case, item in (("c1", "item 1"), ("c2", "item 2"), ("gone", "item 3")):
        desk.case(case)
        desk.enqueue("10:05", "queue_n1", case, name=item)
    desk.change("item 1", "10:10", by="bob", workerid=(None, "bob"), audit={"through": "robot"})
    desk.change("item 2", "10:12", by="carol", workerid=(None, "carol"))
    desk.change("item 3", "10:13", by="bob", workerid=(None, "bob"))
    desk.change("item 1", "10:20", by="alice", workerid=("bob", "carol"))
    desk.change("item 1", "10:30", by="carol", queueid=("queue_n1", "queue_n2"), audit={"through": "robot"})
    desk.change("item 1", "10:40", by="alice", workerid=("carol", "alice"))
    desk.change("item 1", "10:50", by="bob", workerid=("alice", "team_n2"))
    desk.change("item 1", "11:00", by="bob", workerid=("team_n2", None))
    desk.change("item 1", "11:10", by="bob", queueid=("queue_n2", None))
    desk.enqueue("10:05", "queue_n2", desk.email_in("10:01"), name="item of an email")
    desk.change("item of an email", "10:15", by="bob", workerid=(None, "bob"))
    desk.delete("gone")
    return desk


def test_the_history_of_items_of_known_cases(audited: Desk) -> None:
    rows = audited.run.rows_of("staging.queue_item_change")
    columns = ("changed_at", "case_id", "queue_item_id", "column_name", "operation", "old_id", "new_type", "new_id")
    assert by_time(rows, *columns) == [
        (at("10:05"), "c1", "item 1", "queueid", "create", None, "queue", "queue_n1"),
        (at("10:05"), "c2", "item 2", "queueid", "create", None, "queue", "queue_n1"),
        (at("10:10"), "c1", "item 1", "workerid", "update", None, "systemuser", "bob"),
        (at("10:12"), "c2", "item 2", "workerid", "update", None, "systemuser", "carol"),
        (at("10:20"), "c1", "item 1", "workerid", "update", "bob", "systemuser", "carol"),
        (at("10:30"), "c1", "item 1", "queueid", "update", "queue_n1", "queue", "queue_n2"),
        (at("10:40"), "c1", "item 1", "workerid", "update", "carol", "systemuser", "alice"),
        (at("10:50"), "c1", "item 1", "workerid", "update", "alice", "team", "team_n2"),
        (at("11:00"), "c1", "item 1", "workerid", "update", "team_n2", None, None),
        (at("11:10"), "c1", "item 1", "queueid", "update", "queue_n2", None, None),
    ]


def test_entries_and_picks_of_audited_items(audited: Desk) -> None:
    entries = audited.run.rows_of("staging.queue_entry")
    columns = (
        "entered_at",
        "case_id",
        "actor_id",
        "acted_through_id",
        "previous_queue_id",
        "queue_id",
        "rule",
        "confidence",
    )
    assert by_time(entries, *columns) == [
        (at("10:05"), "c1", "robot", None, None, "queue_n1", "A3", "A"),
        (at("10:05"), "c2", "robot", None, None, "queue_n1", "A3", "A"),
        (at("10:30"), "c1", "carol", "robot", "queue_n1", "queue_n2", "A3", "A"),
    ]
    evidence = ("audit", "workerid")
    assert by_time(audited.run.rows_of("staging.queue_pick"), *PICKS) == [
        ("c1", at("10:10"), "bob", "self", "P1", "A", *evidence),
        ("c1", at("10:20"), "carol", "pushed", "P2", "A", *evidence),
        ("c1", at("10:40"), "alice", "self", "P1", "A", *evidence),
        ("c2", at("10:12"), "carol", "self", "P1", "A", *evidence),
    ]
    picked = audited.run.activity("queue_item_picked_by_agent")
    assert picked.only("event_time", "actor_id", "acted_through_id", "queue_id") == [
        (at("10:10"), "bob", "robot", "queue_n1"),
        (at("10:12"), "carol", None, "queue_n1"),
        (at("10:40"), "alice", None, "queue_n2"),
    ]


def test_an_item_moved_in_the_second_of_its_pick_was_picked_from_where_it_went() -> None:
    desk = Desk()
    desk.case()
    desk.enqueue("10:05")
    desk.change("item", "10:10", by="bob", queueid=("queue_n1", "queue_n2"), workerid=(None, "bob"))
    desk.change("item", "10:20", by="bob", queueid=("queue_n2", "queue_n1"))
    assert desk.run.activity("queue_item_picked_by_agent").only("queue_id") == ["queue_n2"]


def test_one_removal_is_one_pick_however_often_the_owner_changed_in_its_second() -> None:
    desk = Desk()
    for case, item in (("c1", "item 1"), ("c2", "item 2")):
        desk.case(case)
        desk.enqueue("10:05", case=case, name=item)
    for number, pair in enumerate((("alice", "bob"), ("bob", "carol"), ("carol", "bob"))):
        desk.change("c1", "10:20", by="bob", audit={"name": f"#{number + 1} owner"}, ownerid=pair)
    removal = {"operation": DELETE, "action": DELETE, "through": "robot"}
    desk.audit("item 1", "10:20", {"objectid": ("c1", None), "queueid": ("queue_n1", None)}, by="bob", **removal)
    desk.delete("item 1")
    picks = desk.run.rows_of("staging.queue_pick")
    assert picks.only(*PICKS) == [("c1", at("10:20"), "bob", "self", "P3", "B", "audit", "objectid")]
    assert picks.only("queue_item_id", "acted_through_id") == [("item 1", "robot")]
    assert desk.run.activity("queue_item_picked_by_agent").only("queue_id") == ["queue_n1"]


def test_two_picks_and_two_owner_changes_of_one_second_find_each_other() -> None:
    """3.1: whichever of them stands for the others, it is the same one in every run."""
    desk = Desk()
    desk.case()
    for item in ("item 1", "item 2", "item 3"):
        desk.enqueue("10:05", name=item)
        desk.change(item, "10:20", by="bob", workerid=(None, "bob"))
    for number, pair in enumerate(
        (("alice", "bob"), ("bob", "carol"), ("carol", "bob"), ("bob", "carol"), ("carol", "bob"))
    ):
        desk.change("c1", "10:20", by="bob", audit={"name": f"#{number + 1} owner"}, ownerid=pair)
    pairs = [event["CoOccursWith"] for event in desk.run.events() if event["CoOccursWith"]]
    assert len(pairs) == 4


def _present(desk: Desk, name: str, worker: str | None = "bob", set_at: str | None = "11:00", **columns: Any) -> None:
    """A case with a queue item whose rows of the audit nobody wrote."""
    desk.case(name)
    row = {"objectid": name, "queueid": "queue_n1", "createdon": "10:05", "enteredon": "10:06", "modifiedon": "12:00"}
    row |= {"createdby": "robot", "workerid": worker, "workeridmodifiedon": set_at}
    desk.row("queueitem", f"{name} item", **(row | columns))


@pytest.fixture(scope="module")
def unaudited() -> Desk:
    desk = Desk(unaudited=UNAUDITED)
    _present(desk, "by the owner change of the worker")
    desk.change("by the owner change of the worker", "11:00", by="bob", ownerid=("alice", "bob"))
    _present(desk, "by that of another", modifiedon="11:00", modifiedby="bob")
    desk.change("by that of another", "11:00", by="carol", ownerid=("alice", "bob"))
    _present(desk, "by the first of two")
    for number, (by, pair) in enumerate(
        (("carol", ("alice", "bob")), ("bob", ("bob", "alice")), ("bob", ("alice", "bob")))
    ):
        desk.change("by the first of two", "11:00", by=by, audit={"name": f"#{number + 1} of two"}, ownerid=pair)
    _present(desk, "not by that to another", modifiedon="11:00", modifiedby="bob")
    desk.change("not by that to another", "11:00", by="alice", ownerid=("alice", "carol"))
    _present(desk, "touched by the worker", modifiedon="11:00", modifiedby="bob")
    _present(desk, "touched by another", modifiedon="11:00", modifiedby="carol")
    _present(desk, "touched later", modifiedon="11:00:01", modifiedby="bob")
    _present(desk, "by a team", "team_n2")
    _present(desk, "at no time", "bob", None)
    _present(desk, "told by a later row")
    desk.audit("told by a later row item", "11:00", {"workerid": (None, "bob")}, by="bob")
    _present(desk, "told by an earlier row")
    desk.audit("told by an earlier row item", "10:30", {"workerid": (None, "carol")}, by="carol")
    return desk


def test_picks_that_only_the_present_item_tells(unaudited: Desk) -> None:
    picks = unaudited.run.rows_of("staging.queue_pick").where(rule="P4")
    assert set(picks.only("picked_at", "worker_id", "source_table", "source_column")) == {
        (at("11:00"), "bob", "queueitem", "workeridmodifiedon")
    }
    assert dict(zip(picks.only("case_id"), picks.only("pick_kind", "confidence"), strict=True)) == {
        "by the owner change of the worker": ("self", "B"),
        "by that of another": ("pushed", "B"),
        "by the first of two": ("pushed", "B"),
        "not by that to another": ("self", "B"),
        "touched by the worker": ("self", "B"),
        "touched by another": ("pushed", "B"),
        "touched later": (None, "C"),
        "told by an earlier row": (None, "C"),
    }
    events = unaudited.run.activity("queue_item_picked_by_agent").where(rule="P4")
    assert set(events.only("confidence", "evidence_class", "kind")) == {
        ("B", "explicit", "self"),
        ("C", "inferred", None),
    }
    assert set(events.only("queue_id")) == {"queue_n1"}


def test_entries_that_only_the_present_item_tells() -> None:
    desk = Desk(unaudited=UNAUDITED)
    _present(desk, "c1")
    _present(desk, "c2", enteredon=None)
    _present(desk, "c3")
    desk.audit("c3 item", "10:30", {"queueid": (None, "queue_n2")}, by="carol")
    columns = ("case_id", "entered_at", "actor_id", "queue_id", "rule", "source_table", "source_column", "confidence")
    present = ("queueitem", "enteredon", "B")
    assert by_time(desk.run.rows_of("staging.queue_entry"), *columns) == [
        ("c1", at("10:06"), "robot", "queue_n1", "A4", *present),
        ("c2", at("10:05"), "robot", "queue_n1", "A4", *present),
        ("c3", at("10:30"), "carol", "queue_n2", "A3", "audit", "queueid", "A"),
    ]


COVERED = {
    "born before": ("05 10:00", True, False),
    "born at the switch": ("06 00:00", True, False),
    "born unseen": ("07 10:00", False, False),
    "born with a row": ("07 10:00", True, True),
    "born when it came back": ("08 00:00", False, True),
    "born after": ("09 10:00", False, True),
}


@pytest.mark.parametrize("comes_back", [True, False])
def test_an_item_is_covered_from_its_birth_on_or_not_at_all(comes_back: bool) -> None:
    desk = Desk()
    switch(desk, "06 00:00", 110)
    if comes_back:
        switch(desk, "08 00:00", 105)
    for name, (born, is_seen, _) in COVERED.items():
        desk.case(name, "04 10:00")
        desk.enqueue(born, case=name, name=f"{name} item")
        if not is_seen:
            desk.rows["audit"].popitem()
    found = dict(desk.run.rows_of("staging.queue_item_coverage").only("queue_item_id", "is_covered"))
    wanted = {name: covered and (comes_back or is_seen) for name, (_, is_seen, covered) in COVERED.items()}
    assert found == {f"{name} item": covered for name, covered in wanted.items()}


def test_an_item_is_covered_where_the_audit_was_on_before_it() -> None:
    desk = Desk()
    desk.case()
    for name, born in (("before", "10:04"), ("first", "10:05"), ("after", "10:06")):
        if desk.enqueue(born, name=name) != "first":
            desk.rows["audit"].popitem()
    desk.change("after", "10:30", by="bob", workerid=(None, "bob"))
    desk.change("after", "10:40", by="bob", workerid=("bob", "carol"))
    rows = desk.run.rows_of("staging.queue_item_coverage")
    assert by_time(rows, "queue_item_id", "has_queue", "worker_changed_at", "is_covered") == [
        ("after", False, at("10:40"), True),
        ("before", False, None, False),
        ("first", True, None, True),
    ]


@pytest.mark.parametrize("column", UNAUDITED)
def test_an_item_is_covered_where_both_columns_are_audited(column: str) -> None:
    desk = Desk(unaudited=[column])
    desk.case()
    desk.enqueue("10:05")
    assert desk.run.rows_of("staging.queue_item_coverage").only("is_covered", "has_queue") == [(False, True)]


WORKERS = {
    "worker and owner": ({"ownerid": "bob"}, {}, True),
    "worker alone": ({"ownerid": "alice"}, {}, False),
    "creator": ({"ownerid": "bob", "by": "bob"}, {}, False),
    "at no time": ({"ownerid": "bob"}, {"workeridmodifiedon": None}, False),
    "a team": ({"ownerid": "team_n2"}, {"workerid": "team_n2"}, True),
    "nobody": ({"ownerid": "bob"}, {"workerid": None}, False),
}


def test_the_present_worker_was_assigned_where_nothing_tells_when() -> None:
    desk = Desk(audit_from=NEVER)
    for name, (columns, item, _) in WORKERS.items():
        desk.case(name, **columns)
        row = {"objectid": name, "queueid": "queue_n1", "createdon": "10:05", "modifiedon": "12:00"}
        desk.row("queueitem", f"{name} item", **(row | {"workerid": "bob", "workeridmodifiedon": "11:00"} | item))
    rows = desk.run.rows_of("staging.present_worker")
    assert sorted(rows.only("case_id")) == sorted(name for name, (*_, is_told) in WORKERS.items() if is_told)
    assert rows.one(case_id="a team")["worker_type"] == "team"
    assigned = desk.run.activity("case_assigned").where(rule="A5")
    assert by_time(assigned, "event_time", "assigned_to_id", "assignment_kind", "queue_id", "confidence") == [
        (at("11:00"), "bob", "user", None, "B"),
        (at("11:00"), "team_n2", "team", None, "B"),
    ]


@pytest.mark.parametrize(
    ("moment", "is_told"),
    [("05 23:59:59", False), ("06 00:00:00", True), ("07 23:59:59", True), ("08 00:00:00", False)],
)
def test_the_present_worker_counts_where_the_audit_was_blind(moment: str, is_told: bool) -> None:
    desk = Desk()
    switch(desk, "06 00:00", 110)
    switch(desk, "08 00:00", 105)
    desk.case(ownerid="bob")
    desk.rows["audit"].popitem()
    desk.audit("c1", "04 10:00", {"prioritycode": (None, 2)}, operation=1)
    row = {"objectid": "c1", "queueid": "queue_n1", "createdon": "10:05", "modifiedon": moment}
    desk.row("queueitem", "item", workerid="bob", workeridmodifiedon=moment, **row)
    assert bool(desk.run.rows_of("staging.present_worker")) is is_told


SESSIONS: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "accepted": ({}, {}, True),
    "never accepted": ({"msdyn_agentacceptedon": None}, {}, False),
    "of a team": ({"ownerid": "team_n2"}, {}, False),
    "of a chat": ({}, {"regardingobjectid": ("account", "acme")}, False),
    "deleted": ({}, {}, False),
}


@pytest.mark.parametrize("is_on", [True, False])
def test_a_session_is_a_pick_of_the_case_that_it_is_about(is_on: bool) -> None:
    desk = Desk(seeds={"switches": [{"key": "emit_session_pick", "is_on": str(is_on).lower()}]})
    dated: dict[str, Any] = {"createdon": "11:00", "modifiedon": "11:00"}
    for name, (session, item, _) in SESSIONS.items():
        desk.case(name)
        desk.row("msdyn_ocliveworkitem", f"item {name}", **({"regardingobjectid": name} | dated | item))
        accepted = {"msdyn_liveworkitemid": f"item {name}", "msdyn_agentacceptedon": "11:10", "ownerid": "bob"}
        desk.row("msdyn_ocsession", f"session {name}", **(accepted | dated | session))
    desk.delete("session deleted", noticed="12:00")
    rows = desk.run.rows_of("staging.queue_pick")
    wanted = [
        (name, at("11:10"), "bob", "self", "P5", "C", "msdyn_ocsession", "msdyn_agentacceptedon", f"session {name}")
        for name, (*_, is_pick) in SESSIONS.items()
        if is_pick and is_on
    ]
    assert rows.only(*PICKS, "source_row_id") == wanted
