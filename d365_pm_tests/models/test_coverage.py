"""Absence needs coverage: what is said of a history that was not wholly audited (reference: 1.3, 2.13, 2.14)."""

from functools import cache

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import instant
from d365_pm_tests.models.raw_desk import CREATE
from d365_pm_tests.models.stories import Story, story

AUDITED_COLUMNS = ("incident.statuscode", "incident.statecode", "incident.ownerid", "incident.isescalated")


@cache
def resolved(*unaudited: str) -> Desk:
    """A plainly resolved case where some columns are not audited."""
    desk = Desk(unaudited=unaudited)
    desk.case(audited=False)
    desk.resolve("12:00")
    desk.rows["audit"].clear()
    return desk


@story
def test_a_case_audited_from_birth_is_covered(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3)
    yield
    assert desk.run.cases().one()["StatusAuditCoverage"] == "full"


@pytest.mark.parametrize("column", ["isescalated", "statuscode", "ownerid"])
def test_a_column_that_is_not_audited_is_not_covered(column: str) -> None:
    name = {"isescalated": "Escalation", "statuscode": "Status", "ownerid": "Owner"}[column]
    desk = resolved(f"incident.{column}")
    assert desk.run.cases().one()[f"{name}AuditCoverage"] == "none"


def test_a_case_older_than_the_audit_is_partly_covered() -> None:
    desk = Desk()
    desk.case("old", "08:00", audited=False)
    desk.case("new", "10:00")
    assert dict(desk.run.cases().only("CaseGuid", "AuditCoverage")) == {"old": "partial", "new": "full"}


@story
def test_a_broken_chain_of_values_is_partly_covered(desk: Desk) -> Story:
    desk.case()
    desk.audit("c1", "11:00", {"ownerid": ("alice", "bob")})
    desk.audit("c1", "12:00", {"ownerid": ("carol", "alice")})
    yield
    assert desk.run.cases().one()["OwnerAuditCoverage"] == "partial"


@story
def test_a_last_value_that_is_not_the_present_one_is_partly_covered(desk: Desk) -> Story:
    desk.case()
    desk.audit("c1", "11:00", {"ownerid": ("alice", "bob")})
    yield
    assert desk.run.cases().one()["OwnerAuditCoverage"] == "partial"


def test_without_coverage_an_escalation_is_unknown_rather_than_none() -> None:
    desk = resolved("incident.isescalated")
    assert desk.run.cases().one()["IsEscalated"] is None


def test_without_coverage_the_flag_still_proves_an_escalation() -> None:
    desk = Desk(unaudited={"incident.isescalated"})
    desk.case(isescalated=True, audited=False)
    assert desk.run.cases().one()["IsEscalated"] is True


def test_without_coverage_rework_is_unknown_rather_than_none() -> None:
    assert resolved(*AUDITED_COLUMNS).run.cases().one()["IsRework"] is None


def test_without_coverage_two_resolutions_still_prove_rework() -> None:
    desk = Desk(unaudited=AUDITED_COLUMNS)
    desk.case(audited=False)
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.resolve("14:00")
    desk.rows["audit"].clear()
    assert desk.run.cases().one()["IsRework"] is True


def test_without_audit_of_the_status_a_first_contact_resolution_cannot_be_claimed() -> None:
    case = resolved("incident.statuscode").run.cases().one()
    assert case["IsFirstContactResolution"] is None
    assert case["FcrEvidence"]


def test_without_audit_of_the_status_it_can_still_be_refuted() -> None:
    desk = Desk(unaudited={"incident.statuscode"})
    desk.case(created="04 10:00", audited=False)
    desk.resolve("06 10:00")
    desk.rows["audit"].clear()
    assert desk.run.cases().one()["IsFirstContactResolution"] is False


def test_without_audit_there_is_no_event_that_only_audit_shows() -> None:
    codes = set(resolved(*AUDITED_COLUMNS).run.events().only("Rule"))
    assert not codes & {"A1", "RE1", "CC1", "E1", "Q1"}


@pytest.mark.parametrize("payload", ["unavailable", "opaque"])
def test_a_change_that_nobody_can_read_leaves_its_case_partly_covered(payload: str) -> None:
    desk = Desk()
    desk.case()
    desk.status("11:00", 3)
    row = next(row for row in desk.rows["audit"].values() if row["operation"] == 2)
    lost = "00000000-0000-4000-8000-0000000000ff"
    desk.rows["audit"][lost] = {**row, "auditid": lost, "changedata": None, "_payload": payload}

    assert desk.run.cases().one()["StatusAuditCoverage"] == "partial"


