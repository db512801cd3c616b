"""Resolutions, closings, reactivations and what lies between them, row by row (reference: 3.3, 3.5, 3.8, 3.15)."""

from typing import Any

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.raw_rows import Row

CLOSED = {"status_roles": [{"status_code": "7", "role": "closed"}]}
RESOLUTION: Row = {
    "rule": "R1",
    "actor_id": "alice",
    "acted_through_id": None,
    "source_table": "incidentresolution",
    "source_column": "createdon",
    "confidence": "A",
    "time_lower": None,
    "time_upper": None,
    "audit_id": None,
}
"""What a resolution is unless something else is told of it."""


def resolution_row(desk: Desk, case: str, when: str, **columns: Any) -> str:
    """The row of a resolution, without an audit row of the case."""
    name = f"row of {case} {when}"
    written = {"createdon": when, "modifiedon": when, "createdby": "alice", "statecode": 1, "statuscode": 2}
    return desk.row("incidentresolution", name, **(written | {"incidentid": case, "resolutiontypecode": 5} | columns))


def state(desk: Desk, case: str, when: str, name: str, old: int, new: int, status: int, **options: Any) -> str:
    """The audit row of a change of state."""
    codes = {"statecode": (old, new), "statuscode": (desk.value(case, "statuscode"), status)}
    return desk.change(case, when, audit={"name": name, **options.pop("audit", {})}, **codes, **options)


def test_a_resolution_has_its_row_its_audit_row_or_the_state_of_its_case() -> None:
    desk = Desk()
    wanted: dict[tuple[str, str], Row] = {}

    def expect(case: str, moment: str, source: str, **columns: Any) -> None:
        known = RESOLUTION | {"case_id": case, "resolved_at": at(moment), "source_row_id": source} | columns
        wanted[case, source] = known

    for case in ("same second", "a minute", "a minute before", "more than a minute", "nearest", "as near", "undone"):
        desk.case(case)
        source = resolution_row(desk, case, "12:00:00", statecode=2 if case == "undone" else 1)
        expect(case, "12:00:00", source, status_code=1000)
    moments = {"same second": "12:00:00", "a minute": "12:01:00", "a minute before": "11:59:00"}
    for case, moment in (moments | {"undone": "12:00:00"}).items():
        state(desk, case, moment, f"audit of {case}", 0, 1, 1000)
    for case in ("same second", "undone"):
        wanted[case, f"row of {case} 12:00:00"]["audit_id"] = f"audit of {case}"
    far = state(desk, "more than a minute", "12:01:01", "far", 0, 1, 1000, by="bob", audit={"through": "robot"})
    wanted["more than a minute", "row of more than a minute 12:00:00"]["status_code"] = 5
    audited = {"rule": "R2", "actor_id": "bob", "acted_through_id": "robot", "status_code": 1000}
    evidence = {"source_table": "audit", "source_column": "statecode", "audit_id": far}
    expect("more than a minute", "12:01:01", far, **audited, **evidence)
    for case, first, second, status in (
        ("nearest", "11:59:50", "12:00:09", 1000),
        ("as near", "11:59:50", "12:00:10", 5),
    ):
        state(desk, case, first, f"#1 {case}", 0, 1, 5)
        state(desk, case, "11:59:55", f"#3 {case}", 1, 0, 1)
        state(desk, case, second, f"#2 {case}", 0, 1, 1000)
        wanted[case, f"row of {case} 12:00:00"]["status_code"] = status
    desk.case("cancelled")
    source = resolution_row(desk, "cancelled", "12:00:00")
    state(desk, "cancelled", "12:00:00", "cancelled", 0, 2, 6)
    expect("cancelled", "12:00:00", source, status_code=5)
    desk.case("resolved after its cancellation")
    state(desk, "resolved after its cancellation", "11:00", "first", 0, 2, 6)
    state(desk, "resolved after its cancellation", "12:00", "second", 2, 1, 5)
    found = {(row["case_id"], row["source_row_id"]): row for row in desk.run.rows_of("staging.case_resolution")}
    odd = ("resolved after its cancellation", "resolved after its cancellation")
    assert {key: row for key, row in found.items() if key != odd} == wanted


