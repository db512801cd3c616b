"""What each event promises about its evidence, its time and its place (event-log-semantics 1, 3, 4.7, 9)."""

from dataclasses import replace

import pandera.polars as pandera
import polars as pl

from d365_pm.contracts.contract import Contract, RowPromise, Value
from d365_pm.contracts.rule_classes import RULE_CLASSES
from d365_pm.contracts.sources import EVENT_STEPS
from d365_pm.contracts.values import filled, holds, one_of

_KEYS = ("EventId", "CaseGuid")
_AUDIT_RULES = ("A1", "RE1", "CC1")


def event_promises() -> tuple[Contract, ...]:
    """Promises about single events, each seen with the one before it in its case."""
    return (*_evidence(), *_time_and_place(), *_content(), *_warnings())


def _evidence() -> tuple[Contract, ...]:
    return (
        _promise(
            "evidence_complete",
            "Every event names the table, the row and the rule that it rests on.",
            "9, invariant 8",
            {name: filled(name) for name in ("SourceTable", "SourceRowId", "Rule")},
        ),
        _promise(
            "evidence_class_known",
            "Evidence is explicit, inferred or synthetic.",
            "1.1",
            {"EvidenceClass": one_of("EvidenceClass", {"explicit", "inferred", "synthetic"})},
        ),
        _promise(
            "confidence_known",
            "Confidence is one of the classes A to D.",
            "1.2",
            {"Confidence": one_of("Confidence", set("ABCD"))},
        ),
        _promise(
            "confidence_fits_rule",
            "The confidence of an event is one that its rule can give.",
            "3.1 to 3.13",
            {
                "Rule": Value(
                    "Rule || ' ' || Confidence",
                    pandera.Column(
                        pl.String,
                        pandera.Check.isin(sorted(RULE_CLASSES), error="no rule gives this confidence"),
                        nullable=True,
                    ),
                )
            },
        ),
        _promise(
            "inferred_events_flagged",
            "No event of class C or D is passed off as explicit evidence.",
            "1.2",
            {"EvidenceClass": holds("not (Confidence in ('C', 'D') and EvidenceClass = 'explicit')", "not flagged")},
        ),
        _promise(
            "audit_coverage_known",
            "The audit coverage of an event is full, partial or none.",
            "1.3",
            {"AuditCoverage": one_of("AuditCoverage", {"full", "partial", "none"})},
            "AuditCoverage",
        ),
        _promise(
            "audited_events_have_audit",
            "Owner changes, reactivations and changes of category from the audit occur only where it was on.",
            "9, invariant 12",
            {
                "Rule": holds(
                    f"not (Rule in {_AUDIT_RULES} and AuditCoverage = 'none')", "needs an audit that was not on"
                )
            },
            "AuditCoverage",
            blocking=False,
        ),
    )


def _time_and_place() -> tuple[Contract, ...]:
    return (
        _promise(
            "event_time_plausible",
            "No event is older than the product.",
            "4.17",
            {"EventTime": holds("EventTime >= timestamptz '2003-01-01 00:00:00+00'", "before 2003")},
            "EventTime",
        ),
        _promise(
            "time_bounds_enclose_event",
            "Where only an interval is known, the time of the event lies in it.",
            "1.1",
            {
                "TimeLower": holds("TimeLower <= EventTime", "after the event"),
                "TimeUpper": holds("EventTime <= TimeUpper", "before the event"),
            },
            "TimeLower",
            "EventTime",
            "TimeUpper",
            blocking=False,
        ),
        _step(
            "sequence_without_gaps",
            "The events of a case are numbered 1 to n.",
            "9, invariant 3",
            {"SeqInCase": holds("SeqInCase is not distinct from coalesce(PreviousSeq, 0) + 1", "not the next number")},
            "SeqInCase",
            "PreviousSeq",
        ),
        _step(
            "sequence_follows_time",
            "No event is earlier than the one before it in its case.",
            "9, invariant 3",
            {"EventTime": holds("EventTime >= PreviousTime", "earlier than the event before it")},
            "SeqInCase",
            "PreviousTime",
            "EventTime",
        ),
        _step(
            "ordered_time_follows_sequence",
            "The time for products that sort on time alone grows from event to event, less than a second off.",
            "1.1, 4.7",
            {
                "EventTimeOrdered": holds("EventTimeOrdered > PreviousTimeOrdered", "not later than the event before"),
                "offset": holds(
                    "EventTimeOrdered >= EventTime and EventTimeOrdered < EventTime + interval 1 second",
                    "a second or more off",
                ),
            },
            "EventTime",
            "EventTimeOrdered",
            blocking=False,
        ),
        _step(
            "ties_follow_rank",
            "Events of one second stand in the order of their ranks, unless values or states tell better.",
            "4.7",
            {
                "Rank": holds(
                    "not (EventTime = PreviousTime and Rank < PreviousRank and not IsChained)",
                    "a higher rank stands before it",
                )
            },
            "SeqInCase",
            "PreviousRank",
            "Rank",
            blocking=False,
        ),
    )


