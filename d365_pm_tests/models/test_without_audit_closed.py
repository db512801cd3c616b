"""Case Closed without audit: rules CL4 to CL7 (reference: event-log semantics 3.3)."""

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story

ENVIRONMENT = {"audit_from": NEVER}
CODE = "case_closed"
COLUMNS = ("rule", "event_time", "kind", "confidence", "evidence_class")
CLOSED = {"status_roles": [{"status_code": "7", "role": "closed"}]}


def synthesizing(how: str, **options: object) -> Desk:
    """A desk that makes up closings."""
    days = [{"key": "synthetic_close_days", "value": "7"}]
    seeds = {"choices": [{"key": "synthesize_close", "value": how}], "thresholds": days}
    return Desk(seeds=seeds, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("status", "kind"), [(6, "Cancelled"), (2000, "Merged")])
@story
def test_cl4_a_cancelled_case_ended_at_its_last_touch_at_the_latest(desk: Desk, status: int, kind: str) -> Story:
    desk.case()
    desk.link_article("11:00")
    desk.cancel("12:00", status=status)
    desk.update("c1", modifiedby="bob", modifiedon="12:30")
    yield
    event = desk.run.activity(CODE).one()
    assert [event[column] for column in COLUMNS] == ["CL4", at("12:30"), kind, "C", "inferred"]
    assert (event["actor_id"], event["source_table"], event["source_column"]) == ("bob", "incident", "modifiedon")
    assert (event["time_lower"], event["time_upper"]) == (at("11:00"), at("12:30"))


@story
def test_cl4_the_lower_bound_is_the_last_event_before_it(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("10:30")
    desk.cancel("12:00")
    desk.invite("12:05")
    yield
    assert desk.run.activity(CODE).only("time_lower", "time_upper") == [(at("10:30"), at("12:00"))]


@story
def test_cl4_not_for_open_or_resolved_cases(desk: Desk) -> Story:
    desk.case("open")
    desk.case("resolved")
    desk.resolve("12:00", "resolved")
    yield
    assert desk.run.activity(CODE) == []


def test_cl4_not_where_the_state_is_audited() -> None:
    desk = Desk()
    desk.case()
    desk.cancel("12:00")
    assert desk.run.activity(CODE).only("rule") == ["CL1"]


def test_cl5_a_status_of_the_role_closed_ended_at_the_last_touch() -> None:
    desk = Desk(seeds=CLOSED, audit_from=NEVER)
    desk.case()
    desk.resolve("12:00")
    desk.status("05 12:00", 7, by="bob")
    event = desk.run.activity(CODE).one()
    assert [event[column] for column in COLUMNS] == ["CL5", at("05 12:00"), "Closed", "C", "inferred"]
    assert (event["time_lower"], event["time_upper"]) == (at("12:00"), at("05 12:00"))


def test_cl5_no_later_touch_means_closed_with_the_resolution() -> None:
    desk = Desk(seeds=CLOSED, audit_from=NEVER)
    desk.case()
    desk.resolve("12:00", status=7)
    assert desk.run.events().only("ActivityCode", "EventTime")[1:] == [
        ("case_resolved", at("12:00")),
        ("case_closed", at("12:00")),
    ]


def test_cl5_and_cl4_are_one_event() -> None:
    desk = Desk(seeds=CLOSED, audit_from=NEVER)
    desk.case()
    desk.cancel("12:00", status=7)
    assert desk.run.activity(CODE).only("rule", "kind") == [("CL5", "Closed")]


@story
def test_cl5_without_the_role_nothing_closes(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00", status=7)
    yield
    assert desk.run.activity(CODE) == []


def test_cl6_closes_with_the_last_resolution() -> None:
    desk = synthesizing("at_resolution")
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.resolve("14:00")
    event = desk.run.activity(CODE).one()
    assert [event[column] for column in COLUMNS] == ["CL6", at("14:00"), "Synthetic", "D", "synthetic"]
    case = desk.run.cases().one()
    assert (case["CaseOutcome"], case["StateOrderAnomaly"]) == ("Resolved", False)


def test_cl7_closes_days_after_the_last_resolution() -> None:
    desk = synthesizing("after_days")
    desk.case()
    desk.resolve("12:00")
    assert desk.run.activity(CODE).only(*COLUMNS) == [("CL7", at("11 12:00"), "Synthetic", "D", "synthetic")]


def test_cl7_not_before_the_days_are_over() -> None:
    desk = synthesizing("after_days", as_of="11 11:59")
    desk.case()
    desk.resolve("12:00")
    assert desk.run.activity(CODE) == []


@pytest.mark.parametrize("how", ["at_resolution", "after_days"])
def test_nothing_is_made_up_for_cases_that_ended_otherwise_or_are_open(how: str) -> None:
    desk = synthesizing(how)
    for name in ("open", "reactivated", "cancelled"):
        desk.case(name)
    desk.resolve("12:00", "reactivated")
    desk.reactivate("13:00", "reactivated")
    desk.cancel("12:00", "cancelled")
    assert desk.run.activity(CODE).only("case_id", "rule") == [("cancelled", "CL1")]


def test_a_machine_makes_up_closings() -> None:
    desk = synthesizing("after_days")
    desk.case()
    desk.resolve("12:00")
    context = desk.run.rows_of("marts.event_context")
    assert context[-1]["actor_basis"] == "default"