def test_a_resolution_that_nothing_dates_is_as_old_as_its_case_says() -> None:
    desk = Desk(audit_from=NEVER)
    for case in ("dated", "touched", "recorded", "open", "cancelled"):
        desk.case(case)
        desk.update(case, statecode={"open": 0, "cancelled": 2}.get(case, 1), statuscode=1000)
        desk.update(case, modifiedon="15:00", modifiedby="bob")
    desk.update("dated", deactivatedon="12:00")
    resolution_row(desk, "recorded", "12:00:00")
    unseen = RESOLUTION | {"rule": "R3", "source_table": "incident", "status_code": 1000}
    rows = [row for row in desk.run.rows_of("staging.case_resolution") if row["rule"] == "R3"]
    dated = {"resolved_at": at("12:00"), "actor_id": None, "source_column": "deactivatedon", "confidence": "B"}
    touched = {"resolved_at": at("15:00"), "actor_id": "bob", "source_column": "modifiedon", "confidence": "C"}
    bounds = {"time_lower": at("10:00"), "time_upper": at("15:00")}
    assert sorted(rows, key=lambda row: row["case_id"]) == [
        unseen | {"case_id": "dated", "source_row_id": "dated"} | dated,
        unseen | {"case_id": "touched", "source_row_id": "touched"} | touched | bounds,
    ]


def test_neither_a_row_nor_an_audited_change_leaves_room_for_a_third_rule() -> None:
    desk = Desk()
    for case in ("recorded", "audited", "neither"):
        desk.case(case)
        desk.update(case, statecode=1, statuscode=5)
    resolution_row(desk, "recorded", "12:00:00")
    desk.audit("audited", "12:00", {"statecode": (0, 1)})
    assert sorted(desk.run.rows_of("staging.case_resolution").only("case_id", "rule")) == [
        ("audited", "R2"),
        ("neither", "R3"),
        ("recorded", "R1"),
    ]


def test_of_resolution_rows_the_completed_and_the_undone_ones_count() -> None:
    desk = Desk(seeds={"switches": [{"key": "keep_deleted", "is_on": "true"}]})
    for case in ("living", "kept"):
        desk.case(case)
        for code in (0, 1, 2):
            resolution_row(desk, case, f"1{code}:00", statecode=code)
        desk.delete(resolution_row(desk, case, "15:00"), noticed="19 00:00")
    desk.delete("kept", noticed="19 00:00")
    desk.rows["incidentresolution"][resolution_row(desk, "living", "16:00")]["activityid"] = "no guid"
    found = desk.run.rows_of("staging.incidentresolution").only("case_id", "resolved_at", "state_code")
    both = [(case, at(f"1{code}:00"), code) for case in ("living", "kept") for code in (1, 2)]
    assert sorted(found) == sorted([*both, ("kept", at("15:00"), 1)])


def test_a_reactivation_tells_from_what_and_by_whom() -> None:
    desk = Desk()
    for case in ("resolved", "cancelled", "neither"):
        desk.case(case)
    state(desk, "resolved", "11:00", "r1", 0, 1, 5)
    state(desk, "resolved", "12:00", "r2", 1, 0, 4, by="bob", audit={"through": "robot"})
    state(desk, "cancelled", "11:00", "c1", 0, 2, 6)
    state(desk, "cancelled", "12:00", "c2", 2, 0, 1, by=("externalparty", "portal"))
    state(desk, "neither", "11:00", "n1", 0, 1, 5)
    state(desk, "neither", "12:00", "n2", 1, 2, 6)
    desk.audit("neither", "13:00", {"statecode": (None, 0)})
    common = {"reactivated_at": at("12:00"), "source_table": "audit", "source_column": "statecode", "confidence": "A"}
    common |= {"time_lower": None, "time_upper": None}
    assert sorted(desk.run.rows_of("staging.case_reactivation"), key=lambda row: row["rule"]) == [
        common
        | {"case_id": "resolved", "rule": "RE1", "reactivated_from": "Resolved", "actor_id": "bob"}
        | {"external_actor_id": None, "acted_through_id": "robot", "source_row_id": "r2", "status_code": 4},
        common
        | {"case_id": "cancelled", "rule": "RE2", "reactivated_from": "Cancelled", "actor_id": None}
        | {"external_actor_id": "portal", "acted_through_id": None, "source_row_id": "c2", "status_code": 1},
    ]


