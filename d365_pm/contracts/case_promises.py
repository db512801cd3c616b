"""What each case promises: its verdicts agree with what they rest on (event-log-semantics, sections 2, 4 and 9)."""

from d365_pm.contracts.contract import Contract, RowPromise, Value
from d365_pm.contracts.values import holds, one_of

_KEYS = ("CaseGuid", "ServiceRequest")
_OUTCOMES = {"Open", "Resolved", "Closed", "Cancelled", "Merged", "Deleted"}
_UNFINISHED = "CaseOutcome in ('Open', 'Cancelled', 'Merged', 'Deleted')"


def case_promises() -> tuple[Contract, ...]:
    """Promises about single cases."""
    return (*_outcome(), *_durations(), *_service_level(), *_verdicts(), *_warnings())


def _outcome() -> tuple[Contract, ...]:
    return (
        _promise(
            "case_outcome_known",
            "A case is open, resolved, closed, cancelled, merged or deleted.",
            "4.2",
            {"CaseOutcome": one_of("CaseOutcome", _OUTCOMES)},
        ),
        _promise(
            "resolved_cases_have_resolution",
            "Every resolved case has at least one Case Resolved.",
            "9, invariant 4",
            {"ResolutionCount": holds("CaseOutcome <> 'Resolved' or ResolutionCount >= 1", "resolved by no event")},
            "ResolutionCount",
        ),
        _promise(
            "unfinished_cases_have_no_verdicts",
            "Open, cancelled, merged and deleted cases have no cycle time, first contact or breach by cycle time.",
            "9, invariant 11",
            {
                name: holds(f"not ({_UNFINISHED}) or {name} is null", "filled although the case is not resolved")
                for name in ("ServiceRequestCycleTime", "IsFirstContactResolution", "IsSlaBreachedByCycleTime")
            },
            "ServiceRequestCycleTime",
            "IsFirstContactResolution",
            "IsSlaBreachedByCycleTime",
        ),
    )


def _durations() -> tuple[Contract, ...]:
    return (
        _promise(
            "cycle_time_adds_up",
            "Cycle time is active time plus the time that the case lay resolved.",
            "9, invariant 5",
            {
                "ServiceRequestCycleTime": holds(
                    "ActiveTime is null or (ServiceRequestCycleTime = ActiveTime + ResolvedGapTime) is true",
                    "not ActiveTime + ResolvedGapTime",
                )
            },
            "ServiceRequestCycleTime",
            "ActiveTime",
            "ResolvedGapTime",
        ),
        _promise(
            "handling_times_not_negative",
            "Active, waiting, net handling and first-resolution times are not negative.",
            "9, invariant 5",
            {
                name: holds(f"{name} >= 0", "negative duration")
                for name in (
                    "ActiveTime",
                    "ResolvedGapTime",
                    "CustomerWaitTime",
                    "CustomerWaitTimeByContact",
                    "NetHandlingTime",
                    "TimeToFirstResolution",
                )
            },
            "ActiveTime",
            "CustomerWaitTime",
            "NetHandlingTime",
            # A waiting span beside a gap in the evidence can be too long: the case is odd, the log is not wrong.
            blocking=False,
        ),
        _promise(
            "first_resolution_not_after_last",
            "The first resolution is not later than the last.",
            "2.21",
            {"TimeToFirstResolution": holds("TimeToFirstResolution <= ServiceRequestCycleTime", "after the last")},
            "TimeToFirstResolution",
            "ServiceRequestCycleTime",
        ),
    )


def _service_level() -> tuple[Contract, ...]:
    return (
        _promise(
            "breach_by_cycle_time_is_formula",
            "The template's verdict compares cycle time and target, and is empty where either is.",
            "2.20",
            {
                "IsSlaBreachedByCycleTime": holds(
                    "IsSlaBreachedByCycleTime is not distinct from (ServiceRequestCycleTime > SlaTargetResolutionTime)",
                    "not cycle time > target",
                )
            },
            "IsSlaBreachedByCycleTime",
            "ServiceRequestCycleTime",
            "SlaTargetResolutionTime",
        ),
        _promise(
            "sla_values_have_basis",
            "A verdict on the SLA and a target tell what they rest on.",
            "2.7, 2.20",
            {
                "SlaBreachBasis": holds("(IsSlaBreached is null) = (SlaBreachBasis is null)", "verdict without basis"),
                "SlaTargetBasis": holds(
                    "(SlaTargetResolutionTime is null) = (SlaTargetBasis is null)", "target without basis"
                ),
            },
            "IsSlaBreached",
            "SlaBreachBasis",
            "SlaTargetResolutionTime",
            "SlaTargetBasis",
        ),
    )


