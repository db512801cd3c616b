"""What the audit of a case covers, column by column, and where it is blind (reference: event-log semantics 1.3)."""

from collections.abc import Collection
from typing import Any

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at, instant
from d365_pm_tests.models.raw_desk import CREATE
from d365_pm_tests.models.test_audit_interrupted import interrupted
from d365_pm_tests.models.test_partly_audited import switch

GROUP = {
    "ownerid": "owner",
    "statecode": "status",
    "statuscode": "status",
    "isescalated": "escalation",
    "prioritycode": "priority",
    "subjectid": "category",
    "caseorigincode": "origin",
}
"""What the coverage of a case says of each column that it is about."""
FALL_BACK = ("isescalated", "ownerid", "statecode", "statuscode")
"""Columns whose rules have fall-backs."""
FULL = dict.fromkeys(GROUP.values(), "full")
BORN: dict[str, tuple[Any, Any]] = {
    "ownerid": (None, "alice"),
    "statecode": (None, 0),
    "statuscode": (None, 1),
    "isescalated": (None, False),
    "prioritycode": (None, 2),
    "subjectid": (None, "billing"),
    "caseorigincode": (None, 2),
}
BROKEN: dict[str, tuple[tuple[Any, Any], tuple[Any, Any]]] = {
    "ownerid": (("alice", "bob"), ("carol", "alice")),
    "statecode": ((0, 1), (2, 0)),
    "statuscode": ((1, 3), (4, 1)),
    "isescalated": ((False, True), (False, True)),
    "prioritycode": ((2, 1), (3, 2)),
    "subjectid": (("billing", "network"), ("technical", "billing")),
}
"""Two changes of a column between which at least one is missing."""
Stretch = tuple[str | None, str | None]


def coverage(desk: Desk) -> dict[str, dict[str, str]]:
    return {row["case_id"]: {group: row[group] for group in FULL} for row in desk.run.rows_of("staging.audit_coverage")}


def lives(desk: Desk) -> dict[str, tuple[str, str | None]]:
    rows = desk.run.rows_of("staging.audit_coverage")
    return {row["case_id"]: (row["life"], row["known_from"]) for row in rows}


def blind(desk: Desk, case: str) -> list[tuple[str, str | None, str | None]]:
    rows = desk.run.rows_of("staging.audit_blind_spot").where(case_id=case)
    return sorted(rows.only("column_name", "blind_from", "blind_until"), key=str)


def stretches(columns: Collection[str], *moments: Stretch) -> list[tuple[str, str | None, str | None]]:
    """One row per column and stretch; a stretch has a first moment, and one that ends it unless it lasts."""
    return [(name, start and at(start), end and at(end)) for name in columns for start, end in moments]


@pytest.mark.parametrize("column", GROUP)
def test_a_column_that_is_audited_no_longer_is_covered_as_far_as_it_was_seen(column: str) -> None:
    desk = Desk(unaudited={f"incident.{column}"})
    group = GROUP[column]
    desk.case("seen", subjectid="billing")
    desk.case("unseen", subjectid="billing", audited=False)
    others = {name: born for name, born in BORN.items() if GROUP[name] != group}
    desk.audit("unseen", "10:00", others, operation=CREATE, action=CREATE)
    desk.case("silent", audited=False)
    none = FULL | {group: "none"}
    assert coverage(desk) == {"seen": FULL | {group: "partial"}, "unseen": none, "silent": none}


@pytest.mark.parametrize("seen", ["statecode", "statuscode"])
def test_the_state_or_the_status_reason_alone_was_seen(seen: str) -> None:
    desk = Desk(unaudited={"incident.statecode", "incident.statuscode"})
    desk.case(audited=False)
    desk.audit("c1", "10:00", {seen: BORN[seen]}, operation=CREATE, action=CREATE)
    assert coverage(desk) == {"c1": FULL | {"status": "partial"}}


def test_nothing_is_covered_where_no_row_was_ever_written() -> None:
    desk = Desk(audit_from=NEVER)
    desk.case()
    assert (coverage(desk), lives(desk)) == ({"c1": dict.fromkeys(FULL, "none")}, {"c1": ("none", None)})
    assert set(blind(desk, "c1")) == set(stretches(FALL_BACK, ("10:00", None)))


def test_categories_are_covered_where_each_of_them_is() -> None:
    desk = Desk(seeds={"categorization_columns": [{"column_name": "casetypecode"}]}, unaudited={"incident.subjectid"})
    desk.case(subjectid="billing", casetypecode=1)
    assert coverage(desk) == {"c1": FULL | {"category": "partial"}}


def test_no_category_is_covered_where_none_is_named() -> None:
    desk = Desk()
    desk.case("uncategorised")
    run = desk.run._run
    run.select("seeds.categorization_columns")
    run._connection.execute("delete from seeds.categorization_columns")
    assert coverage(desk) == {"uncategorised": FULL | {"category": "none"}}


