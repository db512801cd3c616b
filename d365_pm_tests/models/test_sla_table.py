"""Every row of the SLA table with each of its boundaries, on both KPIs (reference: event-log semantics 2.7, 2.20).

The cases are the product of what a clock can say; what is expected of each is worked out here from the table.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from typing import Any

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, instant

BORN, RESOLVED, AS_OF = "10:00", "12:00", "20 00:00"
IN_PROGRESS, NONCOMPLIANT, NEARING, PAUSED, SUCCEEDED, CANCELED = range(6)
DEADLINES = (None, "11:59:59", "12:00", "12:00:01", "19 23:59:59", "20 00:00", "20 00:00:01")
ENDS = ("11:58:59", "11:59:00", "12:00", "12:01:00", "12:01:01")
KPIS = ("resolution", "first_response")
TARGETS = {"resolution": 86_400, "first_response": 3_600}  # 1440 and 60 minutes: the items of the shared agreement.


@dataclass(frozen=True)
class Clock:
    """The one clock of a case."""

    status: int
    deadline: str | None = None
    succeeded: str | None = None
    ended: str | None = None
    is_resolved: bool = False


def clocks() -> Iterator[Clock]:
    for status, deadline, is_resolved in product(range(4), DEADLINES, (False, True)):
        yield Clock(status, deadline, is_resolved=is_resolved)
    for deadline, succeeded in product(DEADLINES, (None, "12:00")):
        yield Clock(SUCCEEDED, deadline, succeeded)
    for deadline, ended, is_resolved in product(DEADLINES[:4], ENDS, (False, True)):
        yield Clock(CANCELED, deadline, ended=ended, is_resolved=is_resolved)


Verdict = tuple[bool | None, str | None, str | None]
NONE: Verdict = (None, None, None)


def moment(text: str | None) -> datetime | None:
    return instant(text) if text else None


def by_clock(clock: Clock) -> Verdict:
    """2.20, the rows that have an instance."""
    deadline, succeeded = moment(clock.deadline), moment(clock.succeeded)
    if clock.status == NONCOMPLIANT:
        return True, "kpi_instance", "A"
    if clock.status == SUCCEEDED:
        is_late = succeeded is not None and deadline is not None and succeeded > deadline
        return (True, "kpi_instance", "B") if is_late else (False, "kpi_instance", "A")
    if clock.status in (IN_PROGRESS, NEARING) and deadline is not None and deadline < instant(AS_OF):
        return True, "kpi_deadline", "B"
    if clock.status == CANCELED and clock.is_resolved and clock.ended and deadline is not None:
        apart = abs((instant(clock.ended) - instant(RESOLVED)).total_seconds())
        if apart <= 60 and deadline >= instant(RESOLVED):
            return False, "cancelled_at_resolution", "C"
    return NONE


COLUMNS = ("is_breached", "breach_basis", "breach_confidence")


@pytest.fixture(scope="module")
def verdicts() -> dict[tuple[str, str], dict[str, Any]]:
    desk = Desk()
    for number, clock in enumerate(clocks()):
        case = desk.case(f"case {number}", BORN)
        for kpi in KPIS:
            columns = {"failuretime": clock.deadline, "succeededon": clock.succeeded, "terminalstatetime": clock.ended}
            desk.clock(f"{kpi} {number}", BORN, case, item=kpi, status=clock.status, **columns)
        if clock.is_resolved:
            desk.resolve(RESOLVED, case)
    return {(row["case_id"], row["sla_kpi"]): row for row in desk.run.rows_of("staging.sla_verdict")}


@pytest.mark.parametrize("kpi", KPIS)
def test_a_clock_is_judged_by_its_row_of_the_table(kpi: str, verdicts: dict[tuple[str, str], dict[str, Any]]) -> None:
    for number, clock in enumerate(clocks()):
        row = verdicts[f"case {number}", kpi]
        assert tuple(row[column] for column in COLUMNS) == by_clock(clock), clock
        assert row["is_contradictory"] == (by_clock(clock) == (True, "kpi_instance", "B")), clock
        assert (row["target_seconds"], row["target_basis"]) == (
            {"resolution": 86_400, "first_response": 3_600}[kpi],
            "item",
        )
        assert (row["target_confidence"], row["sla_name"]) == ("A", "Ouro"), clock
        assert row["deadline"] == (clock.deadline and at(clock.deadline)), clock
        assert row["succeeded_at"] == (clock.succeeded and at(clock.succeeded)), clock
        assert row["kpi_instance_id"] == f"{kpi} {number}"


@dataclass(frozen=True)
class Silent:
    """A case without a clock, and what its own row says of the KPI."""

    status: int | None
    has_link: bool
    due: str | None
    is_resolved: bool


def silent() -> list[Silent]:
    values = product((None, 1, 2, 3, 4), (False, True), (None, "09:59:59", BORN, "11:59:59", "12:00"), (False, True))
    return [Silent(*value) for value in values]


def by_case(case: Silent) -> Verdict:
    """2.20, the rows without an instance."""
    if case.has_link and case.status in (3, 4):
        return case.status == 4, "incident_status", "B"
    if case.due and case.is_resolved:
        return instant(RESOLVED) > instant(case.due), "legacy", "C"
    return NONE


def target(case: Silent) -> tuple[int | None, str | None, str | None]:
    """2.7, the fall-back of a legacy agreement; a deadline before the start allows nothing."""
    if case.due is None or instant(case.due) < instant(BORN):
        return NONE
    return int((instant(case.due) - instant(BORN)).total_seconds()), "legacy", "C"


def test_a_case_without_a_clock_is_judged_by_its_own_row() -> None:
    desk = Desk()
    for number, case in enumerate(silent()):
        gone = ("slakpiinstance", f"gone {number}")
        linked = {f"{column}kpiid": gone for column in ("resolveby", "firstresponseby") if case.has_link}
        statuses = {f"{column}slastatus": case.status for column in ("resolveby", "firstresponse")}
        desk.case(f"case {number}", BORN, resolveby=case.due, responseby=case.due, **linked, **statuses)
        if case.is_resolved:
            desk.resolve(RESOLVED, f"case {number}")
    rows = desk.run.rows_of("staging.sla_verdict")
    found = {(row["case_id"], row["sla_kpi"]): row for row in rows}
    assert len(rows) == 2 * len(silent())
    for number, case in enumerate(silent()):
        resolution, response = (found[f"case {number}", kpi] for kpi in KPIS)
        assert tuple(resolution[column] for column in COLUMNS) == by_case(case), case
        # Only the resolution has a deadline of the old kind.
        assert tuple(response[column] for column in COLUMNS) == by_case(replace(case, due=None)), case
        targets = ("target_seconds", "target_basis", "target_confidence")
        assert tuple(resolution[column] for column in targets) == target(case), case
        assert tuple(response[column] for column in targets) == NONE
        assert (resolution["deadline"], response["deadline"]) == (case.due and at(case.due), None)


@pytest.mark.parametrize("due", ["11:59:59", "12:00", "15:00"])
def test_a_legacy_deadline_says_nothing_of_a_case_that_came_back(due: str) -> None:
    desk = Desk()
    desk.case(resolveby=due)
    desk.resolve(RESOLVED)
    desk.reactivate("13:00")
    row = desk.run.rows_of("staging.sla_verdict").one(sla_kpi="resolution")
    assert tuple(row[column] for column in COLUMNS) == NONE


@pytest.mark.parametrize(("due", "is_late"), [("11:00", True), ("13:59:59", True), ("14:00", False), ("15:00", False)])
def test_a_case_that_was_resolved_twice_is_judged_by_its_last_resolution(due: str, is_late: bool) -> None:
    desk = Desk()
    desk.case("legacy", resolveby=due)
    desk.case("cancelled")
    clock = {"status": CANCELED, "failuretime": due, "terminalstatetime": "14:00:30"}
    desk.clock("k1", "10:00", "cancelled", item="resolution", **clock)
    for case in ("legacy", "cancelled"):
        desk.resolve("12:00", case)
        desk.reactivate("13:00", case)
        desk.resolve("14:00", case)
    rows = desk.run.rows_of("staging.sla_verdict").where(sla_kpi="resolution")
    assert tuple(rows.one(case_id="legacy")[column] for column in COLUMNS) == (is_late, "legacy", "C")
    in_time: Verdict = (False, "cancelled_at_resolution", "C")
    assert tuple(rows.one(case_id="cancelled")[column] for column in COLUMNS) == (NONE if is_late else in_time)


def test_the_newest_clock_that_was_not_cancelled_governs() -> None:
    desk = Desk()
    desk.case("c1")
    desk.clock("#1 old", "10:00", "c1", item="resolution", status=SUCCEEDED, failuretime="13:00")
    desk.clock("#2 new", "10:30", "c1", item="resolution", status=NONCOMPLIANT, failuretime="12:00")
    desk.clock("#3 cancelled", "11:00", "c1", item="resolution", status=CANCELED, failuretime="14:00")
    desk.case("c2")
    desk.clock("#4 one", "10:00", "c2", item="resolution", status=CANCELED, failuretime="13:00")
    desk.clock("#5 other", "10:30", "c2", item="resolution", status=CANCELED, failuretime="14:00")
    desk.case("c3")
    desk.clock("#7 of a second", "10:00", "c3", item="resolution", status=None, failuretime="13:00")
    desk.clock("#6 of a second", "10:00", "c3", item="resolution", status=IN_PROGRESS, failuretime="14:00")
    desk.case("c4")
    desk.clock("#8 of no status", "10:00", "c4", item="resolution", status=None, failuretime="13:00")
    desk.clock("#9 cancelled", "10:30", "c4", item="resolution", status=CANCELED, failuretime="14:00")
    rows = desk.run.rows_of("staging.sla_verdict").where(sla_kpi="resolution")
    assert dict(rows.only("case_id", "kpi_instance_id")) == {
        "c1": "#2 new",
        "c2": "#5 other",
        "c3": "#6 of a second",
        "c4": "#8 of no status",
    }


def test_a_clock_that_may_go_on_with_either_of_two_has_one_row() -> None:
    desk = Desk()
    desk.case()
    for name in ("#1", "#2"):
        desk.clock(name, "10:00", item="resolution", status=CANCELED, terminalstatetime="10:00")
    desk.clock("#3", "10:00:20", item="resolution")
    rows = desk.run.rows_of("staging.slakpiinstance")
    assert sorted(rows.only("kpi_instance_id", "is_chain_root")) == [("#1", True), ("#2", False), ("#3", False)]


def test_the_target_of_a_clock_without_an_item_is_the_span_of_its_first_clock() -> None:
    desk = Desk()
    spans = {"c1": ("10:00", "12:00"), "c2": ("10:00", "10:00"), "c3": ("10:00", "09:00"), "c4": (None, "12:00")}
    for case, (start, end) in spans.items():
        desk.case(case)
        desk.clock(f"{case} clock", "10:00", case, applicablefromvalue=start, failuretime=end)
        desk.update(case, resolvebykpiid=f"{case} clock", resolveby="15:00")
    desk.case("c5")
    desk.clock(
        "first", "10:00", "c5", name="resolution", status=CANCELED, failuretime="12:00", terminalstatetime="11:00"
    )
    desk.clock("later", "11:00:30", "c5", name="resolution", failuretime="14:00")
    desk.clock("anew", "11:30", "c5", name="first response", failuretime="12:00")
    rows = desk.run.rows_of("staging.sla_verdict").where(sla_kpi="resolution")
    assert {row["case_id"]: (row["target_seconds"], row["calendar_seconds"]) for row in rows} == {
        "c1": (7_200, 7_200),
        "c2": (0, 0),
        "c3": (None, -3_600),
        "c4": (None, None),
        "c5": (7_200, 7_200),
    }
    assert {row["case_id"]: row["target_basis"] for row in rows} == {
        "c1": "calendar",
        "c2": "calendar",
        "c3": None,
        "c4": None,
        "c5": "calendar",
    }
    assert set(rows.where(target_basis="calendar").only("target_confidence")) == {"C"}
    assert set(rows.where(target_basis=None).only("target_confidence")) == {None}


@pytest.mark.parametrize("names", [("#1", "#2"), ("#2", "#1")], ids=["ids in the order of the chain", "against it"])
def test_a_clock_that_goes_on_in_the_second_of_its_first_one_has_the_target_of_that(names: tuple[str, str]) -> None:
    first, later = names
    desk = Desk()
    desk.case()
    desk.clock(first, "10:00", name="resolution", status=CANCELED, failuretime="12:00", terminalstatetime="10:00")
    desk.clock(later, "10:00", name="resolution", failuretime="13:00", msdyn_prevslakpiinstanceid=desk.guid(first))
    row = desk.run.rows_of("staging.sla_verdict").one(sla_kpi="resolution")
    assert (row["kpi_instance_id"], row["target_seconds"], row["target_basis"]) == (later, 7_200, "calendar")


def test_of_two_clocks_of_one_second_the_one_that_sorts_last_goes_on_and_without_a_start_the_first_counts() -> None:
    """A convention, so that every run tells the same."""
    desk = Desk()
    desk.case("two starts")
    desk.case("no start")
    clocks = {"#2": "12:00", "#1": "13:00", "#3": "11:00", "#5": "13:00", "#4": "12:00"}
    for name, deadline in clocks.items():
        case = "no start" if name in ("#4", "#5") else "two starts"
        ended = {"status": CANCELED, "terminalstatetime": "15:00"}
        desk.clock(name, "10:00", case, name="resolution", failuretime=deadline, **ended)
    for name, previous in (("#3", "#2"), ("#4", "gone"), ("#5", "gone")):
        desk.update(name, msdyn_prevslakpiinstanceid=desk.guid(previous))
    going_on = {"failuretime": "18:00", "msdyn_prevslakpiinstanceid": desk.guid("#3")}
    desk.clock("#6", "11:00", "two starts", name="resolution", **going_on)
    rows = desk.run.rows_of("staging.sla_verdict").where(sla_kpi="resolution")
    assert sorted(rows.only("case_id", "kpi_instance_id", "target_seconds")) == [
        ("no start", "#4", 7_200),
        ("two starts", "#6", 7_200),
    ]


@pytest.mark.parametrize(
    ("minutes", "modified", "expected"),
    [
        (90, "10:00", (5_400, "item", "A")),
        (90, "10:00:01", (5_400, "item", "C")),
        (90, None, (5_400, "item", "A")),
        (0, "10:00", (0, "item", "A")),
        (-1, "10:00", (None, None, None)),
    ],
)
def test_an_item_allows_its_minutes_as_they_were_when_the_clock_began(
    minutes: int, modified: str | None, expected: tuple[Any, ...]
) -> None:
    desk = Desk()
    desk.update("resolution_item", failureafter=minutes, modifiedon=modified)
    desk.case()
    desk.clock("k1", "10:00", item="resolution", failuretime="12:00")
    row = desk.run.rows_of("staging.sla_verdict").one(sla_kpi="resolution")
    assert (row["target_seconds"], row["target_basis"], row["target_confidence"]) == expected
