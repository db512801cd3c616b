"""What audit rows say, column by column: values, their order, gaps and times (reference: 1.3, 4.7; tables 8.2)."""

import json
from typing import Any

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at, guid, instant
from d365_pm_tests.models.raw_desk import CREATE, DELETE, UPSERT
from d365_pm_tests.models.raw_rows import Row
from d365_pm_tests.models.test_audit_interrupted import interrupted
from d365_pm_tests.models.test_partly_audited import switch

LEVEL = {"escalation_columns": [{"column_name": "new_level", "escalated_value": "high"}]}
BOB, ALICE = guid("bob"), guid("alice")
Side = tuple[str | None, str | None]
VALUES: dict[str, tuple[str, str | None, str | None, tuple[Side, Side] | None]] = {
    "a user": (
        "ownerid",
        f"systemuser,{BOB.upper()}",
        f"team,{ALICE}",
        (("systemuser", "bob"), ("team", "alice")),
    ),
    "a bare id": ("ownerid", BOB.upper(), None, ((None, "bob"), (None, None))),
    "the same id": ("ownerid", f"systemuser,{BOB.upper()}", f"systemuser,{BOB}", None),
    "the first value": ("ownerid", None, ALICE, ((None, None), (None, "alice"))),
    "a code": ("statuscode", "1", "3", ((None, "1"), (None, "3"))),
    "a code with its label": ("statuscode", "1:In Progress", "3:Waiting, really", ((None, "1"), (None, "3"))),
    "a label renamed": ("statuscode", "1:In Progress", "1:At work", None),
    "a code and no code": ("statuscode", "1:In Progress", None, ((None, "1"), (None, None))),
    "a code, empty before": ("statuscode", "", "3", ((None, None), (None, "3"))),
    "no code and an empty one": ("statuscode", None, "", None),
    "an empty code and none": ("statuscode", "", None, None),
    "a truth": ("isescalated", "False", "TRUE", ((None, "false"), (None, "true"))),
    "the same truth": ("isescalated", "True", "true", None),
    "empty and nothing": ("isescalated", "", None, None),
    "nothing and empty": ("isescalated", None, "", None),
    "a text": ("new_level", "Low, low", "High:er", ((None, "low, low"), (None, "high:er"))),
    "a text and none": ("new_level", "Low", "", ((None, "low"), (None, None))),
    "a column that no rule reads": ("title", "a", "b", None),
    "a column of queue items": ("workerid", None, f"systemuser,{BOB}", None),
}
"""Column, old and new text of an audit row; type and value of both sides, unless it is no change."""


def audit_row(desk: Desk, name: str, changes: Any, **columns: Any) -> str:
    """An audit row of a case with any text."""
    text = changes if isinstance(changes, str) else json.dumps({"changedAttributes": changes})
    written: Row = {"createdon": "11:00", "operation": 2, "action": 2, "objecttypecode": "incident", "userid": "bob"}
    return desk.row("audit", name, **(written | {"objectid": ("incident", "c1"), "changedata": text} | columns))


def entry(column: str, old: str | None, new: str | None) -> dict[str, str | None]:
    return {"logicalName": column, "oldValue": old, "newValue": new}


def test_each_form_of_value_is_read() -> None:
    desk = Desk(seeds=LEVEL)
    desk.case(audited=False)
    for name, (column, old, new, _) in VALUES.items():
        audit_row(desk, name, [entry(column, old, new)])
    columns = ("audit_id", "column_name", "old_type", "old_value", "new_type", "new_value")
    assert sorted(desk.run.rows_of("staging.audit_change").only(*columns)) == sorted(
        (name, column, *sides[0], *sides[1]) for name, (column, _, _, sides) in VALUES.items() if sides
    )


