"""Every sign of an escalation with its evidence, and when the date of the flag speaks (reference: 2.16, 3.4)."""

import json
from typing import Any

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at, guid
from d365_pm_tests.models.raw_desk import CREATE
from d365_pm_tests.models.test_audit_interrupted import interrupted

SEEDS = {
    "escalation_targets": [
        {"target_type": "team", "target_id": guid("team_n2").upper()},
        {"target_type": "systemuser", "target_id": guid("carol")},
        {"target_type": "team", "target_id": guid("bob")},
        {"target_type": "queue", "target_id": guid("queue_n2").upper()},
        {"target_type": "team", "target_id": guid("queue_n1")},
    ],
    "escalation_columns": [
        {"column_name": "new_level", "escalated_value": "High"},
        {"column_name": "new_rank", "escalated_value": "1"},
    ],
    "categorization_columns": [{"column_name": "new_expert"}],
}
COLUMNS = (
    "case_id",
    "escalated_at",
    "rule",
    "actor_id",
    "external_actor_id",
    "acted_through_id",
    "source_table",
    "source_row_id",
    "source_column",
    "confidence",
    "queue_id",
)


def level(
    desk: Desk, when: str, case: str, old: str | None, new: str | None, *, operation: int = 2, column: str = "new_level"
) -> str:
    """The audit row of a change of one column, by default the organisation's own, made by Bob through the robot."""
    change = {"logicalName": column, "oldValue": old, "newValue": new}
    name = f"{column} of {case} {when}"
    desk.row("audit", name, createdon=when, operation=operation, action=2, objecttypecode="incident", userid="bob")
    text = json.dumps({"changedAttributes": [change]})
    desk.update(name, objectid=("incident", case), callinguserid="robot", changedata=text)
    return name


def test_each_sign_has_its_moment_its_actor_and_its_evidence() -> None:
    desk = Desk(seeds=SEEDS)
    for case in ("flag", "team", "user", "queue", "level", "by the portal", "born", "others"):
        desk.case(case)
    by_bob: dict[str, Any] = {"by": "bob", "audit": {"through": "robot"}}
    flag = desk.change("flag", "11:00", isescalated=(False, True), **by_bob)
    desk.change("flag", "12:00", isescalated=(True, False))
    portal = ("externalparty", "portal")
    seen = [
        desk.change("by the portal", "11:00", by=portal, isescalated=(False, True)),  # type: ignore[arg-type]
        desk.change("by the portal", "12:00", by=portal, ownerid=("alice", "team_n2")),  # type: ignore[arg-type]
    ]
    team = desk.change("team", "11:00", ownerid=("alice", "team_n2"), **by_bob)
    user = desk.change("user", "11:00", ownerid=("alice", "carol"), **by_bob)
    desk.enqueue("10:30", "queue_n1", "queue")
    moved = desk.change("item", "11:00", queueid=("queue_n1", "queue_n2"), **by_bob)
    up = level(desk, "11:00", "level", "low", "high")
    level(desk, "12:00", "level", "high", "low")
    level(desk, "10:00", "born", None, "high", operation=CREATE)
    desk.change("others", "11:00", ownerid=("alice", "bob"), isescalated=(None, False))
    desk.change("others", "12:00", ownerid=("bob", "team_n1"))
    desk.change("others", "12:30", prioritycode=(2, 1))
    level(desk, "13:00", "others", None, "low")
    expert = {"table_name": "incident", "column_name": "new_expert", "attribute_type": "Lookup"}
    desk.rows["attribute_metadata"]["expert"] = expert | {"is_table_audited": True, "is_audited": True}
    level(desk, "14:00", "others", None, f"systemuser,{guid('carol')}", column="new_expert")
    desk.case("numbered")
    numbered = level(desk, "11:00", "numbered", "0", "1", column="isescalated")
    found = desk.run.rows_of("staging.escalation_sign").only(*COLUMNS)
    eleven, twelve = at("11:00"), at("12:00")
    wanted = [
        ("flag", eleven, "E1", "bob", None, "robot", "audit", flag, "isescalated", "A", None),
        ("numbered", eleven, "E1", "bob", None, "robot", "audit", numbered, "isescalated", "A", None),
        ("by the portal", eleven, "E1", None, "portal", None, "audit", seen[0], "isescalated", "A", None),
        ("by the portal", twelve, "E2", None, "portal", None, "audit", seen[1], "ownerid", "C", None),
        ("team", eleven, "E2", "bob", None, "robot", "audit", team, "ownerid", "C", None),
        ("user", eleven, "E2", "bob", None, "robot", "audit", user, "ownerid", "C", None),
        ("queue", eleven, "E3", "bob", None, "robot", "audit", moved, "queueid", "C", "queue_n2"),
        ("level", eleven, "E5", "bob", None, "robot", "audit", up, "new_level", "C", None),
    ]
    assert sorted(found, key=str) == sorted(wanted, key=str)


