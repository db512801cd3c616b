"""What marks an event or a case as unusual: bulk changes, personal queues, imports, merges, odd orders.

Reference: event-log semantics 3.7, 4.1, 4.4, 4.7, 4.9 and 4.10.
"""

from functools import cache

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.stories import Story, story


@cache
def moved_together(cases: int) -> Desk:
    """A desk where one person takes so many cases away and gives them back, each time in one second."""
    desk = Desk()
    for number in range(cases):
        desk.case(f"c{number}")
    for moment, change in (("11:00", ("alice", "bob")), ("12:00", ("bob", "alice"))):
        for number in range(cases):
            desk.change(f"c{number}", moment, by="carol", ownerid=change)
    return desk


@pytest.mark.parametrize(("cases", "is_bulk"), [(19, False), (20, True)], ids=["19 cases", "20 cases"])
def test_many_owner_changes_of_one_person_in_one_second_are_a_bulk_change(cases: int, is_bulk: bool) -> None:
    assigned = moved_together(cases).run.events().where(ActivityCode="case_assigned")
    assert len(assigned) == 2 * cases
    assert set(assigned.only("BulkChange")) == {is_bulk}


@pytest.mark.parametrize(("cases", "is_rework"), [(19, True), (20, False)], ids=["19 cases", "20 cases"])
def test_a_bulk_change_is_no_ping_pong(cases: int, is_rework: bool) -> None:
    assert set(moved_together(cases).run.cases().only("IsRework")) == {is_rework}


