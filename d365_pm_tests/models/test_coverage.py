"""Absence needs coverage: what is said of a history that was not wholly audited (reference: 1.3, 2.13, 2.14)."""

from functools import cache

import pytest

from d365_pm_tests.models.desk import Desk
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