def test_an_audit_row_tells_what_was_done_when_and_by_whom() -> None:
    desk = Desk()
    desk.case(audited=False)
    change = [entry("statuscode", "1", "3"), entry("ownerid", ALICE, BOB)]
    audit_row(desk, "created", change, operation=CREATE, action=1)
    audit_row(desk, "updated", change, action=11, callinguserid="robot")
    audit_row(desk, "deleted", change, operation=DELETE, userid=(None, "bob"))
    audit_row(desk, "upserted", change, operation=UPSERT, userid=("externalparty", "portal"), createdon="12:00")
    audit_row(desk, "read", change, operation=4)
    audit_row(desk, "of a company", change, objecttypecode="account")
    audit_row(desk, "unreadable", "{")
    audit_row(desk, "another document", '{"changedAttributes": 7}')
    audit_row(desk, "empty", "")
    for name, column in (("keyless", "auditid"), ("without its record", "_objectid_value")):
        desk.rows["audit"][audit_row(desk, name, change)][column] = "no guid"
    columns = ("audit_id", "changed_at", "operation", "action", "record_id", "actor_id", "external_actor_id")
    found = set(desk.run.rows_of("staging.audit_change").only(*columns, "acted_through_id", "table_name"))
    assert found == {
        ("created", at("11:00"), "create", 1, "c1", "bob", None, None, "incident"),
        ("updated", at("11:00"), "update", 11, "c1", "bob", None, "robot", "incident"),
        ("deleted", at("11:00"), "delete", 2, "c1", "bob", None, None, "incident"),
        ("upserted", at("12:00"), "update", 2, "c1", None, "portal", None, "incident"),
    }
    assert len(desk.run.rows_of("staging.audit_change")) == 8


def test_the_first_and_the_last_row_of_each_table_and_action() -> None:
    desk = Desk()
    for name, moment, table, action in (
        ("a", "11:00", "incident", 2),
        ("b", "10:00", "incident", 2),
        ("c", "12:00", "incident", 2),
        ("d", "13:00", "incident", 105),
        ("e", "14:00", "account", 2),
        ("f", "15:00", None, None),
    ):
        desk.row("audit", name, createdon=moment, objecttypecode=table, action=action)
    assert sorted(desk.run.rows_of("staging.audit_mark").only("table_name", "action", "first_at", "last_at")) == [
        ("", 0, at("15:00"), at("15:00")),
        ("account", 2, at("14:00"), at("14:00")),
        ("incident", 2, at("10:00"), at("12:00")),
        ("incident", 105, at("13:00"), at("13:00")),
    ]


FORMS = {
    "incident": {
        "ownerid": "lookup",
        "statecode": "option",
        "statuscode": "option",
        "isescalated": "plain",
        "subjectid": "lookup",
        "casetypecode": "option",
        "prioritycode": "option",
        "caseorigincode": "option",
        "parentcaseid": "lookup",
    },
    "queueitem": {"objectid": "lookup", "queueid": "lookup", "workerid": "lookup"},
}
OWN = {
    "new_lookup": ("Lookup", "lookup"),
    "new_customer": ("Customer", "lookup"),
    "new_owner": ("Owner", "lookup"),
    "new_option": ("Picklist", "option"),
    "new_text": ("String", "plain"),
    "new_unknown": (None, "plain"),
    "workerid": (None, "plain"),
}
"""Columns of the organisation: what the metadata says, and how the audit writes them."""


def test_every_column_that_the_rules_read_has_its_form() -> None:
    both = "new_option"
    desk = Desk(
        seeds={
            "categorization_columns": [{"column_name": name} for name in OWN],
            "escalation_columns": [{"column_name": name, "escalated_value": "1"} for name in (both, "statecode")],
        }
    )
    for name, (kind, _) in OWN.items():
        if kind:
            given = {"table_name": "incident", "column_name": name, "attribute_type": kind}
            desk.rows["attribute_metadata"][name] = given | {"is_table_audited": True, "is_audited": True}
            desk.rows["attribute_metadata"][f"account {name}"] = given | {"table_name": "account", "is_audited": False}
    rows = desk.run.rows_of("staging.audit_column")
    forms = {(table, name): form for table, columns in FORMS.items() for name, form in columns.items()}
    forms |= {("incident", name): form for name, (_, form) in OWN.items()}
    assert {(row["table_name"], row["column_name"]): row["value_form"] for row in rows} == forms
    assert len(rows) == len(forms)
    categories = {("incident", name) for name in ("subjectid", *OWN)}
    assert {(row["table_name"], row["column_name"]) for row in rows if row["is_category"]} == categories
    assert rows.where(is_audited=False) == []