@pytest.mark.parametrize("column", BROKEN)
def test_a_gap_leaves_its_own_column_partly_covered(column: str) -> None:
    desk = Desk()
    desk.case(subjectid="billing")
    for when, values in zip(("11:00", "12:00"), BROKEN[column], strict=True):
        desk.change("c1", when, **{column: values})
    assert coverage(desk) == {"c1": FULL | {GROUP[column]: "partial"}}


def test_a_life_is_known_from_birth_or_since_auditing_began() -> None:
    desk = Desk()
    switch(desk, "06 00:00", 105)
    cases = {
        "before": ("05 23:59:59", False),
        "imported": ("05 23:59:59", True),
        "at once": ("06 00:00:00", False),
        "after": ("06 10:00:00", True),
    }
    for case, (created, is_audited) in cases.items():
        desk.case(case, created, audited=is_audited and case != "imported")
    desk.audit("imported", "07 10:00", BORN, operation=CREATE, action=CREATE)
    assert lives(desk) == {
        "before": ("partial", at("06 00:00")),
        "imported": ("full", at("05 23:59:59")),
        "at once": ("full", at("06 00:00")),
        "after": ("full", at("06 10:00")),
    }


def test_a_life_across_an_interruption_is_known_in_parts() -> None:
    desk = interrupted()
    unseen = {"born at its beginning": "06 00:00", "born in it": "07 10:00", "born in it, silent": "07 10:00"}
    for case, created in ({"born before": "05 10:00", "born at its end": "08 00:00"} | unseen).items():
        desk.case(case, created, audited=False)
    for case in unseen:
        if "silent" not in case:
            desk.change(case, "09 10:00", prioritycode=(2, 1))
            desk.change(case, "09 11:00", prioritycode=(1, 2))
    desk.case("seen in it", "07 10:00")
    desk.case("seen at its beginning", "06 00:00")
    assert lives(desk) == {
        "witness": ("partial", at("04 08:00")),
        "born before": ("partial", at("05 10:00")),
        "born at its beginning": ("partial", at("09 10:00")),
        "born in it": ("partial", at("09 10:00")),
        "born in it, silent": ("partial", None),
        "seen in it": ("full", at("07 10:00")),
        "seen at its beginning": ("partial", at("06 00:00")),
        "born at its end": ("full", at("08 00:00")),
    }


def test_auditing_that_was_switched_off_and_on_in_one_second_is_on_again() -> None:
    desk = Desk()
    for name, action in (("off", 110), ("on", 105)):
        desk.row("audit", name, createdon="06 00:00", action=action, operation=4, objecttypecode="incident")
    found = desk.run.rows_of("staging.audit_interruption").only("first_off_at", "last_off_at", "resumed_at")
    assert found == [(at("06 00:00"),) * 3]


def test_a_life_with_a_row_that_nobody_can_read_is_known_in_parts() -> None:
    desk = Desk()
    for case in ("c1", "c2"):
        desk.case(case)
    name = desk.audit("c2", "11:00", {"ownerid": ("alice", "bob")})
    desk.rows["audit"][name] |= {"changedata": None, "_payload": "unavailable"}
    assert lives(desk) == {"c1": ("full", at("10:00")), "c2": ("partial", at("10:00"))}


def test_the_audit_is_blind_before_it_began_and_while_it_was_off() -> None:
    desk = interrupted()
    desk.case("older", "03 10:00", audited=False)
    desk.case("unseen", "07 10:00", audited=False)
    desk.change("unseen", "09 10:00", prioritycode=(2, 1))
    desk.case("after", "09 10:00")
    off: Stretch = ("06 00:00", "08 00:00")
    assert blind(desk, "older") == stretches(FALL_BACK, ("03 10:00", "04 08:00"), off)
    assert blind(desk, "unseen") == stretches(FALL_BACK, off, ("07 10:00", "09 10:00"))
    assert blind(desk, "witness") == stretches(FALL_BACK, off)
    assert blind(desk, "after") == []


@pytest.mark.parametrize("column", FALL_BACK)
def test_the_audit_is_blind_for_a_column_that_it_leaves_out(column: str) -> None:
    desk = interrupted(unaudited={f"incident.{column}"})
    for case in ("unseen", "seen"):
        desk.case(case, "09 10:00", audited=case == "seen")
    values = {"ownerid": ("alice", "bob"), "statecode": (0, 1), "statuscode": (1, 3), "isescalated": (False, True)}
    desk.change("seen", "10 10:00", **{column: values[column]})
    desk.change("seen", "10 11:00", **{column: values[column][::-1]})
    assert blind(desk, "unseen") == stretches([column], ("09 10:00", None))
    assert blind(desk, "seen") == stretches([column], ("10 11:00", None))
    off: Stretch = ("06 00:00", "08 00:00")
    others = [name for name in FALL_BACK if name != column]
    expected = stretches(others, off) + stretches([column], ("04 08:00", None), off)
    assert blind(desk, "witness") == sorted(expected, key=str)


