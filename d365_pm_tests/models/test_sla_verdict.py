"""IsSlaBreached: the table of evidence, row by row, and the two verdicts beside each other (reference: 2.20)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.stories import Story, story

IN_PROGRESS, NONCOMPLIANT, NEARING, PAUSED, SUCCEEDED, CANCELED = range(6)


def verdict(desk: Desk) -> tuple[object, object]:
    case = desk.run.cases().one(CaseGuid="c1")
    return case["IsSlaBreached"], case["SlaBreachBasis"]


@story
def test_a_noncompliant_clock_is_a_breach(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=NONCOMPLIANT, failuretime="12:00")
    yield
    assert verdict(desk) == (True, "kpi_instance")


@pytest.mark.parametrize(
    ("succeeded", "is_breached"),
    [("11:59:59", False), ("12:00:00", False), ("12:00:01", True)],
    ids=["before the deadline", "at the deadline", "after it"],
)
@story
def test_a_clock_that_succeeded_is_judged_by_its_deadline(desk: Desk, succeeded: str, is_breached: bool) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=SUCCEEDED, succeededon=succeeded, failuretime="12:00:00")
    yield
    assert verdict(desk) == (is_breached, "kpi_instance")


@pytest.mark.parametrize("status", [IN_PROGRESS, NEARING], ids=["in progress", "nearing"])
@pytest.mark.parametrize(
    ("failure", "expected"),
    [("19 23:59:59", (True, "kpi_deadline")), ("20 00:00:00", (None, None)), ("25 00:00:00", (None, None))],
    ids=["deadline past", "deadline at the as-of", "deadline to come"],
)
@story
def test_a_running_clock_is_judged_by_the_as_of(
    desk: Desk, status: int, failure: str, expected: tuple[object, object]
) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=status, failuretime=failure)
    yield
    assert verdict(desk) == expected


@story
def test_a_paused_clock_has_no_verdict(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=PAUSED, failuretime="12:00")
    yield
    assert verdict(desk) == (None, None)


@pytest.mark.parametrize(
    ("cancelled", "failure", "expected"),
    [
        pytest.param("12:00:30", "13:00", (False, "cancelled_at_resolution"), id="with the resolution"),
        pytest.param("11:59:30", "13:00", (False, "cancelled_at_resolution"), id="just before it"),
        pytest.param("12:00:00", "12:00", (False, "cancelled_at_resolution"), id="at the deadline"),
        pytest.param("12:01:01", "13:00", (None, None), id="61 s later"),
        pytest.param("11:00:00", "13:00", (None, None), id="long before"),
        pytest.param("12:00:30", "11:59:59", (None, None), id="deadline before the resolution"),
    ],
)
@story
def test_cancelled_clocks_of_a_resolved_case(
    desk: Desk, cancelled: str, failure: str, expected: tuple[object, object]
) -> Story:
    desk.case()
    desk.clock(
        "k1",
        "10:00",
        item="resolution",
        status=CANCELED,
        failuretime=failure,
        terminalstatetime=cancelled,
        modifiedon=cancelled,
    )
    desk.resolve("12:00:00")
    yield
    assert verdict(desk) == expected


@story
def test_a_cancelled_clock_of_an_open_case_has_no_verdict(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=CANCELED, failuretime="13:00", terminalstatetime="12:00")
    yield
    assert verdict(desk) == (None, None)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (3, (False, "incident_status")),
        (4, (True, "incident_status")),
        (1, (None, None)),
        (2, (None, None)),
    ],
    ids=["succeeded", "noncompliant", "in progress", "nearing"],
)
@story
def test_without_a_clock_the_status_of_the_case_speaks(desk: Desk, status: int, expected: object) -> Story:
    desk.case(resolvebyslastatus=status, resolvebykpiid=("slakpiinstance", "gone"))
    yield
    assert verdict(desk) == expected


@story
def test_the_case_s_own_status_says_nothing_without_an_sla(desk: Desk) -> Story:
    desk.case(resolvebyslastatus=4)
    yield
    assert verdict(desk) == (None, None)


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [("11:59:59", (True, "legacy")), ("12:00:00", (False, "legacy"))],
    ids=["resolved too late", "resolved in time"],
)
@story
def test_a_legacy_deadline_is_compared_with_the_resolution(
    desk: Desk, deadline: str, expected: tuple[object, object]
) -> Story:
    desk.case(resolveby=deadline)
    desk.resolve("12:00:00")
    yield
    assert verdict(desk) == expected


@story
def test_a_legacy_deadline_says_nothing_of_an_open_case(desk: Desk) -> Story:
    desk.case(resolveby="11:00")
    yield
    assert verdict(desk) == (None, None)


@story
def test_without_any_evidence_there_is_no_verdict(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    yield
    assert verdict(desk) == (None, None)


@story
def test_the_newest_clock_governs(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=NONCOMPLIANT, failuretime="11:00")
    desk.clock("k2", "12:00", item="resolution", status=SUCCEEDED, succeededon="13:00", failuretime="14:00")
    yield
    assert verdict(desk) == (False, "kpi_instance")


@story
def test_a_cancelled_clock_does_not_govern_beside_another(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=NONCOMPLIANT, failuretime="11:00")
    desk.clock("k2", "12:00", item="resolution", status=CANCELED, failuretime="14:00", terminalstatetime="13:00")
    yield
    assert verdict(desk) == (True, "kpi_instance")


@story
def test_the_clock_of_the_first_response_has_a_verdict_of_its_own(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="first_response", status=NONCOMPLIANT, failuretime="11:00")
    desk.clock("k2", "10:00", item="resolution", status=SUCCEEDED, succeededon="12:00", failuretime="14:00")
    yield
    case = desk.run.cases().one()
    assert (case["IsFirstResponseSlaBreached"], case["IsSlaBreached"]) == (True, False)


@pytest.mark.parametrize(
    ("resolved", "by_cycle_time", "differ"),
    [("05 10:00:00", False, False), ("05 10:00:01", True, True)],
    ids=["within 1440 minutes", "a second longer"],
)
@story
def test_the_verdict_of_the_template_stands_beside(
    desk: Desk, resolved: str, by_cycle_time: bool, differ: bool
) -> Story:
    desk.case(created="04 10:00:00")
    desk.clock("k1", "10:00", item="resolution", status=SUCCEEDED, succeededon=resolved, failuretime="06 10:00")
    desk.resolve(resolved)
    yield
    case = desk.run.cases().one()
    assert (case["IsSlaBreached"], case["IsSlaBreachedByCycleTime"], case["SlaVerdictsDiffer"]) == (
        False,
        by_cycle_time,
        differ,
    )


@story
def test_without_a_target_the_template_has_no_verdict(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    yield
    assert desk.run.cases().only("IsSlaBreachedByCycleTime") == [None]


@story
def test_without_a_cycle_time_the_template_has_no_verdict(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="resolution", failuretime="25 00:00")
    yield
    assert desk.run.cases().only("IsSlaBreachedByCycleTime") == [None]


def test_an_organisation_can_insist_on_the_template() -> None:
    desk = Desk(seeds={"choices": [{"key": "sla_breach_rule", "value": "formula_only"}]})
    desk.case(created="04 10:00:00")
    desk.clock("k1", "10:00", item="resolution", status=SUCCEEDED, succeededon="05 11:00", failuretime="06 10:00")
    desk.resolve("05 11:00")
    assert desk.run.cases().only("IsSlaBreached") == [True]


@pytest.mark.parametrize("names", [("#1", "#2"), ("#2", "#1")], ids=["ids in the order of time", "against it"])
@story
def test_the_newest_clock_governs_whatever_the_ids(desk: Desk, names: tuple[str, str]) -> Story:
    desk.case()
    older, newer = names
    desk.clock(older, "10:00", item="resolution", status=NONCOMPLIANT, failuretime="11:00")
    desk.clock(newer, "12:00", item="resolution", status=SUCCEEDED, succeededon="13:00", failuretime="14:00")
    yield
    assert verdict(desk) == (False, "kpi_instance")