@pytest.mark.parametrize(("is_on", "is_audited"), [(True, True), (False, False), (None, True)])
def test_a_column_is_audited_unless_the_organisation_is_known_not_to_audit(is_on: Any, is_audited: bool) -> None:
    desk = Desk()
    desk.update("contoso", isauditenabled=is_on)
    assert set(desk.run.rows_of("staging.audit_column").only("is_audited")) == {is_audited}


def test_a_column_is_audited_unless_it_or_its_table_is_known_not_to_be() -> None:
    switches = {"new_on": (True, True), "new_table": (False, True), "new_column": (True, False)}
    unknown = {"new_no_table": (None, True), "new_no_column": (True, None)}
    names = [*switches, *unknown, "new_nothing"]
    desk = Desk(seeds={"categorization_columns": [{"column_name": name} for name in names]})
    desk.delete("contoso")
    for name, (table, column) in (switches | unknown).items():
        given = {"table_name": "incident", "column_name": name, "attribute_type": "String"}
        desk.rows["attribute_metadata"][name] = given | {"is_table_audited": table, "is_audited": column}
    rows = desk.run.rows_of("staging.audit_column").where(value_form="plain", is_audited=False)
    assert sorted(rows.only("column_name")) == ["new_column", "new_table"]


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
    common = {"case_key": rows[0]["case_key"], "case_id": "c1", "column_name": "ownerid", "tie_position": None}
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
        | {"first_owner_type": "team", "first_owner_audit_id": "birth", "first_origin": "1", "first_priority": "1"}
        | {"first_subject_id": "billing", "first_parent_case_id": "parent", "owner_rows": 2, "status_rows": 3}
        | {"escalation_rows": 1, "origin_rows": 3, "subject_rows": 2, "priority_rows": 3, "priority_changes": 2}
        | {"category_rows": 2},
        "seen": dict.fromkeys(broken, True)
        | {"has_creation": False, "first_changed_at": at("10:00"), "first_owner_id": "carol"}
        | {"first_owner_type": "systemuser", "first_owner_audit_id": "first", "first_origin": "3"}
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


def timeline(desk: Desk, case: str) -> list[tuple[Any, ...]]:
    keys = {row["case_id"]: row["case_key"] for row in desk.run.rows_of("staging.incident")}
    rows = desk.run.rows_of("staging.case_timeline").where(case_key=keys[case])
    columns = ("column_name", "value_no", "valid_from", "value_type", "value", "previous_type", "previous_value")
    return sorted(rows.only(*columns))


def test_a_value_holds_from_its_change_on_and_nothing_is_carried_across_a_gap() -> None:
    desk = Desk()
    desk.case("c1", "09:00", ownerid="team_n1", prioritycode=1)
    desk.change("c1", "10:00", ownerid=("team_n1", "bob"), prioritycode=(1, 2))
    desk.change("c1", "11:00", ownerid=("carol", "alice"))
    desk.status("12:00", 3)
    n1, bob, carol, alice = ("team", "team_n1"), *(("systemuser", name) for name in ("bob", "carol", "alice"))
    none = (None, None)
    assert timeline(desk, "c1") == [
        ("ownerid", 2, at("09:00"), *n1, *none),
        ("ownerid", 4, at("10:00"), *bob, *n1),
        ("ownerid", 5, at("10:00:01"), *none, *none),
        ("ownerid", 6, at("11:00"), *alice, *carol),
        ("statuscode", 2, at("09:00"), None, "1", *none),
        ("statuscode", 4, at("12:00"), None, "3", None, "1"),
    ]


