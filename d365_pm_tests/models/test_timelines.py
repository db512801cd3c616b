"""From when to when a value held, and who owned a case first (reference: 1.3)."""

from typing import Any

import pytest

from d365_pm_tests.models.audit_rows import audit_row, entry
from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at, guid
from d365_pm_tests.models.test_audit_interrupted import interrupted
from d365_pm_tests.models.test_partly_audited import switch

BOB, ALICE = guid("bob"), guid("alice")


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
    assert dict(rows.only("value_no", "audit_id")) == {
        2: rows.one(value_no=2)["audit_id"],
        4: "#2",
        6: "#1",
        7: None,
    }


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


def test_each_event_of_the_log_has_the_entries_in_force_and_no_entry_is_an_event() -> None:
    """The creation is entry 2 of both columns, the first change of each is entry 4."""
    desk = Desk()
    desk.case("c1", "09:00")
    desk.change("c1", "10:00", ownerid=("alice", "bob"))
    desk.enqueue("11:00", "queue_n1")
    desk.status("12:00", 3)
    columns = ("case_key", "seq_in_case", "status_no", "owner_no", "queue_id")
    assert desk.run.rows_of("marts.event_moment").only(*columns) == [
        (1, 1, 2, 2, None),
        (1, 2, 2, 4, None),
        (1, 3, 2, 4, "queue_n1"),
        (1, 4, 4, 4, "queue_n1"),
    ]