@story
def test_a_cascade_is_a_bulk_change(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", audit={"action": 11}, ownerid=("alice", "bob"))
    yield
    assert desk.run.events().one(ActivityCode="case_assigned")["BulkChange"] is True


@story
def test_one_owner_change_is_no_bulk_change(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", ownerid=("alice", "bob"))
    yield
    assert desk.run.events().one(ActivityCode="case_assigned")["BulkChange"] is False


@pytest.mark.parametrize(
    ("user", "queue"),
    [({"queueid": "own_queue"}, "Minha fila"), ({}, "<Dora Reis>")],
    ids=["the queue of a user", "named after a user"],
)
@story
def test_a_personal_queue_is_told_from_a_shared_one(desk: Desk, user: dict[str, object], queue: str) -> Story:
    desk.row("queue", "own_queue", name=queue, queueviewtype=1)
    desk.row("systemuser", "dora", fullname="Dora Reis", accessmode=0, **user)
    desk.case("c1")
    desk.enqueue("10:05", "own_queue", "c1", name="first")
    desk.case("c2")
    desk.enqueue("10:05", "queue_n1", "c2", name="second")
    yield
    assigned = desk.run.events().where(ActivityCode="case_assigned")
    assert dict(assigned.only("CaseGuid", "PersonalQueue")) == {"c1": True, "c2": False}


@pytest.mark.parametrize(
    "columns", [{"importsequencenumber": 1}, {"overriddencreatedon": "18 09:00"}], ids=["import job", "migrated"]
)
@story
def test_an_imported_case_is_marked(desk: Desk, columns: dict[str, object]) -> Story:
    desk.case(**columns)  # type: ignore[arg-type]
    yield
    assert desk.run.cases().one()["IsImported"] is True


@story
def test_a_merged_case_names_its_survivor(desk: Desk) -> Story:
    desk.case("survivor")
    desk.case("c1", masterid="survivor")
    desk.cancel("12:00", "c1", status=2000)
    yield
    case = desk.run.cases().one(CaseGuid="c1")
    assert (case["MergedIntoCaseGuid"], case["CaseOutcome"], case["IsSlaBreachedByCycleTime"]) == (
        "survivor",
        "Merged",
        None,
    )


@story
def test_two_resolutions_without_a_return_are_an_odd_order(desk: Desk) -> Story:
    desk.case()
    desk.resolve("11:00")
    written = {"createdon": "12:00", "modifiedon": "12:00", "createdby": "alice", "statecode": 1, "statuscode": 2}
    desk.row("incidentresolution", "again", incidentid="c1", **written)
    yield
    assert desk.run.cases().one()["StateOrderAnomaly"] is True


@story
def test_states_that_alternate_are_no_odd_order(desk: Desk) -> Story:
    desk.case()
    desk.resolve("11:00")
    desk.reactivate("12:00")
    desk.resolve("13:00")
    yield
    assert desk.run.cases().one()["StateOrderAnomaly"] is False


@story
def test_what_happened_before_the_creation_is_marked(desk: Desk) -> Story:
    desk.case(created="10:00")
    desk.link_article("09:00")
    yield
    assert dict(desk.run.events().only("ActivityCode", "BeforeCreation")) == {
        "agent_investigated_issue": True,
        "case_created": False,
    }


@story
def test_a_resolution_before_the_creation_is_marked_on_the_case(desk: Desk) -> Story:
    desk.case(created="10:00")
    desk.resolve("09:00")
    yield
    assert desk.run.cases().one()["CycleTimeAnomaly"] is True


@story
def test_a_clock_met_after_its_deadline_is_a_contradiction_in_class_b(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=4, succeededon="13:00", failuretime="12:00")
    yield
    case = desk.run.cases().one()
    assert (case["SlaContradiction"], case["SlaBreachConfidence"]) == (True, "B")


@story
def test_a_survivor_counts_the_cases_that_were_merged_into_it(desk: Desk) -> Story:
    desk.case("#1 survivor")
    for name in ("#2 merged", "#3 merged"):
        desk.case(name)
        desk.update(name, masterid="#1 survivor")
        desk.cancel("11:00", name, status=2000)
    yield
    assert desk.run.cases().only("CaseGuid", "MergedCaseCount") == [
        ("#1 survivor", 2),
        ("#2 merged", 0),
        ("#3 merged", 0),
    ]


@pytest.mark.parametrize(
    ("moment", "by", "is_cascaded"),
    [
        ("12:00:00", "alice", True),
        ("12:00:05", "alice", True),
        ("12:00:06", "alice", False),
        ("12:00:00", "bob", False),
    ],
    ids=["the same second", "five seconds", "six seconds", "somebody else"],
)
@story
def test_a_child_resolved_with_its_parent_is_a_cascade(desk: Desk, moment: str, by: str, is_cascaded: bool) -> Story:
    desk.case("#1 parent")
    desk.case("#2 child", parentcaseid="#1 parent")
    desk.resolve("12:00", "#1 parent")
    desk.resolve(moment, "#2 child", by=by)
    yield
    resolved = desk.run.events().where(ActivityCode="case_resolved")
    assert resolved.only("CaseGuid", "CascadedFromParent") == [("#1 parent", False), ("#2 child", is_cascaded)]


@pytest.mark.parametrize(("linked", "is_capture"), [("11:58", True), ("11:57:59", False), ("12:01", False)])
@story
def test_an_article_linked_just_before_the_resolution_is_a_record_of_it(
    desk: Desk, linked: str, is_capture: bool
) -> Story:
    desk.case()
    desk.link_article(linked)
    desk.resolve("12:00")
    yield
    assert desk.run.events().one(ActivityCode="agent_investigated_issue")["KnowledgeCapture"] is is_capture


@pytest.mark.parametrize(("other", "is_bulk"), [("c1", False), ("c2", True)], ids=["the same case", "another case"])
def test_a_bulk_change_counts_cases_and_not_changes(other: str, is_bulk: bool) -> None:
    desk = Desk(seeds={"thresholds": [{"key": "bulk_change_threshold", "value": "2"}]})
    desk.case()
    desk.case("c2")
    desk.change("c1", "11:00", by="carol", ownerid=("alice", "bob"))
    desk.change(other, "11:00", by="carol", ownerid=("bob" if other == "c1" else "alice", "team_n1"))
    assert set(desk.run.events().where(Rule="A1").only("BulkChange")) == {is_bulk}


def test_a_case_that_was_deleted_since_was_moved_as_well() -> None:
    desk = Desk(seeds={"thresholds": [{"key": "bulk_change_threshold", "value": "2"}]})
    for case in ("c1", "c2"):
        desk.case(case)
        desk.change(case, "11:00", by="carol", ownerid=("alice", "bob"))
    desk.delete("c2")
    assert desk.run.events().where(Rule="A1").only("CaseGuid", "BulkChange") == [("c1", True)]
