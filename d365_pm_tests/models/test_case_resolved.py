"""Case Resolved: rules R1 and R2 (reference: event-log semantics 3.5)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story

COLUMNS = ("rule", "event_time", "actor_id", "confidence")


@story
def test_r1_a_resolution_row_resolves_when_it_was_created(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00", by="bob")
    yield
    assert desk.run.activity("case_resolved").only(*COLUMNS) == [("R1", at("12:00"), "bob", "A")]


@story
def test_r1_evidence_is_the_resolution_row(desk: Desk) -> Story:
    desk.case()
    row = desk.resolve("12:00")
    yield
    assert desk.run.activity("case_resolved").only("source_table", "source_row_id") == [("incidentresolution", row)]


@story
def test_r1_the_day_of_its_end_is_not_its_moment(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00", actualend="03:00")
    yield
    assert desk.run.activity("case_resolved").only("event_time") == [at("12:00")]


@story
def test_r1_a_resolution_undone_by_a_reactivation_did_happen(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    yield
    assert desk.run.activity("case_resolved").only("rule", "event_time") == [("R1", at("12:00"))]


@story
def test_r1_every_resolution_counts(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.resolve("14:00", by="bob")
    yield
    assert desk.run.activity("case_resolved").only(*COLUMNS) == [
        ("R1", at("12:00"), "alice", "A"),
        ("R1", at("14:00"), "bob", "A"),
    ]


@story
def test_r1_an_open_resolution_row_resolved_nothing(desk: Desk) -> Story:
    desk.case()
    desk.row(
        "incidentresolution", "draft", incidentid="c1", createdon="12:00", modifiedon="12:00", statecode=0, statuscode=1
    )
    yield
    assert desk.run.activity("case_resolved") == []


@story
def test_r2_an_audited_resolution_without_a_row_counts(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00", by="bob", row=False)
    yield
    resolved = desk.run.activity("case_resolved")
    assert resolved.only(*COLUMNS, "source_table") == [("R2", at("12:00"), "bob", "A", "audit")]


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ("11:59:01", ["R1"]),
        ("12:00:00", ["R1"]),
        ("12:00:59", ["R1"]),
        ("11:58:59", ["R1", "R2"]),
        ("12:01:01", ["R2", "R1"]),
    ],
    ids=["59 s before", "same second", "59 s after", "61 s before", "61 s after"],
)
@story
def test_r2_gives_way_to_a_row_within_a_minute(desk: Desk, written: str, rules: list[str]) -> Story:
    desk.case()
    desk.resolve("12:00:00", row=False)
    desk.row(
        "incidentresolution",
        "r",
        incidentid="c1",
        createdon=written,
        modifiedon=written,
        createdby="alice",
        statecode=1,
        statuscode=2,
    )
    yield
    assert desk.run.activity("case_resolved").only("rule") == rules


@story
def test_r2_a_row_of_another_case_proves_nothing(desk: Desk) -> Story:
    desk.case("c1")
    desk.case("c2")
    desk.resolve("12:00:00", "c1", row=False)
    desk.resolve("12:00:10", "c2")
    yield
    assert desk.run.activity("case_resolved").only("rule", "case_id") == [("R2", "c1"), ("R1", "c2")]


@pytest.mark.parametrize("status", [6, 2000], ids=["cancelled", "merged"])
@story
def test_a_case_that_ended_otherwise_was_not_resolved(desk: Desk, status: int) -> Story:
    desk.case()
    desk.cancel("12:00", status=status)
    yield
    assert desk.run.activity("case_resolved") == []


@story
def test_the_action_resolve_without_a_state_change_resolves_nothing(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "12:00", audit={"action": 20}, prioritycode=(2, 3))
    yield
    assert desk.run.activity("case_resolved") == []


@story
def test_r1_its_status_is_that_of_the_same_case_and_of_its_own_resolution(desk: Desk) -> Story:
    for case in ("c1", "c2"):
        desk.case(case)
    desk.resolve("12:00", "c1", row=False, status=5)
    desk.reactivate("12:00:30", "c1")
    desk.row(
        "incidentresolution", "r", incidentid="c1", createdon="12:00:31", createdby="bob", statecode=1, statuscode=2
    )
    desk.change("c1", "12:00:35", statecode=(0, 1), statuscode=(1, 1000))
    desk.resolve("12:00:31", "c2", status=5)
    yield
    resolved = desk.run.activity("case_resolved").where(rule="R1")
    assert sorted(resolved.only("case_id", "event_time", "status_code")) == [
        ("c1", at("12:00:31"), 1000),
        ("c2", at("12:00:31"), 5),
    ]