def test_a_reactivation_that_nobody_audited_was_from_resolved() -> None:
    desk = Desk(audit_from=NEVER)
    for case in ("told", "untold"):
        desk.case(case)
        desk.update(case, statecode=0)
    row = resolution_row(desk, "told", "12:00", statecode=2, modifiedon="13:00", modifiedby="bob")
    resolution_row(desk, "untold", "12:00", statecode=2)
    assert desk.run.rows_of("staging.case_reactivation") == [
        {
            "case_id": "told",
            "reactivated_at": at("13:00"),
            "rule": "RE3",
            "reactivated_from": "Resolved",
            "actor_id": "bob",
            "external_actor_id": None,
            "acted_through_id": None,
            "source_table": "incidentresolution",
            "source_row_id": row,
            "source_column": "modifiedon",
            "confidence": "C",
            "time_lower": at("12:00"),
            "time_upper": None,
            "status_code": None,
        }
    ]
    assert desk.run.rows_of("staging.inferred_reactivation").only("case_id", "reactivations") == [("untold", 1)]


def test_a_closing_tells_its_kind_and_by_whom() -> None:
    desk = Desk(seeds=CLOSED)
    for case in ("cancelled", "merged", "closed", "closed at once", "open"):
        desk.case(case)
    state(desk, "cancelled", "12:00", "a1", 0, 2, 6, by="bob", audit={"through": "robot"})
    state(desk, "merged", "12:00", "a2", 0, 2, 2000, by=("externalparty", "portal"))
    desk.resolve("11:00", "closed")
    desk.change("closed", "12:00", statuscode=(5, 7), audit={"name": "a3"})
    state(desk, "closed at once", "12:00", "a4", 0, 2, 7)
    desk.status("12:00", 3, "open")
    columns = ("case_id", "closed_at", "rule", "close_kind", "actor_id", "external_actor_id", "acted_through_id")
    columns += ("source_table", "source_row_id", "source_column", "confidence", "status_code")
    noon = at("12:00")
    assert sorted(desk.run.rows_of("staging.case_closing").only(*columns), key=lambda row: row[8]) == [
        ("cancelled", noon, "CL1", "Cancelled", "bob", None, "robot", "audit", "a1", "statecode", "A", 6),
        ("merged", noon, "CL2", "Merged", None, "portal", None, "audit", "a2", "statecode", "A", 2000),
        ("closed", noon, "CL3", "Closed", "alice", None, None, "audit", "a3", "statuscode", "A", 7),
        ("closed at once", noon, "CL3", "Closed", "alice", None, None, "audit", "a4", "statuscode", "A", 7),
    ]


def test_a_closing_that_nobody_audited_is_as_old_as_the_last_touch() -> None:
    desk = Desk(seeds=CLOSED, audit_from=NEVER)
    for case, status in (("cancelled", 6), ("closed", 7)):
        desk.case(case)
        desk.update(case, statecode=2, statuscode=status, modifiedon="15:00", modifiedby="bob")
    columns = ("case_id", "closed_at", "rule", "close_kind", "actor_id", "external_actor_id", "acted_through_id")
    columns += ("source_table", "source_row_id", "source_column", "confidence", "status_code")
    three = at("15:00")
    assert sorted(desk.run.rows_of("staging.case_closing").only(*columns)) == [
        ("cancelled", three, "CL4", "Cancelled", "bob", None, None, "incident", "cancelled", "modifiedon", "C", 6),
        ("closed", three, "CL5", "Closed", "bob", None, None, "incident", "closed", "modifiedon", "C", 7),
    ]


