"""What the forecast says of hand-made environments; what it should say comes from the event-log semantics."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from d365_pm.contracts.event_log import COLUMNS
from d365_pm.contracts.seeds import ACTIVITY_CODES
from d365_pm.doctor.audit_history import READ_AUDIT, AuditHistory, AuditSwitch
from d365_pm.doctor.facts import Depth, Facts, Organization
from d365_pm.doctor.forecast import Outlook, Verdict, forecast
from d365_pm.doctor.gathering import gather_facts
from d365_pm.settings import load_settings
from d365_pm_tests.doctor.environment import (
    FIRST_CASE,
    NOW,
    audit_off,
    days,
    healthy,
    with_table,
    without_audit_of,
)

COMPLETE, SINCE, PARTIAL, IMPOSSIBLE = Verdict.COMPLETE, Verdict.SINCE, Verdict.PARTIAL, Verdict.IMPOSSIBLE
# Section 1.3: only these five activities do not depend on auditing.
WITHOUT_AUDIT = {
    "case_created",
    "case_resolved",
    "sla_timer_started",
    "agent_investigated_issue",
    "satisfaction_survey_sent",
}


def outlooks(facts: Facts) -> dict[str, Outlook]:
    return {outlook.subject: outlook for outlook in forecast(facts)}


def verdicts(facts: Facts) -> dict[str, Verdict]:
    """The subjects that are not complete."""
    return {name: outlook.verdict for name, outlook in outlooks(facts).items() if outlook.verdict is not COMPLETE}


def fallbacks(facts: Facts, subject: str) -> dict[str, str | None]:
    return {loss.part: loss.rule for loss in outlooks(facts)[subject].losses}


def test_a_healthy_environment_gives_everything():
    assert verdicts(healthy()) == {}
    assert set(outlooks(healthy())) == ACTIVITY_CODES | set(COLUMNS)


def test_without_auditing_five_activities_stay_whole_and_recategorisation_is_impossible():
    found = {name: verdict for name, verdict in verdicts(audit_off()).items() if name in ACTIVITY_CODES}

    assert set(found) == ACTIVITY_CODES - WITHOUT_AUDIT
    # Section 3.9: without auditing of the column the event does not exist.
    assert [name for name, verdict in found.items() if verdict is IMPOSSIBLE] == ["case_categorization_changed"]


@pytest.mark.parametrize(
    ("activity", "rules"),
    [
        ("case_assigned", {"owner": "A5", "queue": "A4"}),
        ("case_closed", {"state": "CL4"}),
        ("case_escalated", {"flag": "E4"}),
        ("case_reactivated", {"state": "RE3 RE4 RE6"}),
        ("information_requested_from_customer", {"status": "Q2"}),
        ("queue_item_picked_by_agent", {"pick": "P4", "pick with removal": None}),
        ("solution_proposed_to_customer", {"e-mail": "SP2"}),
        ("case_categorization_changed", {"category": None}),
    ],
)
def test_without_auditing_the_fall_backs_of_section_3_have_to_do(activity: str, rules: dict[str, str | None]):
    assert fallbacks(audit_off(), activity) == rules


def test_without_auditing_these_attributes_lose_something():
    found = {name: verdict for name, verdict in verdicts(audit_off()).items() if name in COLUMNS}

    # 2.6 creation value, 2.8 status at event time, 2.9 actors, 2.13 condition 2, 2.14, 2.15 history, 2.16 reset flags.
    assert found == dict.fromkeys(
        ["Channel", "StatusReason", "AgentName", "IsFirstContactResolution", "IsRework", "OwnerTeam", "IsEscalated"],
        PARTIAL,
    )


def test_the_environment_s_switch_is_the_remedy_where_auditing_is_off():
    outlook = outlooks(audit_off())["case_reactivated"]

    assert outlook.reasons == ("Auditing is switched off for the whole environment.",)
    assert [remedy for remedy in outlook.remedies if "organization.isauditenabled" in remedy] == list(outlook.remedies)


@pytest.mark.parametrize(
    ("table", "column", "lost"),
    [
        ("incident", "ownerid", {"case_assigned", "queue_item_picked_by_agent", "IsRework", "OwnerTeam"}),
        ("incident", "subjectid", {"case_categorization_changed", "IsRework"}),
        ("incident", "statecode", {"case_closed", "case_reactivated"}),
        ("incident", "isescalated", {"case_escalated", "IsRework", "IsEscalated"}),
        ("incident", "caseorigincode", {"Channel"}),
        ("queueitem", "queueid", {"case_assigned"}),
        ("queueitem", "workerid", {"queue_item_picked_by_agent"}),
        ("incident", "title", set()),
    ],
)
def test_one_column_without_auditing_costs_what_needs_it_and_nothing_else(table: str, column: str, lost: set[str]):
    facts = without_audit_of(healthy(), table, column)
    found = outlooks(facts)

    assert set(verdicts(facts)) == lost
    for subject in lost:
        assert f"Changes of {table}.{column} are not audited." in found[subject].reasons
        assert any(f"isauditenabled of {table}.{column}" in remedy for remedy in found[subject].remedies)


def test_without_the_privilege_the_audit_is_as_good_as_off():
    facts = healthy(privileges={READ_AUDIT: False}, audit=AuditHistory())
    outlook = outlooks(facts)["case_closed"]

    assert verdicts(facts) == verdicts(audit_off())
    assert len(outlook.remedies) == 1
    assert "View Audit Summary (prvReadAuditSummary)" in outlook.remedies[0]


def test_audit_rows_without_values_are_of_no_use():
    facts = healthy(audit=AuditHistory({"incident": FIRST_CASE}, (), can_read_values=False))

    assert verdicts(facts) == verdicts(audit_off())
    assert "prvReadRecordAuditHistory" in outlooks(facts)["case_closed"].remedies[0]


def test_auditing_that_began_later_makes_it_partial_since_that_day():
    began = FIRST_CASE + days(100)
    facts = healthy(audit=AuditHistory({"incident": began, "queueitem": began}, (), True))
    outlook = outlooks(facts)["case_closed"]

    assert (outlook.verdict, outlook.since) == (SINCE, began)
    assert [loss.rule for loss in outlook.losses] == ["CL4"]
    assert set(verdicts(facts)) == set(verdicts(audit_off()))


def test_a_switch_on_before_the_first_row_is_the_beginning():
    began = FIRST_CASE + days(100)
    audit = AuditHistory({"incident": began + days(3)}, (AuditSwitch(began, 105),), True)

    assert outlooks(healthy(audit=audit))["case_closed"].since == began


def test_the_horizon_of_retention_counts_where_it_is_later_than_the_beginning():
    organization = Organization(is_audited=True, retention_days=30)
    began = FIRST_CASE + days(10)
    facts = healthy(organization=organization, audit=AuditHistory({"incident": began, "queueitem": began}, (), True))
    outlook = outlooks(facts)["case_reactivated"]

    assert (outlook.verdict, outlook.since) == (SINCE, NOW - timedelta(days=30))
    assert any("auditretentionperiodv2" in remedy for remedy in outlook.remedies)


def test_a_horizon_before_the_oldest_case_costs_nothing():
    organization = Organization(is_audited=True, retention_days=400)

    assert verdicts(healthy(organization=organization)) == {}


def test_an_interruption_ends_with_the_last_switch_on():
    off, on = FIRST_CASE + days(50), FIRST_CASE + days(60)
    switches = (AuditSwitch(FIRST_CASE, 105), AuditSwitch(off, 108), AuditSwitch(on, 105))
    audit = AuditHistory({"incident": FIRST_CASE, "queueitem": FIRST_CASE}, switches, True)
    outlook = outlooks(healthy(audit=audit))["case_closed"]

    assert (outlook.verdict, outlook.since) == (SINCE, on)


def test_auditing_switched_off_now_keeps_what_was_recorded_and_is_no_longer_whole():
    facts = replace(audit_off(), audit=healthy().audit)
    outlook = outlooks(facts)["case_categorization_changed"]

    assert (outlook.verdict, outlook.since) == (PARTIAL, None)
    assert "Earlier changes are still there." in outlook.reasons[0]


def test_auditing_that_has_recorded_nothing_yet_is_whole_from_now_on():
    outlook = outlooks(healthy(audit=AuditHistory({}, (), True)))["case_closed"]

    assert (outlook.verdict, outlook.since) == (SINCE, NOW)


@pytest.mark.parametrize(
    "facts",
    [
        healthy(audit=AuditHistory({}, (), True, is_examined=False)),
        healthy(organization=Organization()),
        with_table(healthy(), "incident", is_unknown=True),
    ],
    ids=["times", "organisation", "table"],
)
def test_what_is_not_known_is_never_called_whole(facts: Facts):
    outlook = outlooks(facts)["case_closed"]

    assert outlook.verdict in {PARTIAL, IMPOSSIBLE}
    assert "not known" in outlook.reasons[0]


@pytest.mark.parametrize("change", [{"refusal": "403"}, {"is_missing": True}], ids=["refused", "missing"])
def test_without_the_case_nothing_but_the_constants_is_left(change: dict[str, object]):
    facts = with_table(healthy(), "incident", **change)

    assert set(outlooks(facts)) - set(verdicts(facts)) == {"SourceSystem", "LastDataUpdate"}
    assert set(verdicts(facts).values()) == {IMPOSSIBLE}


def test_an_environment_without_a_case_has_lost_nothing():
    facts = with_table(with_table(healthy(), "incident", oldest=None), "queueitem", oldest=None)

    assert verdicts(replace(facts, audit=AuditHistory({}, (), True))) == {}


def test_without_customer_voice_there_are_no_surveys_and_only_the_agents_score():
    facts = healthy()
    for name in ("msfp_surveyinvite", "msfp_surveyresponse", "msfp_satisfactionmetric"):
        facts = with_table(facts, name, is_missing=True)

    assert verdicts(facts) == {"satisfaction_survey_sent": IMPOSSIBLE, "CustomerSatisfactionScore": PARTIAL}
    assert fallbacks(facts, "CustomerSatisfactionScore") == {"score": "2.18 agent"}
    assert "Customer Voice" in outlooks(facts)["satisfaction_survey_sent"].remedies[0]


def test_a_configured_survey_template_stands_in_for_customer_voice():
    facts = with_table(healthy(), "msfp_surveyinvite", is_missing=True)
    facts = replace(facts, rules=facts.rules | {"email_templates.survey"})

    assert verdicts(facts) == {"satisfaction_survey_sent": PARTIAL}
    assert fallbacks(facts, "satisfaction_survey_sent") == {"invitation": "V3"}


@pytest.mark.parametrize(("links", "is_rule"), [("", False), ("https://forms.example/r/", True)])
def test_links_to_surveys_are_as_good_a_rule_as_a_survey_template(links, is_rule):
    # No environment is configured, so that the doctor knows the rules and nothing else.
    facts = asyncio.run(gather_facts(load_settings(_env_file=None, D365_URL=None, D365_PM_SURVEY_LINKS=links)))
    assert ("email_templates.survey" in facts.rules) == is_rule


def test_a_table_of_external_articles_that_is_not_there_is_no_loss_but_one_that_may_not_be_read_is():
    absent = with_table(healthy(), "msdyn_federatedarticleincident", is_missing=True)
    refused = with_table(healthy(), "msdyn_federatedarticleincident", refusal="403")

    assert verdicts(absent) == {}
    assert verdicts(refused) == {"agent_investigated_issue": PARTIAL, "KnowledgeArticleId": PARTIAL}


def test_rules_of_the_organisation_need_their_evidence_only_once_they_are_configured():
    facts = without_audit_of(healthy(), "incident", "ownerid")
    configured = replace(facts, rules=facts.rules | {"escalation_targets.owner"})

    assert "case_escalated" not in verdicts(facts)
    assert fallbacks(configured, "case_escalated") == {"escalation owners": None}


def test_columns_that_a_seed_names_are_what_has_to_be_audited():
    chosen = {"categorization_columns": ("subjectid", "contoso_category"), "escalation_columns": ()}
    outlook = outlooks(healthy(chosen_columns=chosen))["case_categorization_changed"]

    assert outlook.verdict is IMPOSSIBLE
    assert outlook.reasons == ("Changes of incident.contoso_category are not audited.",)


def test_without_resolutions_the_audit_tells_of_them():
    facts = with_table(healthy(), "incidentresolution", refusal="403")

    assert fallbacks(facts, "case_resolved") == {"resolution": "R2"}
    assert verdicts(facts)["ServiceRequestCycleTime"] is PARTIAL


def test_a_role_that_reads_less_than_the_organisation_makes_it_partial():
    facts = with_table(healthy(), "slakpiinstance", depth=Depth.UNIT)
    outlook = outlooks(facts)["sla_timer_started"]

    assert outlook.verdict is PARTIAL
    assert "business unit" in outlook.reasons[0]


@pytest.mark.parametrize("kind", ["missing_columns", "blank_columns"])
def test_a_column_that_cannot_be_read_leaves_the_next_best_way(kind: str):
    facts = with_table(healthy(), "incident", **{kind: frozenset({"subjectid"})})

    assert fallbacks(facts, "ServiceRequestType") == {"category": "2.12 type"}