def test_what_a_case_was_born_with_is_no_sign() -> None:
    desk = Desk(seeds=SEEDS)
    desk.case(by="carol", isescalated=True)
    desk.case("c2", ownerid="team_n2")
    level(desk, "10:00", "c1", None, "high", operation=CREATE)
    assert desk.run.rows_of("staging.escalation_sign") == []


def test_without_audit_the_queue_and_the_date_of_the_flag_are_signs() -> None:
    desk = Desk(seeds=SEEDS, audit_from=NEVER)
    for case in ("both", "dated", "undated", "taken back"):
        is_flagged = case != "taken back"
        desk.case(case, isescalated=is_flagged, escalatedon=None if case == "undated" else "15:00")
    desk.enqueue("11:00", "queue_n2", "both", by="bob")
    desk.enqueue("11:00", "queue_n1", "dated", name="other item")
    three = at("15:00")
    assert sorted(desk.run.rows_of("staging.escalation_sign").only(*COLUMNS), key=str) == [
        ("both", at("11:00"), "E3", "bob", None, None, "queueitem", "item", "enteredon", "C", "queue_n2"),
        ("both", three, "E4", None, None, None, "incident", "both", "escalatedon", "B", None),
        ("dated", three, "E4", None, None, None, "incident", "dated", "escalatedon", "B", None),
    ]


def test_under_audit_the_date_of_the_flag_speaks_where_no_other_sign_does() -> None:
    """2.16: a flag without an event yields one from its date."""
    desk = Desk()
    for case in ("alone", "alone too", "told"):
        desk.case(case, isescalated=case != "told")
        desk.update(case, escalatedon="12:00")
    desk.change("told", "12:00", isescalated=(False, True))
    assert sorted(desk.run.rows_of("staging.escalation_sign").only("case_id", "rule")) == [
        ("alone", "E4"),
        ("alone too", "E4"),
        ("told", "E1"),
    ]


@pytest.mark.parametrize(
    ("dated", "rules"),
    [("05 23:59:59", ["E1"]), ("06 00:00:00", ["E1", "E4"]), ("07 23:59:59", ["E1", "E4"]), ("08 00:00:00", ["E1"])],
    ids=["before it was off", "with it", "until it was on", "when it was on"],
)
def test_beside_other_signs_the_date_speaks_where_the_audit_of_the_flag_is_blind(dated: str, rules: list[str]) -> None:
    desk = interrupted()
    desk.case("c1", "04 10:00")
    desk.change("c1", "04 11:00", isescalated=(False, True))
    desk.update("c1", escalatedon=dated)
    desk.case("other", "04 10:00")
    desk.change("other", "04 11:00", isescalated=(False, True))
    desk.update("other", escalatedon="04 11:00")
    desk.case("born since", "09 10:00")
    desk.change("born since", "09 11:00", isescalated=(False, True))
    desk.update("born since", escalatedon="07 12:00")
    found = desk.run.rows_of("staging.escalation_sign")
    assert sorted(found.where(case_id="c1").only("rule")) == rules
    for case in ("other", "born since"):
        assert found.where(case_id=case).only("rule") == ["E1"]


def test_the_date_does_not_speak_where_only_another_column_is_blind() -> None:
    desk = Desk(unaudited={"incident.ownerid"})
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    desk.update("c1", escalatedon="12:00")
    assert desk.run.rows_of("staging.escalation_sign").only("rule") == ["E1"]