@pytest.mark.parametrize("column", FALL_BACK)
def test_the_audit_is_blind_where_values_do_not_chain(column: str) -> None:
    desk = Desk()
    broken = {"c1": ("11:00", "12:00"), "c2": ("11:30", "12:30")}
    for case in (*broken, "c3"):
        desk.case(case)
    first, second = BROKEN[column]
    for case, (when, again) in broken.items():
        desk.change(case, when, **{column: first})
        desk.change(case, again, **{column: second})
    desk.change("c1", "13:00", prioritycode=(2, 1))
    desk.change("c3", "11:15", **{column: first})
    for case, stretch in broken.items():
        assert blind(desk, case) == stretches([column], stretch)
    assert blind(desk, "c3") == []


def test_the_audit_is_blind_after_the_last_change_where_the_present_value_is_another() -> None:
    desk = Desk()
    desk.case()
    desk.audit("c1", "11:00", {"ownerid": ("alice", "bob")})
    assert blind(desk, "c1") == stretches(["ownerid"], ("11:00", None))


@pytest.mark.parametrize("action", [105, 106, 107])
@pytest.mark.parametrize("of", ["incident", "organization"])
def test_auditing_began_when_it_was_switched_on_or_with_the_first_row(action: int, of: str) -> None:
    desk = Desk()
    switch(desk, "03 00:00", action, of=of)
    switch(desk, "02 00:00", 112, of="account")
    switch(desk, "03 12:00", 105, of="organization")
    desk.case("c1", "04 10:00")
    desk.enqueue("04 11:00")
    starts = desk.run.rows_of("staging.audit_start").only("table_name", "coverage_start", "read_until")
    assert sorted(starts) == [(table, at("03 00:00"), at("20 00:00")) for table in ("incident", "queueitem")]


def test_without_a_switch_auditing_of_a_table_began_with_its_first_row() -> None:
    desk = Desk()
    switch(desk, "03 00:00", 112, of="account")
    desk.case("c1", "04 10:00")
    desk.enqueue("04 11:00")
    starts = desk.run.rows_of("staging.audit_start").only("table_name", "coverage_start")
    assert sorted(starts) == [("incident", at("04 10:00")), ("queueitem", at("04 11:00"))]


def test_the_audit_was_read_to_the_end_of_its_latest_window() -> None:
    desk = Desk()
    for row in desk.loads:
        row["extracted_at"] = instant("19 00:00" if row["table_name"] == "audit" else "20 00:00")
    audit = next(row for row in desk.loads if row["table_name"] == "audit")
    for end in ("17 00:00", "18 00:00", "25 00:00"):
        desk.loads.append(audit | {"extracted_at": instant("18 12:00"), "window_end": instant(end)})
    audit["window_end"] = instant("18 06:00")
    desk.case()
    assert desk.run.rows_of("staging.audit_start").only("read_until") == [at("18 12:00")]


ASSUMING = {"switches": [{"key": "emit_assumed_owner", "is_on": "true"}]}


def told_owners() -> Desk:
    """Owners that are not audited now, each but `lonely` with something that tells of him or of another reason."""
    desk = Desk(unaudited={"incident.ownerid"}, seeds=ASSUMING)
    for case in ("lonely", "changed", "queued", "worked"):
        desk.case(case, by="robot", ownerid="bob", audited=False)
    desk.case("seen", by="robot", ownerid="bob")
    desk.case("own", by="bob", audited=False)
    desk.change("changed", "11:00", ownerid=("bob", "carol"))
    desk.enqueue("11:00", case="queued")
    creation = len(desk.rows["audit"]) + 1
    desk.enqueue("12:00", case="worked", name="item without its creation")
    desk.update("item without its creation", workerid="bob", workeridmodifiedon="13:00")
    desk.delete(f"audit {creation}")
    desk.update("lonely", modifiedon="15:00")
    return desk


def test_an_owner_is_assumed_where_nothing_tells_of_him() -> None:
    owners = told_owners().run.rows_of("staging.assumed_owner")
    columns = ("case_id", "owner_id", "owner_type", "created_at", "modified_at")
    assert sorted(owners.only(*columns)) == [
        ("lonely", "bob", "systemuser", at("10:00"), at("15:00")),
    ]


def test_an_owner_is_assumed_only_where_nobody_saw_the_birth_of_the_case() -> None:
    desk = interrupted(seeds=ASSUMING, unaudited={"incident.statecode"})
    for case, created in (
        ("older", "03 10:00"),
        ("before", "05 10:00"),
        ("at once", "06 00:00"),
        ("within", "07 10:00"),
        ("after", "09 10:00"),
    ):
        desk.case(case, created, by="robot", ownerid="bob", audited=False)
    desk.case("changed since", "07 10:00", by="robot", ownerid="bob", audited=False)
    desk.change("changed since", "09 10:00", ownerid=("bob", "carol"))
    assert sorted(desk.run.rows_of("staging.assumed_owner").only("case_id")) == ["at once", "older", "within"]