def test_the_status_reason_too_is_unknown_in_a_gap_and_known_before_its_first_change() -> None:
    desk = Desk()
    desk.case("witness", "10:00")
    desk.case("c1", "10:00", audited=False)
    for when, values in (("11:00", (1, 3)), ("12:00", (4, 1))):
        desk.change("c1", when, statuscode=values, prioritycode=(values[0], 2))
    none = (None, None)
    assert timeline(desk, "c1") == [
        ("ownerid", 0, at("10:00"), "systemuser", "alice", *none),
        ("statuscode", 0, at("10:00"), None, "1", *none),
        ("statuscode", 2, at("11:00"), None, "3", None, "1"),
        ("statuscode", 3, at("11:00:01"), *none, *none),
        ("statuscode", 4, at("12:00"), None, "1", None, "4"),
    ]


def test_a_gap_within_a_second_leaves_no_time_unknown() -> None:
    desk = Desk()
    desk.case()
    desk.audit("c1", "11:00", {"ownerid": ("alice", "bob")}, name="#1")
    desk.audit("c1", "11:00", {"ownerid": ("carol", "team_n1")}, name="#2")
    desk.update("c1", ownerid="team_n1")
    assert [row[1] for row in timeline(desk, "c1") if row[0] == "ownerid"] == [2, 4, 6]


def test_the_coverage_of_one_case_says_nothing_of_another() -> None:
    desk = interrupted()
    for case, created in (("before", "05 10:00"), ("after", "09 10:00")):
        desk.case(case, created, audited=False)
    assert [row[0] for row in timeline(desk, "after")] == ["ownerid", "statuscode"]
    assert timeline(desk, "before") == []


def test_what_was_before_the_first_change_held_since_birth_or_since_auditing_began() -> None:
    desk = Desk()
    switch(desk, "06 00:00", 105)
    for case, created in (("older", "05 10:00"), ("younger", "06 10:00")):
        desk.case(case, created, audited=False, ownerid="team_n1")
        desk.change(case, "07 10:00", ownerid=("team_n1", "bob"))
        desk.change(case, "07 11:00", ownerid=("bob", "carol"))
    n1, bob = ("team", "team_n1"), ("systemuser", "bob")
    for case, since in (("older", "06 00:00"), ("younger", "06 10:00")):
        owners = [row for row in timeline(desk, case) if row[0] == "ownerid"]
        assert owners == [
            ("ownerid", 0, at(since), *n1, None, None),
            ("ownerid", 2, at("07 10:00"), *bob, *n1),
            ("ownerid", 4, at("07 11:00"), "systemuser", "carol", *bob),
        ]
    assert [row for row in timeline(desk, "older") if row[0] == "statuscode"] == []
    assert [row for row in timeline(desk, "younger") if row[0] == "statuscode"] == [
        ("statuscode", 0, at("06 10:00"), None, "1", None, None)
    ]


@pytest.mark.parametrize("column", ["ownerid", "statuscode"])
def test_a_present_value_was_always_in_force_only_where_a_change_would_have_been_seen(column: str) -> None:
    desk = Desk(unaudited={f"incident.{column}"})
    desk.case("witness")
    desk.case("silent", audited=False, ownerid="team_n1")
    other = {
        "ownerid": ("statuscode", 0, at("10:00"), None, "1", None, None),
        "statuscode": ("ownerid", 0, at("10:00"), "team", "team_n1", None, None),
    }
    assert timeline(desk, "silent") == [other[column]]


