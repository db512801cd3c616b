"""What the doctor finds in hand-made environments, how grave it calls it, and what it tells an administrator to do."""

from dataclasses import replace

import pytest

from d365_pm.doctor.audit_history import READ_AUDIT, READ_AUDIT_VALUES, AuditHistory
from d365_pm.doctor.facts import Depth, Facts, Organization, PageTiming, Unanswered
from d365_pm.doctor.finding import Finding, Severity
from d365_pm.doctor.report import Status, judge
from d365_pm_tests.doctor.environment import (
    FIRST_CASE,
    NOW,
    audit_off,
    days,
    healthy,
    with_table,
    without_audit_of,
)


def problems(facts: Facts) -> dict[str, Finding]:
    """The findings that are not good, by check; a check that comes twice fails the test."""
    found = [finding for finding in judge(facts).findings if finding.severity is not Severity.OK]
    assert len({finding.check for finding in found}) == len(found), found
    return {finding.check: finding for finding in found}


def test_a_healthy_environment_has_only_good_findings():
    assert problems(healthy()) == {}
    assert judge(healthy()).status is Status.HEALTHY


def test_every_problem_has_a_remedy_and_the_gravest_comes_first():
    facts = with_table(with_table(audit_off(), "incidentresolution", refusal="403"), "product", is_tracked=False)
    severities = [finding.severity for finding in judge(facts).findings]

    assert severities == sorted(severities, key=list(Severity).index)
    assert all(finding.remedy for finding in problems(facts).values())


@pytest.mark.parametrize(
    ("facts", "check", "severity", "remedy"),
    [
        (audit_off(), "audit.organization", Severity.LOSS, "organization.isauditenabled"),
        (with_table(healthy(), "queueitem", is_audited=False), "audit.table", Severity.LOSS, "Queue Item (queueitem)"),
        (without_audit_of(healthy(), "incident", "ownerid"), "audit.column", Severity.LOSS, "incident.ownerid"),
        (healthy(privileges={READ_AUDIT: False}), "audit.privilege", Severity.FATAL, "View Audit Summary"),
        (
            healthy(privileges={READ_AUDIT: True, READ_AUDIT_VALUES: False}),
            "audit.privilege",
            Severity.ADVICE,
            "View Audit History",
        ),
        (
            healthy(audit=AuditHistory({"incident": FIRST_CASE, "queueitem": FIRST_CASE}, (), False)),
            "audit.privilege",
            Severity.FATAL,
            "prvReadRecordAuditHistory",
        ),
        (healthy(organization=Organization(True, 400)), "audit.retention", Severity.ADVICE, "auditretentionperiodv2"),
        (with_table(healthy(), "product", is_tracked=False), "change_tracking", Severity.ADVICE, "Track changes"),
        (healthy(organization=Organization(True, -1, 1)), "change_tracking", Severity.ADVICE, "expirechangetracking"),
        (with_table(healthy(), "incident", refusal="403"), "privilege", Severity.FATAL, "tab Service"),
        (with_table(healthy(), "email", refusal="403"), "privilege", Severity.FATAL, "prvReadActivity"),
        (with_table(healthy(), "email", depth=Depth.UNIT), "privilege", Severity.LOSS, "Organization"),
        (with_table(healthy(), "systemuser", is_missing=True), "table", Severity.FATAL, "D365_URL"),
        (with_table(healthy(), "msfp_surveyinvite", is_missing=True), "table", Severity.LOSS, "Customer Voice"),
        (with_table(healthy(), "adx_portalcomment", is_missing=True), "table", Severity.ADVICE, "Power Pages"),
        (with_table(healthy(), "email", blank_columns=frozenset({"senton"})), "column", Severity.LOSS, "profile"),
        (
            with_table(healthy(), "incident", missing_columns=frozenset({"msdyn_casesurveyinviteurl"})),
            "column",
            Severity.ADVICE,
            "msdyn_casesurveyinviteurl",
        ),
        (
            with_table(healthy(), "incident", missing_columns=frozenset({"ticketnumber"})),
            "column",
            Severity.FATAL,
            "ticketnumber",
        ),
        (with_table(healthy(), "email", is_unknown=True), "table", Severity.LOSS, "unanswered"),
        (healthy(label_languages=frozenset({1033})), "languages", Severity.LOSS, "1046"),
        (healthy(unanswered=(Unanswered("version", "No."),)), "unanswered", Severity.ADVICE, "doctor"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." not in value else "",
)
def test_a_problem_is_named_with_its_remedy(facts: Facts, check: str, severity: Severity, remedy: str):
    finding = problems(facts)[check]

    assert finding.severity is severity
    assert remedy in finding.remedy


def test_a_beginning_of_auditing_that_is_past_says_that_nothing_brings_it_back():
    began = FIRST_CASE + days(40)
    facts = healthy(audit=AuditHistory({"incident": began, "queueitem": FIRST_CASE}, (), True))

    assert problems(facts)["audit.coverage"].finding == f"The audit of incident begins on {began:%Y-%m-%d}."


def test_columns_of_rules_that_nobody_configured_need_no_auditing():
    facts = without_audit_of(healthy(chosen_columns={"categorization_columns": ()}), "incident", "subjectid")

    assert problems(facts) == {}


def test_counts_of_zero_beside_rows_are_called_stale():
    facts = healthy(timings=(PageTiming("incident", 12, 0.1),))
    for name in facts.tables:
        facts = with_table(facts, name, rows=0)

    assert "has not run" in problems(facts)["row_counts"].finding


def test_a_load_beyond_the_smallest_entitlement_is_told():
    # Reference 6.4: 25,000 requests in 24 hours; a page holds 5,000 rows.
    facts = with_table(healthy(), "audit", rows=25_000 * 5_000)

    assert "25,000" in problems(facts)["request_budget"].finding


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (healthy(), Status.HEALTHY),
        (with_table(healthy(), "product", is_tracked=False), Status.HEALTHY),
        (audit_off(), Status.LOSSES),
        (with_table(healthy(), "incidentresolution", is_missing=True), Status.UNUSABLE),
        (replace(healthy(), failure=Unanswered("connection", "No connection: mend it.")), Status.UNUSABLE),
    ],
    ids=["healthy", "advice", "audit-off", "no-resolutions", "no-connection"],
)
def test_the_exit_status_tells_healthy_unusable_and_losses_apart(facts: Facts, status: Status):
    report = judge(facts)

    assert report.status is status
    assert int(status) == {"HEALTHY": 0, "UNUSABLE": 1, "LOSSES": 2}[status.name]


def test_without_a_connection_there_is_one_finding_with_its_remedy():
    facts = Facts(
        asked_at=NOW, address="x.crm2.dynamics.com", failure=Unanswered("connection", "No answer: try later.")
    )

    assert [(each.severity, each.remedy) for each in judge(facts).findings] == [(Severity.FATAL, "Try later.")]
    assert judge(facts).outlooks == ()


def test_without_an_address_the_remedy_shows_the_sandbox():
    facts = Facts(asked_at=NOW, failure=Unanswered("settings", "D365_URL is not set; put it into .env."))

    assert "doctor --sandbox" in judge(facts).findings[0].remedy
