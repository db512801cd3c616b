"""What the evidence of each rule is, whatever the case (reference: event-log semantics, sections 1.1, 1.2 and 3).

Belongs here: one line per rule of the activities. Does not belong here: when a rule fires; the stories tell that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from d365_pm_tests.models.model_rows import Rows

EXPLICIT, INFERRED, SYNTHETIC = "explicit", "inferred", "synthetic"


@dataclass(frozen=True)
class Evidence:
    """Where a rule finds its event.

    Attributes:
        activity: Code of the activity.
        table: Table of the source row.
        columns: Columns that may tell the moment.
        kind: `explicit`, `inferred` or `synthetic`, or two of them.
        classes: Confidence classes that the event may have.
    """

    activity: str
    table: str
    columns: str
    kind: str
    classes: str


RULES: Mapping[str, Evidence] = {
    "A1": Evidence("case_assigned", "audit", "ownerid", EXPLICIT, "A"),
    "A2": Evidence("case_assigned", "incident", "ownerid", EXPLICIT, "B"),
    "A3": Evidence("case_assigned", "audit", "queueid", EXPLICIT, "A"),
    "A4": Evidence("case_assigned", "queueitem", "enteredon", EXPLICIT, "B"),
    "A5": Evidence("case_assigned", "queueitem", "workeridmodifiedon", EXPLICIT, "B"),
    "A6": Evidence("case_assigned", "incident", "ownerid", SYNTHETIC, "D"),
    "CREATED": Evidence("case_created", "incident", "createdon", EXPLICIT, "AB"),
    "CL1": Evidence("case_closed", "audit", "statecode", EXPLICIT, "A"),
    "CL2": Evidence("case_closed", "audit", "statecode", EXPLICIT, "A"),
    "CL3": Evidence("case_closed", "audit", "statuscode", EXPLICIT, "A"),
    "CL4": Evidence("case_closed", "incident", "modifiedon", INFERRED, "C"),
    "CL5": Evidence("case_closed", "incident", "modifiedon", INFERRED, "C"),
    "CL6": Evidence("case_closed", "incidentresolution audit incident", "", SYNTHETIC, "D"),
    "CL7": Evidence("case_closed", "incidentresolution audit incident", "", SYNTHETIC, "D"),
    "E1": Evidence("case_escalated", "audit", "isescalated", EXPLICIT, "A"),
    "E2": Evidence("case_escalated", "audit", "ownerid", INFERRED, "C"),
    "E3": Evidence("case_escalated", "audit queueitem", "queueid enteredon", INFERRED, "C"),
    "E4": Evidence("case_escalated", "incident", "escalatedon", EXPLICIT, "B"),
    "E5": Evidence("case_escalated", "audit", "", INFERRED, "C"),
    "R1": Evidence("case_resolved", "incidentresolution", "createdon", EXPLICIT, "A"),
    "R2": Evidence("case_resolved", "audit", "statecode", EXPLICIT, "A"),
    "R3": Evidence("case_resolved", "incident", "deactivatedon modifiedon", INFERRED, "BC"),
    "S1": Evidence("sla_timer_started", "slakpiinstance", "createdon", EXPLICIT, "A"),
    "S2": Evidence("sla_timer_started", "incident", "responseby resolveby", SYNTHETIC, "D"),
    "I1": Evidence("agent_investigated_issue", "knowledgearticleincident", "createdon", INFERRED, "C"),
    "I2": Evidence("agent_investigated_issue", "msdyn_federatedarticleincident", "createdon", INFERRED, "C"),
    "I3": Evidence("agent_investigated_issue", "audit", "", INFERRED, "C"),
    "I4": Evidence("agent_investigated_issue", "audit", "statuscode", INFERRED, "C"),
    "RE1": Evidence("case_reactivated", "audit", "statecode", EXPLICIT, "A"),
    "RE2": Evidence("case_reactivated", "audit", "statecode", EXPLICIT, "A"),
    "RE3": Evidence("case_reactivated", "incidentresolution", "modifiedon", INFERRED, "C"),
    "RE4": Evidence("case_reactivated", "", "", INFERRED, "C"),
    "RE5": Evidence("case_reactivated", "incidentresolution", "createdon", SYNTHETIC, "D"),
    "RE6": Evidence("case_reactivated", "incidentresolution", "modifiedon", INFERRED, "C"),
    "CC1": Evidence("case_categorization_changed", "audit", "", EXPLICIT, "A"),
    "Q1": Evidence("information_requested_from_customer", "audit", "statuscode", INFERRED, "C"),
    "Q2": Evidence("information_requested_from_customer", "email", "senton", INFERRED, "C"),
    "Q3": Evidence(
        "information_requested_from_customer", "incident", "lastonholdtime modifiedon", f"{INFERRED} {SYNTHETIC}", "CD"
    ),
    "Q4": Evidence("information_requested_from_customer", "slakpiinstance", "pausedon", INFERRED, "C"),
    "P1": Evidence("queue_item_picked_by_agent", "audit", "workerid", EXPLICIT, "A"),
    "P2": Evidence("queue_item_picked_by_agent", "audit", "workerid", EXPLICIT, "A"),
    "P3": Evidence("queue_item_picked_by_agent", "audit", "objectid", INFERRED, "B"),
    "P4": Evidence("queue_item_picked_by_agent", "queueitem", "workeridmodifiedon", "explicit inferred", "BC"),
    "P5": Evidence("queue_item_picked_by_agent", "msdyn_ocsession", "msdyn_agentacceptedon", INFERRED, "C"),
    "V1": Evidence("satisfaction_survey_sent", "msfp_surveyinvite", "createdon", INFERRED, "AB"),
    "V2": Evidence("satisfaction_survey_sent", "msfp_surveyinvite", "createdon", INFERRED, "C"),
    "V3": Evidence("satisfaction_survey_sent", "email", "senton", INFERRED, "C"),
    "SP1": Evidence("solution_proposed_to_customer", "audit", "statuscode", INFERRED, "C"),
    "SP2": Evidence("solution_proposed_to_customer", "email", "senton", INFERRED, "C"),
    "SP3": Evidence("solution_proposed_to_customer", "email knowledgearticleincident", "", INFERRED, "C"),
    "SLA1": Evidence("sla_timer_restarted", "slakpiinstance", "createdon", EXPLICIT, "A"),
    "SLA2": Evidence("sla_paused", "slakpiinstance", "pausedon", EXPLICIT, "B"),
    "SLA3": Evidence("sla_breached", "slakpiinstance", "failuretime", EXPLICIT, "A"),
    "SLA4": Evidence("sla_succeeded", "slakpiinstance", "succeededon", EXPLICIT, "A"),
    "FR1": Evidence("first_response_sent", "audit", "firstresponsesent", EXPLICIT, "A"),
    "FR2": Evidence("first_response_sent", "slakpiinstance", "succeededon", EXPLICIT, "AB"),
    "EM1": Evidence("email_sent", "email", "senton", EXPLICIT, "A"),
    "EM2": Evidence("email_received", "email", "senton createdon", EXPLICIT, "A"),
    "SV1": Evidence("survey_answered", "msfp_surveyresponse", "createdon", EXPLICIT, "A"),
    "PR1": Evidence("priority_changed", "audit", "prioritycode", EXPLICIT, "A"),
    "ST1": Evidence("status_changed", "audit", "statuscode", EXPLICIT, "A"),
    "OH1": Evidence("case_on_hold", "audit", "statuscode", EXPLICIT, "A"),
    "DE1": Evidence("case_deescalated", "audit", "isescalated", EXPLICIT, "A"),
    "QR1": Evidence("queue_released", "audit", "workerid", EXPLICIT, "A"),
    "NO1": Evidence("note_added", "annotation", "createdon", EXPLICIT, "A"),
    "CO1": Evidence("conversation_started", "msdyn_ocliveworkitem", "msdyn_startedon msdyn_initiatedon", EXPLICIT, "A"),
    "CO2": Evidence("conversation_ended", "msdyn_ocliveworkitem", "msdyn_closedon", EXPLICIT, "A"),
    "PH1": Evidence("call_made", "phonecall", "", INFERRED, "C"),
    "TA1": Evidence("task_completed", "task", "modifiedon", INFERRED, "C"),
}
"""Evidence of each rule; empty where the reference names no one table or column."""

_WITH_RULES_OF_OTHERS: Mapping[str, tuple[str, ...]] = {
    "case_closed": ("case_cancelled", "case_merged"),
    "case_assigned": ("queue_entered",),
}
"""Extended activities that are told by the rules of another activity (3.14)."""

_PUBLISHED = {
    "activity_code": "ActivityCode",
    "event_time": "EventTime",
    "rule": "Rule",
    "source_table": "SourceTable",
    "source_column": "SourceColumn",
    "evidence_class": "EvidenceClass",
    "confidence": "Confidence",
    "time_lower": "TimeLower",
    "time_upper": "TimeUpper",
}
"""Columns of marts.events by their names in the activities."""


def assert_published_evidence(events: Rows) -> None:
    """Fail where rows of marts.events have other evidence than their rule has."""
    assert_evidence(Rows({own: event[column] for own, column in _PUBLISHED.items()} for event in events))


def assert_identity(events: Rows) -> None:
    """Fail where an event is told apart by anything but its rule, or marked as a bulk change without cause (4.10)."""
    for event in events:
        wanted = f"S2:{event['sla_kpi']}" if event["rule"] == "S2" else event["rule"]
        assert event["discriminator"] == wanted, "what tells events of one row apart is a part of their ids"
        assert event["activity_code"] == "case_assigned" or event["is_bulk_change"] is False


def assert_evidence(events: Rows) -> None:
    """Fail where events have other evidence than their rule has."""
    for event in events:
        rule = RULES[event["rule"]]
        told = f"{event['rule']} of {event['source_table']}.{event['source_column']}"
        assert event["activity_code"] in {rule.activity, *_WITH_RULES_OF_OTHERS.get(rule.activity, ())}, told
        assert not rule.table or event["source_table"] in rule.table.split(), told
        assert not rule.columns or event["source_column"] in rule.columns.split(), told
        assert event["evidence_class"] in rule.kind.split(), f"{told}: {event['evidence_class']}"
        assert event["confidence"] in rule.classes, f"{told}: class {event['confidence']}"
        assert (event["confidence"] == "D") == (event["evidence_class"] == SYNTHETIC), told
        _assert_bounds(event, told)


def _assert_bounds(event: Mapping[str, object], told: str) -> None:
    lower, upper = event["time_lower"], event["time_upper"]
    if event["evidence_class"] == EXPLICIT and event["confidence"] == "A":
        assert (lower, upper) == (None, None), f"{told}: a recorded moment has no bounds"
    if event["activity_code"] != "sla_timer_started":
        assert lower is None or lower <= event["event_time"], f"{told}: before its lower bound"
        assert upper is None or upper >= event["event_time"], f"{told}: after its upper bound"