COVERAGES = ("Owner", "Status", "Escalation", "Category")
BROKEN = {
    "ownerid": (("alice", "bob"), ("carol", "alice"), "Owner"),
    "statecode": ((0, 1), (2, 0), "Status"),
    "statuscode": ((1, 3), (4, 1), "Status"),
    "isescalated": ((False, True), (False, True), "Escalation"),
    "subjectid": (("billing", "network"), ("technical", "billing"), "Category"),
}


@pytest.mark.parametrize("column", BROKEN)
@story
def test_a_chain_that_breaks_in_one_column_leaves_the_others_covered(desk: Desk, column: str) -> Story:
    before, after, group = BROKEN[column]
    desk.case(subjectid="billing")
    desk.audit("c1", "11:00", {column: before})
    desk.audit("c1", "12:00", {column: after})
    desk.update("c1", **{column: after[1]})
    yield
    case = desk.run.cases().one()
    assert [name for name in COVERAGES if case[f"{name}AuditCoverage"] != "full"] == [group]


@story
def test_a_broken_chain_of_priorities_leaves_the_number_of_changes_unknown(desk: Desk) -> Story:
    desk.case()
    desk.audit("c1", "11:00", {"prioritycode": (2, 1)})
    desk.audit("c1", "12:00", {"prioritycode": (3, 2)})
    yield
    case = desk.run.cases().one()
    assert (case["PriorityChangeCount"], case["OwnerAuditCoverage"], case["StatusAuditCoverage"]) == (
        None,
        "full",
        "full",
    )


@story
def test_columns_without_an_audit_row_are_covered_where_a_row_would_have_been_written(desk: Desk) -> Story:
    desk.case("bare", audited=False, by="robot", ownerid="team_n1")
    desk.audit("bare", "10:00", {"caseorigincode": (None, 2)}, operation=CREATE)
    desk.case("other")
    desk.status("11:00", 3, "other")
    desk.change("other", "12:00", ownerid=("alice", "team_n2"), prioritycode=(2, 1), subjectid=(None, "billing"))
    desk.change("other", "12:10", isescalated=(False, True))
    yield
    case = desk.run.cases().one(CaseGuid="bare")
    assert [case[f"{name}AuditCoverage"] for name in COVERAGES] == ["full"] * 4
    assert (case["PriorityChangeCount"], case["IsEscalated"]) == (0, False)
    event = desk.run.events().one(CaseGuid="bare", ActivityCode="case_created")
    assert (event["StatusReason"], event["OwnerTeam"]) == ("Em Progresso", "Suporte N1")


def test_columns_that_are_audited_no_longer_are_partly_covered() -> None:
    desk = Desk(
        unaudited={
            *AUDITED_COLUMNS,
            *(f"incident.{name}" for name in ("subjectid", "casetypecode", "prioritycode")),
        }
    )
    desk.case(subjectid="billing")
    case = desk.run.cases().one()
    assert [case[f"{name}AuditCoverage"] for name in COVERAGES] == ["partial"] * 4
    assert case["PriorityChangeCount"] is None


def test_a_case_without_a_row_of_its_birth_is_covered_where_auditing_began_before_it() -> None:
    desk = Desk()
    desk.case("first", "10:00")
    desk.case("second", "11:00", audited=False)
    desk.case("third", "12:00")
    desk.status("13:00", 3, "third")
    desk.status("13:30", 1, "third")
    assert dict(desk.run.cases().only("CaseGuid", "AuditCoverage")) == dict.fromkeys(
        ("first", "second", "third"), "full"
    )


def test_a_case_that_changed_after_its_audit_was_read_is_no_broken_chain() -> None:
    desk = Desk()
    for row in desk.loads:
        row["extracted_at"] = instant("19 00:00" if row["table_name"] == "audit" else "20 00:00")
    for case, changed in (("before", "18 12:00"), ("after", "19 12:00")):
        desk.case(case)
        desk.update(case, ownerid="bob", modifiedon=changed)
    assert dict(desk.run.cases().only("CaseGuid", "OwnerAuditCoverage")) == {"before": "partial", "after": "full"}


@pytest.mark.parametrize("seed", ["categorization_columns", "escalation_columns"])
def test_a_column_that_the_organisation_names_is_tracked_once(seed: str) -> None:
    columns = [*(name.removeprefix("incident.") for name in AUDITED_COLUMNS), "subjectid", "casetypecode"]
    columns += ["prioritycode", "caseorigincode", "parentcaseid"]
    value = {"escalated_value": "1"} if seed == "escalation_columns" else {}
    desk = Desk(seeds={seed: [{"column_name": column, **value} for column in columns]})
    tracked = desk.run.rows_of("staging.audit_column").where(table_name="incident")
    assert sorted(tracked.only("column_name")) == sorted(columns)