def _verdicts() -> tuple[Contract, ...]:
    full = "least({0}) = 'full' and greatest({0}) = 'full'"
    audits = "OwnerAuditCoverage, StatusAuditCoverage, EscalationAuditCoverage, CategoryAuditCoverage"
    return (
        _promise(
            "escalated_fits_basis",
            "A case is escalated exactly where its flag or an event says so.",
            "2.16",
            {
                "IsEscalated": holds(
                    "coalesce(IsEscalated, false) = (EscalationBasis is not null) "
                    "or EscalationBasis is not distinct from 'column'",
                    "against basis",
                ),
                "EscalationBasis": holds(
                    "coalesce(EscalationBasis in ('event', 'both'), false) = (EscalationCount > 0) "
                    "or EscalationBasis is not distinct from 'column'",
                    "against the number of escalations",
                ),
            },
            "IsEscalated",
            "EscalationBasis",
            "EscalationCount",
        ),
        _promise(
            "rework_fits_reasons",
            "A case is rework exactly where a kind of rework was seen.",
            "2.14",
            {"IsRework": holds("coalesce(IsRework, false) = (ReworkReasons is not null)", "against its reasons")},
            "IsRework",
            "ReworkReasons",
        ),
        _promise(
            "first_contact_fits_reasons",
            "First contact resolution is false with a reason, and true only after one resolution and no escalation.",
            "2.13",
            {
                "FcrFailReasons": holds(
                    "coalesce(not IsFirstContactResolution, false) = (FcrFailReasons is not null)",
                    "against its reasons",
                ),
                "IsFirstContactResolution": holds(
                    "not IsFirstContactResolution or (CaseOutcome in ('Resolved', 'Closed') and ResolutionCount = 1 "
                    "and ReactivationCount = 0 and EscalationCount = 0 and FcrEvidence is null)",
                    "true against the case's own events",
                ),
            },
            "IsFirstContactResolution",
            "FcrFailReasons",
            "FcrEvidence",
        ),
        _promise(
            "no_without_audit_is_unknown",
            "No rework and no escalation are claimed only where the audit would have shown them.",
            "1.3; 9, invariant 12",
            {
                "IsEscalated": holds(
                    "IsEscalated is not false or EscalationAuditCoverage = 'full' "
                    "or EscalationBasis is not distinct from 'column'",
                    "not audited",
                ),
                "IsRework": holds(f"IsRework is not false or ({full.format(audits)})", "not audited"),
            },
            "IsEscalated",
            "EscalationBasis",
            "IsRework",
            *audits.split(", "),
        ),
        _promise(
            "satisfaction_has_source",
            "A satisfaction score tells who gave it.",
            "2.18",
            {
                "CsatSource": holds(
                    "(CustomerSatisfactionScore is null) = (CsatSource is null)", "score without a source"
                )
            },
            "CustomerSatisfactionScore",
            "CsatSource",
        ),
    )


def _warnings() -> tuple[Contract, ...]:
    return (
        _promise(
            "states_in_order",
            "Resolutions and reactivations alternate; cases where a transition is missing are listed.",
            "4.7; 9, invariant 4",
            {"StateOrderAnomaly": holds("not StateOrderAnomaly", "a transition is missing")},
            "ResolutionCount",
            "ReactivationCount",
            blocking=False,
        ),
        _promise(
            "resolved_after_creation",
            "No case was resolved before it was created, as a wrong import date would have it.",
            "2.21",
            {"CycleTimeAnomaly": holds("not CycleTimeAnomaly", "resolved before its creation")},
            "CreatedAt",
            blocking=False,
        ),
        _promise(
            "sla_clock_not_contradictory",
            "No SLA clock is marked as met although it was met late.",
            "2.20",
            {"SlaContradiction": holds("not SlaContradiction", "met late, marked as met")},
            "SlaBreachBasis",
            "SlaTargetDeadline",
            blocking=False,
        ),
        _promise(
            "durations_plausible",
            "No cycle time and no SLA target is longer than ten years.",
            "2.7, 2.21, 4.17",
            {
                name: holds(f"{name} <= 10 * 366 * 86400", "longer than ten years")
                for name in ("ServiceRequestCycleTime", "SlaTargetResolutionTime")
            },
            "ServiceRequestCycleTime",
            "SlaTargetResolutionTime",
            blocking=False,
        ),
        _promise(
            "withdrawn_cases_not_resolved",
            "A cancelled or merged case was not left resolved.",
            "3.5, 4.1",
            {
                "ResolutionCount": holds(
                    "CaseOutcome not in ('Cancelled', 'Merged') "
                    "or ResolutionCount <= ReactivationCount + InferredReactivations",
                    "resolved and never reactivated",
                )
            },
            "CaseOutcome",
            "ResolutionCount",
            "ReactivationCount",
            blocking=False,
        ),
        _promise(
            "case_numbers_given",
            "Every case has a number of its own; empty and repeated ones, which get a suffix, are listed.",
            "2.1",
            {"ServiceRequest": holds("not regexp_full_match(ServiceRequest, '.*~[0-9a-f]{8}')", "empty or repeated")},
            blocking=False,
        ),
        _promise(
            "case_codes_labelled",
            "Every channel, priority and status reason of a case has a label.",
            "2.6, 2.11, 4.11",
            {
                name: holds(f"{name} not like 'code:%'", "a code without a label")
                for name in ("Channel", "Priority", "CurrentStatusReason")
            },
            "ChannelCode",
            "PriorityCode",
            "CurrentStatusReasonCode",
            blocking=False,
        ),
        _promise(
            "case_owners_known",
            "Every case has an owner with a name.",
            "2.9, 2.15",
            {
                "CurrentOwner": holds(
                    "coalesce(not regexp_full_match(CurrentOwner, '(user|team):[0-9a-f]{8}'), false)",
                    "no owner, or an id without a name",
                )
            },
            "CurrentOwnerId",
            "CurrentOwnerType",
            blocking=False,
        ),
    )


def _promise(
    name: str, description: str, section: str, values: dict[str, Value], *evidence: str, blocking: bool = True
) -> RowPromise:
    return RowPromise(
        name=name,
        table="marts.cases",
        description=description,
        section=section,
        keys=_KEYS,
        blocking=blocking,
        values=values,
        evidence=("CaseOutcome", *evidence),
    )