def _content() -> tuple[Contract, ...]:
    kinds = {
        "case_assigned": "AssignmentKind in ('user', 'team', 'queue')",
        "case_closed": "CloseKind in ('Cancelled', 'Merged', 'Closed', 'Synthetic')",
        "case_reactivated": "ReactivatedFrom in ('Resolved', 'Cancelled')",
        "case_created": "CreationKind in ('manual', 'rule', 'portal', 'import', 'child')",
    }
    return (
        _promise(
            "actor_type_known",
            "An actor is human, system, external or unknown.",
            "1.1",
            {"ActorType": one_of("ActorType", {"human", "system", "external", "unknown"})},
            "ActorType",
        ),
        _promise(
            "event_kinds_filled",
            "Assignments, closings, reactivations and creations tell their kind.",
            "3.1 to 3.3, 3.8",
            {
                code: holds(f"ActivityCode <> '{code}' or coalesce({kind}, false)", "without its kind")
                for code, kind in kinds.items()
            },
            "AssignmentKind",
            "CloseKind",
            "ReactivatedFrom",
            "CreationKind",
            blocking=False,
        ),
        _promise(
            "timers_name_their_kpi",
            "Every SLA timer tells which KPI it measures.",
            "3.6",
            {"SlaKpi": holds("ActivityCode <> 'sla_timer_started' or SlaKpi is not null", "without a KPI")},
            "SlaKpi",
        ),
        _promise(
            "articles_only_where_used",
            "An article stands only on an investigation or on a proposed solution.",
            "2.17",
            {
                "KnowledgeArticleId": holds(
                    "KnowledgeArticleId is null "
                    "or ActivityCode in ('agent_investigated_issue', 'solution_proposed_to_customer')",
                    "an article on an activity that uses none",
                )
            },
            "KnowledgeArticleId",
        ),
    )


def _warnings() -> tuple[Contract, ...]:
    names = {"AgentName": "user", "AssignedTo": "(user|team|queue)", "OwnerTeam": "team", "Queue": "queue"}
    ids = {"AgentName": "AgentId", "AssignedTo": "AssignedToId", "OwnerTeam": "OwnerTeamId", "Queue": "QueueId"}
    return (
        _promise(
            "article_number_form",
            "The public number of our own article has the shipped form KA- and digits.",
            "2.17",
            {
                "KnowledgeArticleId": holds(
                    "KnowledgeArticleId is null or SourceTable <> 'knowledgearticleincident' "
                    "or regexp_full_match(KnowledgeArticleId, 'KA-[0-9]+')",
                    "not a number such as KA-01337",
                )
            },
            "KnowledgeArticleId",
            blocking=False,
        ),
        _promise(
            "people_known",
            "Every user, team and queue of an event has a name.",
            "2.9, 2.15",
            {
                column: holds(f"not regexp_full_match({column}, '{kind}:[0-9a-f]{{8}}')", "an id without a name")
                for column, kind in names.items()
            },
            *ids.values(),
            blocking=False,
        ),
        _promise(
            "event_codes_labelled",
            "Every status reason and kind of resolution of an event has a label.",
            "2.8, 4.11",
            {
                "StatusReason": holds("StatusReason not like 'code:%'", "a code without a label"),
                "ResolutionType": holds("ResolutionType not like 'code:%'", "a code without a label"),
            },
            "StatusReasonCode",
            "ResolutionTypeCode",
            blocking=False,
        ),
    )


def _step(
    name: str, description: str, section: str, values: dict[str, Value], *evidence: str, blocking: bool = True
) -> RowPromise:
    """A promise about an event and the one before it."""
    return replace(_promise(name, description, section, values, *evidence, blocking=blocking), source=EVENT_STEPS)


def _promise(
    name: str, description: str, section: str, values: dict[str, Value], *evidence: str, blocking: bool = True
) -> RowPromise:
    return RowPromise(
        name=name,
        table="marts.events",
        description=description,
        section=section,
        keys=_KEYS,
        blocking=blocking,
        values=values,
        evidence=("ActivityCode", "Rule", "Confidence", "EvidenceClass", "SourceTable", "SourceRowId", *evidence),
    )