Episode = tuple[str, str | None, str | None, bool]
EPISODES: dict[str, tuple[list[str], list[Episode]]] = {
    "open": ([], [("10:00", None, None, False)]),
    "resolved": (["R 12:00"], [("10:00", None, "12:00", True)]),
    "closed": (["C 12:00"], [("10:00", None, "12:00", False)]),
    "resolved with its creation": (["R 10:00"], [("10:00", None, "10:00", True)]),
    "reactivated": (["R 12:00", "A 13:00"], [("10:00", "13:00", "12:00", True), ("13:00", None, None, False)]),
    "resolved again": (
        ["R 12:00", "A 13:00", "R 14:00"],
        [("10:00", "13:00", "12:00", True), ("13:00", None, "14:00", True)],
    ),
    "closed, then resolved": (
        ["C 12:00", "A 13:00", "R 14:00"],
        [("10:00", "13:00", "12:00", False), ("13:00", None, "14:00", True)],
    ),
    "closed after its resolution": (["R 12:00", "S 13:00"], [("10:00", None, "12:00", True)]),
    "closed twice": (["C 12:00", "S 13:00"], [("10:00", None, "13:00", False)]),
    "undone with its creation": (["R 10:00", "A 10:00", "R 14:00"], [("10:00", None, "14:00", True)]),
    "undone in its second, later": (
        ["R 12:00", "A 13:00", "R 14:00", "A 14:00"],
        [("10:00", "13:00", "12:00", True), ("13:00", "14:00", "14:00", True), ("14:00", None, None, False)],
    ),
    "undone in its second, twice": (
        ["R 12:00", "A 12:00", "R 14:00", "A 14:00"],
        [("10:00", "12:00", "12:00", True), ("12:00", "14:00", "14:00", True), ("14:00", None, None, False)],
    ),
    "resolved with its creation, then in the second of its reactivation": (
        ["R 10:00", "A 13:00", "R 13:00"],
        [("10:00", "13:00", "10:00", True), ("13:00", None, "13:00", True)],
    ),
    "resolved in the second of its second reactivation": (
        ["R 12:00", "A 13:00", "R 14:00", "A 15:00", "R 15:00"],
        [("10:00", "13:00", "12:00", True), ("13:00", "15:00", "14:00", True), ("15:00", None, "15:00", True)],
    ),
    "undone in its second": (
        ["R 12:00", "A 12:00", "R 14:00"],
        [("10:00", "12:00", "12:00", True), ("12:00", None, "14:00", True)],
    ),
    "resolved in the second of its reactivation": (
        ["R 12:00", "A 13:00", "R 13:00"],
        [("10:00", "13:00", "12:00", True), ("13:00", None, "13:00", True)],
    ),
    "undone twice": (
        ["R 12:00", "A 13:00", "R 13:00", "A 14:00", "R 15:00"],
        [
            ("10:00", "13:00", "12:00", True),
            ("13:00", "14:00", "13:00", True),
            ("14:00", None, "15:00", True),
        ],
    ),
    "undone and resolved again in its second": (
        ["R 12:00", "A 12:00", "R 12:00"],
        [("10:00", "12:00", "12:00", True), ("12:00", None, "12:00", True)],
    ),
    "undone twice in its second": (
        ["R 12:00", "A 12:00", "R 12:00", "A 12:00"],
        [("10:00", "12:00", "12:00", True), ("12:00", None, None, False)],
    ),
    "undone twice in its second and resolved again": (
        ["R 12:00", "A 12:00", "R 12:00", "A 12:00", "R 12:00"],
        [("10:00", "12:00", "12:00", True), ("12:00", None, "12:00", True)],
    ),
    "active, resolved and active again in a second": (
        ["R 12:00", "A 13:00", "R 13:00", "A 13:00"],
        [("10:00", "13:00", "12:00", True), ("13:00", None, None, False)],
    ),
    "undone and resolved again in its second, then in the second of its reactivation": (
        ["R 12:00", "A 12:00", "R 12:00", "A 13:00", "R 13:00"],
        [("10:00", "12:00", "12:00", True), ("12:00", "13:00", "12:00", True), ("13:00", None, "13:00", True)],
    ),
    "closed in the second of its reactivation": (
        ["C 12:00", "A 13:00", "C 13:00"],
        [("10:00", "13:00", "12:00", False), ("13:00", None, "13:00", False)],
    ),
}
"""What happens (resolved, cancelled, active again, a closing status); opening, next opening, end, whether resolved."""


def live(desk: Desk, case: str, steps: list[str]) -> None:
    for step in steps:
        what, moment = step.split(" ")
        if what == "S":
            desk.status(moment, 7, case)
        else:
            {"R": desk.resolve, "C": desk.cancel, "A": desk.reactivate}[what](moment, case)


def test_an_episode_runs_from_an_opening_to_what_ends_it() -> None:
    desk = Desk(seeds=CLOSED)
    for case, (steps, _) in EPISODES.items():
        desk.case(case)
        live(desk, case, steps)
    columns = ("opened_at", "next_opened_at", "ended_at", "is_resolved")
    rows = sorted(desk.run.rows_of("staging.case_episode"), key=lambda row: row["episode_no"])
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row["case_id"], []).append(tuple(row[column] for column in columns))
        assert row["episode_no"] == len(found[row["case_id"]])
    moment = {
        case: [tuple(m and at(m) if not isinstance(m, bool) else m for m in e) for e in es]
        for case, (_, es) in EPISODES.items()
    }
    assert found == moment


