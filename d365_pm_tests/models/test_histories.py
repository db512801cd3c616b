"""The history of each column of a case: its order, its gaps, its first values (reference: 1.3)."""

from typing import Any

import pytest

from d365_pm_tests.models.audit_rows import LEVEL, audit_row, entry
from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, instant
from d365_pm_tests.models.raw_desk import CREATE, DELETE


def history(desk: Desk, case: str, column: str) -> list[dict[str, Any]]:
    rows = desk.run.rows_of("staging.case_change").where(case_id=case, column_name=column)
    return sorted(rows, key=lambda row: row["change_no"])


def test_the_history_of_a_column_is_in_order_with_its_gaps() -> None:
    desk = Desk()
    desk.case("c1", "09:00", audited=False, ownerid="carol")
    desk.case("c2", "09:00", ownerid="bob", by="bob")
    robot: dict[str, Any] = {"through": "robot", "action": 11}
    desk.audit("c1", "12:00", {"ownerid": ("bob", "team_n1")}, by="bob", name="third", **robot)
    desk.audit("c1", "11:00", {"ownerid": ("alice", "bob")}, name="second")
    desk.audit("c1", "14:00", {"ownerid": ("team_n2", "carol")}, by=("externalparty", "p"), name="last")  # type: ignore[arg-type]
    desk.audit("c1", "13:00", {"ownerid": (None, "alice")}, operation=CREATE, action=CREATE, name="creation")
    desk.audit("c1", "12:30", {"ownerid": ("team_n1", None)}, operation=DELETE, name="deletion")
    rows = history(desk, "c1", "ownerid")
    common = {"case_key": rows[0]["case_key"], "case_id": "c1", "column_name": "ownerid"}
    common |= {"external_actor_id": None, "acted_through_id": None, "is_last_of_second": True}
    alice, bob, carol = (("systemuser", name) for name in ("alice", "bob", "carol"))

    def told(number: int, name: str, moment: str, old: Any, new: Any, **others: Any) -> dict[str, Any]:
        values = {"old_type": old[0], "old_value": old[1], "new_type": new[0], "new_value": new[1]}
        known = {"change_no": number, "audit_id": name, "changed_at": at(moment), "action": 2, "actor_id": "alice"}
        return common | values | known | {"is_creation": False, "is_before_gap": False} | others

    outside = {"actor_id": None, "external_actor_id": "p"}
    cascade = {"actor_id": "bob", "acted_through_id": "robot", "action": 11, "is_before_gap": True}
    assert rows == [
        told(1, "creation", "09:00", (None, None), alice, action=1, is_creation=True),
        told(2, "second", "11:00", alice, bob),
        told(3, "third", "12:00", bob, ("team", "team_n1"), **cascade),
        told(4, "last", "14:00", ("team", "team_n2"), carol, **outside),
    ]
    assert [row["is_before_gap"] for row in history(desk, "c2", "ownerid")] == [False]


@pytest.mark.parametrize(
    ("modified", "is_gap"),
    [("18 23:59:59", True), ("19 00:00:00", True), ("19 00:00:01", False)],
    ids=["before the audit was read", "with it", "after it"],
)
def test_a_last_value_that_is_not_the_present_one_is_a_gap_unless_it_changed_since(modified: str, is_gap: bool) -> None:
    desk = Desk(seeds=LEVEL)
    for row in desk.loads:
        row["extracted_at"] = instant("19 00:00" if row["table_name"] == "audit" else "20 00:00")
    desk.case(subjectid="billing", prioritycode=1)
    audit_row(desk, "level", [entry("new_level", None, "low")])
    desk.update("c1", ownerid="bob", statecode=1, statuscode=5, isescalated=True, subjectid="network", prioritycode=2)
    desk.update("c1", modifiedon=modified)
    rows = desk.run.rows_of("staging.case_change")
    gaps = {row["column_name"] for row in rows if row["is_before_gap"]}
    columns = {"ownerid", "statecode", "statuscode", "isescalated", "subjectid", "prioritycode"}
    assert gaps == (columns if is_gap else set())
    assert {"new_level", "caseorigincode"} <= set(rows.only("column_name"))


def test_present_values_that_chain_are_no_gap() -> None:
    desk = Desk()
    desk.case(subjectid="billing", isescalated=True)
    desk.case("c2", subjectid=None, isescalated=None)
    desk.change("c1", "11:00", subjectid=("billing", "network"), prioritycode=(2, None))
    desk.change("c2", "11:00", subjectid=(None, "billing"), prioritycode=(2, None))
    desk.case("gone")
    desk.delete("gone")
    rows = desk.run.rows_of("staging.case_change")
    assert not any(rows.only("is_before_gap"))
    assert set(rows.only("case_id")) == {"c1", "c2"}


def test_more_changes_of_one_second_than_can_be_tried_are_in_the_order_of_their_ids() -> None:
    desk = Desk(seeds=LEVEL)
    desk.case()
    for number in (4, 7, 1, 3, 2, 6, 5):
        audit_row(desk, f"#{number}", [entry("new_level", f"v{number}", f"w{number}")])
    assert [row["audit_id"] for row in history(desk, "c1", "new_level")] == [f"#{number}" for number in range(1, 8)]