def test_changes_of_one_second_before_a_gap_hold_in_it_together() -> None:
    desk = Desk()
    desk.case()
    for name, old, new in (("#2", "alice", "bob"), ("#1", "bob", "carol")):
        desk.audit("c1", "11:00", {"ownerid": (old, new)}, name=name)
    owners = [row[1:5] for row in timeline(desk, "c1") if row[0] == "ownerid"]
    assert owners == [
        (2, at("10:00"), "systemuser", "alice"),
        (4, at("11:00"), "systemuser", "bob"),
        (6, at("11:00"), "systemuser", "carol"),
        (7, at("11:00:01"), None, None),
    ]
    rows = desk.run.rows_of("staging.case_timeline").where(column_name="ownerid")
    assert sorted(rows.only("value_no", "audit_id", "tie_position")) == [
        (2, rows.one(value_no=2)["audit_id"], 0),
        (4, "#2", 1),
        (6, "#1", 2),
        (7, None, 0),
    ]


def test_who_owned_a_case_first_is_known_where_nothing_before_it_went_unseen() -> None:
    desk = interrupted()
    kinds: dict[str, tuple[str, bool]] = {
        "born": ("04 10:00", True),
        "changed": ("04 10:00", False),
        "never changed": ("09 10:00", False),
        "older": ("03 10:00", False),
        "in the dark": ("07 10:00", False),
        "partly known": ("05 10:00", False),
    }
    for case, (created, is_audited) in kinds.items():
        desk.case(case, created, audited=is_audited, by="robot", ownerid="team_n1")
    desk.change("born", "05 10:00", ownerid=("team_n1", "bob"))
    for case in ("changed", "older", "in the dark"):
        desk.change(case, "09 10:00", ownerid=("team_n1", "bob"))
    desk.case("bare id", "09 10:30", audited=False, by="robot", ownerid="alice")
    change = [entry("ownerid", BOB, ALICE)]
    audit_row(desk, "change of a bare id", change, objectid=("incident", "bare id"), createdon="09 11:00")
    columns = ("case_id", "created_at", "created_by_id", "owner_id", "owner_type")
    found = [row for row in desk.run.rows_of("staging.initial_owner").only(*columns) if row[0] != "witness"]
    assert sorted(found) == [
        ("bare id", at("09 10:30"), "robot", "bob", "systemuser"),
        ("born", at("04 10:00"), "robot", "team_n1", "team"),
        ("changed", at("04 10:00"), "robot", "team_n1", "team"),
        ("never changed", at("09 10:00"), "robot", "team_n1", "team"),
    ]


def test_without_audit_nobody_is_known_to_have_owned_a_case_first() -> None:
    desk = Desk(audit_from=NEVER)
    desk.case()
    assert desk.run.rows_of("staging.initial_owner") == []