def test_the_last_of_several_resolutions_ends_an_episode() -> None:
    desk = Desk(seeds=CLOSED, audit_from=NEVER)
    desk.case()
    desk.update("c1", statecode=2, statuscode=6, modifiedon="15:00")
    for moment in ("12:00", "14:00"):
        resolution_row(desk, "c1", moment)
    episode = desk.run.rows_of("staging.case_episode").one()
    assert (episode["ended_at"], episode["is_resolved"]) == (at("14:00"), True)


BOUNDS: dict[str, str] = {
    "created": "10:00",
    "resolved": "11:00",
    "reactivated": "11:30",
    "assigned": "11:00",
    "categorised": "11:00",
    "escalated": "11:00",
    "queued": "11:00",
    "picked": "11:30",
    "clocked": "11:00",
    "linked": "11:00",
    "asked": "11:00",
    "asked by e-mail": "11:00",
    "proposed": "11:10",
    "surveyed": "11:00",
    "in the second of its end": "15:00",
}
"""The last thing that is known of a case before it ended, at 15:00 at the latest."""


def happen(desk: Desk) -> None:
    desk.resolve("11:00", "resolved")
    resolution_row(desk, "reactivated", "11:00", statecode=2, modifiedon="11:30", modifiedby="bob")
    desk.change("assigned", "11:00", ownerid=("alice", "bob"))
    desk.change("categorised", "11:00", subjectid=("billing", "network"))
    desk.change("categorised", "12:00", prioritycode=(2, 1))
    desk.change("escalated", "11:00", isescalated=(False, True))
    desk.enqueue("11:00", case="queued", name="item 1")
    desk.enqueue("11:00", case="picked", name="item 2")
    desk.change("item 2", "11:30", by="bob", workerid=(None, "bob"))
    clock = desk.clock("first clock", "11:00", "clocked", item="resolution", status=5, terminalstatetime="12:00")
    again = {"msdyn_prevslakpiinstanceid": desk.guid(clock), "status": 4, "succeededon": "13:00"}
    desk.clock("second clock", "12:00", "clocked", item="resolution", **again)
    desk.link_article("11:00", "linked")
    desk.status("11:00", 3, "asked")
    for direction, moment in ((desk.email_out, "11:00"), (desk.email_in, "11:30"), (desk.email_out, "12:00")):
        direction(moment, "asked by e-mail")
    desk.link_article("11:00", "proposed", issenttocustomer=True)
    desk.email_out("11:10", "proposed")
    desk.invite("11:00", "surveyed")
    desk.link_article("15:00:00", "in the second of its end")
    desk.link_article("15:00:01", "in the second of its end", article="other_article")


def test_an_end_that_nobody_audited_came_after_the_last_thing_that_is_known() -> None:
    desk = Desk(unaudited={"incident.statecode", "incident.statuscode"})
    for case in BOUNDS:
        desk.case(case, subjectid="billing", audited=case != "created")
    happen(desk)
    for case in BOUNDS:
        desk.update(case, statecode=2, statuscode=6, modifiedon="15:00")
    assert dict(desk.run.rows_of("staging.closing_bound").only("case_id", "happened_at")) == {
        case: at(moment) for case, moment in BOUNDS.items()
    }


DEADLINES = {"slainvokedid": "gold", "responseby": "11:00", "resolveby": "05 10:00"}


@pytest.mark.parametrize("is_on", [True, False])
def test_clocks_of_the_old_kind_are_assumed_where_there_are_no_others(is_on: bool) -> None:
    desk = Desk(seeds={"switches": [{"key": "emit_assumed_clock", "is_on": str(is_on).lower()}]})
    desk.case("both", **DEADLINES)
    desk.case("response", "10:30", **(DEADLINES | {"resolveby": None}))
    desk.case("resolution", **(DEADLINES | {"responseby": None}))
    desk.case("no agreement", **(DEADLINES | {"slainvokedid": None}))
    desk.case("clocked", **DEADLINES)
    desk.clock("clock", "10:00", "clocked", item="resolution")
    columns = ("case_id", "created_at", "sla_kpi", "fails_at", "source_column")
    wanted = [
        ("both", at("10:00"), "first_response", at("11:00"), "responseby"),
        ("both", at("10:00"), "resolution", at("05 10:00"), "resolveby"),
        ("resolution", at("10:00"), "resolution", at("05 10:00"), "resolveby"),
        ("response", at("10:30"), "first_response", at("11:00"), "responseby"),
    ]
    assert sorted(desk.run.rows_of("staging.legacy_clock").only(*columns)) == (wanted if is_on else [])