def test_what_the_history_of_a_case_says_of_its_beginning_and_its_gaps() -> None:
    parent = {"parentcaseid": (None, "parent")}
    born = {"ownerid": (None, "team_n1"), "statecode": (None, 0), "statuscode": (None, 1), "isescalated": (None, False)}
    more = {"caseorigincode": (None, 1), "prioritycode": (None, 1), "subjectid": (None, "billing")}
    desk = Desk()
    for case in ("parent", "born", "seen", "silent"):
        desk.case(case, "09:00", audited=False)
    desk.audit("born", "09:00", born | more | parent, operation=CREATE, name="birth")
    desk.change("born", "10:00", ownerid=("team_n1", "bob"), caseorigincode=(1, 3), prioritycode=(1, 3))
    desk.change("born", "11:00", subjectid=("billing", "network"), statuscode=(1, 3))
    desk.change("born", "12:00", caseorigincode=(3, 2), prioritycode=(3, 2))
    desk.update("born", parentcaseid="parent")
    desk.change("seen", "10:00", ownerid=("carol", "alice"), caseorigincode=(3, 2), audit={"name": "first"})
    desk.change("seen", "11:00", ownerid=("bob", "alice"), prioritycode=(1, 2), subjectid=("network", "billing"))
    desk.change("seen", "12:00", parentcaseid=("parent", "born"), prioritycode=(3, 2))
    desk.change("seen", "13:00", statecode=(0, 1), statuscode=(1, 5))
    desk.change("seen", "14:00", statecode=(2, 0), isescalated=(True, False))
    desk.change("seen", "15:00", isescalated=(True, False), subjectid=("technical", "billing"))
    rows = {
        row["case_id"]: {k: v for k, v in row.items() if k not in ("case_key", "case_id")}
        for row in desk.run.rows_of("staging.case_history")
    }
    broken = {f"is_{group}_broken": False for group in ("owner", "status", "escalation", "priority", "category")}
    assert rows == {
        "born": broken
        | {"has_creation": True, "first_changed_at": at("09:00"), "first_owner_id": "team_n1"}
        | {"first_owner_type": "team", "first_origin": "1", "first_priority": "1"}
        | {"first_subject_id": "billing", "first_parent_case_id": "parent", "owner_rows": 2, "status_rows": 3}
        | {"escalation_rows": 1, "origin_rows": 3, "subject_rows": 2, "priority_rows": 3, "priority_changes": 2}
        | {"category_rows": 2},
        "seen": dict.fromkeys(broken, True)
        | {"has_creation": False, "first_changed_at": at("10:00"), "first_owner_id": "carol"}
        | {"first_owner_type": "systemuser", "first_origin": "3"}
        | {"first_priority": "1", "first_subject_id": "network", "first_parent_case_id": None, "owner_rows": 2}
        | {"status_rows": 3, "escalation_rows": 2, "origin_rows": 1, "subject_rows": 2, "priority_rows": 2}
        | {"priority_changes": 2, "category_rows": 2},
    }


def test_a_gap_in_one_column_breaks_its_own_group_only() -> None:
    desk = Desk()
    second = {
        "owner": {"ownerid": ("carol", "alice")},
        "status": {"statecode": (2, 0)},
        "escalation": {"isescalated": (True, False)},
        "priority": {"prioritycode": (1, 2)},
        "category": {"subjectid": ("network", "billing")},
    }
    second["status too"] = {"statuscode": (4, 1)}
    for case, changes in second.items():
        desk.case(case, subjectid="billing")
        desk.change(case, "11:00", **changes)
    for row in desk.run.rows_of("staging.case_history"):
        groups = [group for group in list(second)[:5] if row[f"is_{group}_broken"]]
        assert groups == [row["case_id"].split(" ")[0]]


def test_changes_of_category_priority_and_escalation_outlive_the_whole_history() -> None:
    desk = Desk(seeds={"categorization_columns": [{"column_name": "new_level"}, {"column_name": "subjectid"}]})
    desk.case()
    robot: dict[str, Any] = {"through": "robot", "action": 11}
    first = {"subjectid": ("billing", "network"), "prioritycode": (2, 1), "ownerid": ("alice", "bob")}
    desk.audit("c1", "11:00", first, by="bob", name="first", **robot)
    desk.audit("c1", "11:30", {"isescalated": (False, True), "caseorigincode": (1, 3)}, name="second")
    audit_row(desk, "own", [entry("new_level", "low", "high")])
    keys = ("column_name", "change_no", "old_value", "new_value")
    rows = desk.run.rows_of("staging.attribute_change")
    assert sorted(rows.where(audit_id="first").only(*keys)) == [
        ("prioritycode", 2, "2", "1"),
        ("subjectid", 1, "billing", "network"),
    ]
    assert rows.where(audit_id="second").only(*keys) == [("isescalated", 2, "false", "true")]
    assert rows.where(audit_id="own").only(*keys) == [("new_level", 1, "low", "high")]
    assert len(rows) == 4
    whose = {
        "case_id": "c1",
        "changed_at": at("11:00"),
        "actor_id": "bob",
        "external_actor_id": None,
        "acted_through_id": "robot",
    }
    assert {name: rows.one(column_name="subjectid")[name] for name in whose} == whose