Steps = list[tuple[str, str, str, str]]
TIES: dict[str, tuple[Steps, list[str]]] = {
    "a chain against the ids": (
        [("#3", "11:00", "a", "b"), ("#2", "11:00", "b", "c"), ("#1", "11:00", "c", "d")],
        ["#3", "#2", "#1"],
    ),
    "there and back, after what was before": (
        [("#0", "10:00", "x", "a"), ("#2", "11:00", "a", "b"), ("#1", "11:00", "b", "a")],
        ["#2", "#1"],
    ),
    "there and back, nothing known before": ([("#2", "11:00", "a", "b"), ("#1", "11:00", "b", "a")], ["#1", "#2"]),
    "after a second that chains": (
        [
            ("#1", "10:00", "x", "a"),
            ("#2", "10:00", "a", "b"),
            ("#4", "11:00", "b", "a"),
            ("#3", "11:00", "a", "b"),
        ],
        ["#1", "#2", "#4", "#3"],
    ),
    "after a second that chains, the other way round": (
        [
            ("#1", "10:00", "x", "b"),
            ("#2", "10:00", "b", "a"),
            ("#4", "11:00", "a", "b"),
            ("#3", "11:00", "b", "a"),
        ],
        ["#1", "#2", "#4", "#3"],
    ),
    "after a second that changed nothing": (
        [
            ("#0", "09:00", "x", "b"),
            ("#1", "10:00", "b", "a"),
            ("#2", "10:00", "a", "b"),
            ("#4", "11:00", "b", "a"),
            ("#3", "11:00", "a", "b"),
        ],
        ["#1", "#2", "#4", "#3"],
    ),
    "after a second that came back to its value": (
        [
            ("#0", "10:00", "x", "b"),
            ("#1", "10:00", "b", "a"),
            ("#2", "10:00", "a", "b"),
            ("#4", "11:00", "b", "a"),
            ("#3", "11:00", "a", "b"),
        ],
        ["#0", "#1", "#2", "#4", "#3"],
    ),
    "after a second with two ends": (
        [
            ("#1", "10:00", "x", "b"),
            ("#2", "10:00", "y", "a"),
            ("#4", "11:00", "a", "b"),
            ("#3", "11:00", "b", "a"),
        ],
        ["#1", "#2", "#4", "#3"],
    ),
    "the nearest second before": (
        [
            ("#0", "09:00", "x", "a"),
            ("#1", "10:00", "a", "b"),
            ("#4", "11:00", "b", "a"),
            ("#3", "11:00", "a", "b"),
            ("#5", "12:00", "b", "a"),
        ],
        ["#4", "#3"],
    ),
    "no chain, but one goes on from before": (
        [("#0", "10:00", "x", "c"), ("#1", "11:00", "a", "b"), ("#2", "11:00", "c", "d")],
        ["#2", "#1"],
    ),
    "the longest chain first": (
        [("#0", "10:00", "x", "a"), ("#1", "11:00", "a", "b"), ("#3", "11:00", "c", "d"), ("#2", "11:00", "d", "e")],
        ["#3", "#2", "#1"],
    ),
    "no chain": ([("#2", "11:00", "a", "b"), ("#1", "11:00", "c", "d")], ["#1", "#2"]),
    "after it was emptied": (
        [("#0", "10:00", "a", ""), ("#2", "11:00", "", "b"), ("#1", "11:00", "b", "")],
        ["#2", "#1"],
    ),
    "no chain of three": (
        [("#3", "11:00", "a", "b"), ("#1", "11:00", "c", "d"), ("#2", "11:00", "e", "f")],
        ["#1", "#2", "#3"],
    ),
    "from nothing": ([("#2", "11:00", "", "a"), ("#1", "11:00", "a", "")], ["#1", "#2"]),
    "six": ([(f"#{7 - n}", "11:00", f"v{n}", f"v{n + 1}") for n in range(1, 7)], ["#6", "#5", "#4", "#3", "#2", "#1"]),
    "seven": ([(f"#{8 - n}", "11:00", f"v{n}", f"v{n + 1}") for n in range(1, 8)], []),
    "two seconds": ([("#1", "11:00:00", "a", "b"), ("#2", "11:00:01", "b", "c")], []),
}
"""Changes of a column (audit row, second, old, new); the order of those that share a second."""


@pytest.mark.parametrize("story", TIES)
def test_changes_of_one_second_are_chained(story: str) -> None:
    desk = Desk(seeds=LEVEL)
    steps, wanted = TIES[story]
    desk.case("c1", "08:00", audited=False)
    desk.case("c2", "08:00", audited=False)
    for name, when, old, new in steps:
        audit_row(desk, name, [entry("new_level", old, new)], createdon=when)
    for number, column in enumerate(("statuscode", "prioritycode")):
        audit_row(desk, f"#9 {number}", [entry(column, "1", "2")])
    audit_row(desk, "#8 deleted", [entry("new_level", "b", None)], operation=DELETE)
    audit_row(desk, "#8 of another case", [entry("new_level", "x", "c")], objectid=("incident", "c2"))
    seconds = {name: when for name, when, _, _ in steps}
    expected = set()
    for name in wanted:
        same = [other for other in wanted if seconds[other] == seconds[name]]
        expected.add((name, "new_level", same.index(name) + 1))
    rows = desk.run.rows_of("staging.change_tie").only("audit_id", "column_name", "tie_position")
    assert (set(rows), len(rows)) == (expected, len(expected))
