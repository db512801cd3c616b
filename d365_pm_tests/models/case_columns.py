"""What stands in every case, worked out from its raw row, its events and what it rests on (reference: 2, 4.1, 4.2).

Belongs here: columns of marts.cases that follow from the case's row and from its events, whatever the case. Does not
belong here: which events a case has, its coverage, contacts, clocks and durations of waiting; the stories tell those.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from d365_pm_tests.models.model_rows import Rows
from d365_pm_tests.models.names import instant, iso
from d365_pm_tests.models.raw_answers import RawAnswers
from d365_pm_tests.models.raw_rows import Row

_TRANSITIONS = {"case_resolved", "case_reactivated", "case_closed"}
_COVERAGE = {"AuditCoverage": "life"} | {
    f"{group.title()}AuditCoverage": group for group in ("owner", "status", "escalation", "category")
}
_VERDICT = {
    "SlaTargetResolutionTime": "target_seconds",
    "SlaTargetBasis": "target_basis",
    "SlaTargetConfidence": "target_confidence",
    "SlaTargetDeadline": "deadline",
    "SlaTargetCalendarSeconds": "calendar_seconds",
    "SlaName": "sla_name",
}


@dataclass(frozen=True)
class Basis:
    """What the columns of a case rest on.

    Attributes:
        row: Raw row of the case.
        events: Its events in their order, as marts.event_position has them.
        coverage: Its row of staging.audit_coverage.
        clocks: Its rows of staging.sla_verdict by KPI.
        was_contacted: The customer came back before the last resolution.
        has_contacts: The tables of contacts could be read.
        has_ping_pong: It came back to an owner who had given it away.
        inferred: Reactivations without a moment.
        as_of: When everything had been read.
    """

    row: Row
    events: Rows
    coverage: Mapping[str, Any]
    clocks: Mapping[str, Mapping[str, Any]]
    was_contacted: bool
    has_contacts: bool
    has_ping_pong: bool
    inferred: int
    as_of: datetime

    def count(self, activity: str, **values: Any) -> int:
        """Number of events of an activity."""
        return len(self.events.where(activity_code=activity, **values))

    def resolutions(self) -> list[datetime]:
        """Moments of the resolutions in order."""
        return [instant(moment) for moment in self.events.where(activity_code="case_resolved").only("event_time")]

    @property
    def is_resolved(self) -> bool:
        """The case is in the state Resolved, and a resolution tells since when."""
        return self.row.get("statecode") == 1 and bool(self.resolutions()) and not self.row.get("_deleted_at")


def assert_case(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> None:
    """Fail where a column of marts.cases is not what the case's row and its events say."""
    wanted: dict[str, Any] = {}
    verdicts = (_first_contact, _rework, _reopening, _escalation)
    for columns in (_record, _category, _people, _outcome, _counts, _durations, *verdicts):
        wanted |= columns(case, basis, raw)
    wanted |= _level(case, basis, raw) | {column: basis.coverage[group] for column, group in _COVERAGE.items()}
    found = {column: case[column] for column in wanted}
    assert found == wanted, case["CaseGuid"]


def _record(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> dict[str, Any]:
    row = basis.row
    ranks = {int(line["priority_code"]): int(line["rank"]) for line in raw.seed("priority_ranks")}
    merged, parent = row.get("_masterid_value"), row.get("_parentcaseid_value")
    others = raw.rows("incident").values()
    return {
        "Title": row.get("title"),
        "CreatedAt": iso(row["createdon"]),
        "Channel": raw.label("incident", "caseorigincode", case["ChannelCode"]),
        "ChannelBasis": case["ChannelBasis"] if case["ChannelCode"] is not None else None,
        "CurrentStatusReason": raw.label("incident", "statuscode", row.get("statuscode")),
        "CurrentStatusReasonCode": row.get("statuscode"),
        "Priority": raw.label("incident", "prioritycode", row.get("prioritycode")),
        "PriorityCode": row.get("prioritycode"),
        "PriorityRank": ranks.get(row.get("prioritycode") or 0),
        "IsImported": (row.get("importsequencenumber"), row.get("overriddencreatedon")) != (None, None),
        "MergedIntoCaseGuid": merged and raw.short(merged),
        "ParentCaseGuid": parent and raw.short(parent),
        "MergedCaseCount": sum(
            other.get("_masterid_value") == row["incidentid"] and other.get("statecode") == 2 for other in others
        ),
    }


def _category(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> dict[str, Any]:
    column = raw.choice("service_request_type_column")
    if column != "subjectid":
        own = basis.row.get("_request_type") or ""
        label = raw.label("incident", "casetypecode", basis.row.get("casetypecode"))
        if column != "casetypecode":
            known = raw.label("incident", column, int(own)) if own.isdecimal() else None
            label = own or None if known in (None, f"code:{own}") else known
        return {"ServiceRequestType": label, "ServiceRequestTypePath": None, "InitialServiceRequestType": None}
    titles = raw.path("subject", basis.row.get("_subjectid_value"), "title", "_parentsubject_value")
    return {
        "ServiceRequestType": titles[-1] if titles else None,
        "ServiceRequestTypePath": " / ".join(titles) if titles else None,
    }


def _people(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> dict[str, Any]:
    row = basis.row
    customer, kind = row.get("_customerid_value") or "", row.get("_customerid_type")
    company = raw.rows("account").get(customer, {}) if kind == "account" else {}
    person = raw.rows("contact").get(customer, {}) if kind == "contact" else {}
    employer = raw.rows("account").get(person.get("_parentcustomerid_value") or "", {})
    owner, owner_kind = row.get("_ownerid_value"), row.get("_ownerid_type")
    product = raw.rows("product").get(row.get("_productid_value") or "", {})
    families = raw.path("product", row.get("_productid_value"), "name", "_parentproductid_value")
    return {
        "CustomerId": raw.short(customer) if customer else None,
        "CustomerType": kind,
        "CustomerName": company.get("name") or person.get("fullname"),
        "CustomerAccountName": company.get("name") or employer.get("name"),
        "CurrentOwner": owner and raw.name(owner_kind or "systemuser", owner),
        "CurrentOwnerId": owner and raw.short(owner),
        "CurrentOwnerType": owner_kind,
        "CurrentOwnerTeam": raw.rows("team").get(owner or "", {}).get("name") if owner_kind == "team" else None,
        "ProductInvolved": product.get("name"),
        "ProductId": row.get("_productid_value") and raw.short(row["_productid_value"]),
        "ProductNumber": product.get("productnumber"),
        "ProductPath": " / ".join(families) if families else None,
    }


def _outcome(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> dict[str, Any]:
    row, role = basis.row, raw.role(basis.row.get("statuscode"))
    if row.get("_deleted_at"):
        return {"CaseOutcome": "Deleted"}
    if role == "merged" or (row.get("statecode") == 2 and row.get("_masterid_value")):
        return {"CaseOutcome": "Merged"}
    if role == "closed":
        return {"CaseOutcome": "Closed"}
    if row.get("statecode") == 2:
        return {"CaseOutcome": "Cancelled"}
    return {"CaseOutcome": "Resolved" if basis.is_resolved else "Open"}


def _counts(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> dict[str, Any]:
    numbers = (case["KnowledgeArticleIds"] or "").split("|")
    return {
        "EventCount": len(basis.events),
        "ResolutionCount": basis.count("case_resolved"),
        "ReactivationCount": basis.count("case_reactivated"),
        "EscalationCount": basis.count("case_escalated"),
        "OwnerChangeCount": len(basis.events.where(rule="A1", is_bulk_change=False)),
        "InferredReactivations": basis.inferred,
        "KnowledgeArticleCount": len(numbers) if numbers != [""] else 0,
    }


def _durations(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> dict[str, Any]:
    resolved, born = basis.resolutions(), basis.row["createdon"]
    cycle = _seconds(born, resolved[-1]) if basis.is_resolved else None
    first = _seconds(born, resolved[0]) if resolved else None
    gap, has_anomaly = _alternation(basis.events)
    wanted = {
        "ServiceRequestCycleTime": cycle if cycle is not None and cycle >= 0 else None,
        "CycleTimeAnomaly": cycle is not None and cycle < 0,
        "TimeToFirstResolution": first if first is not None and first >= 0 else None,
        "StateOrderAnomaly": has_anomaly,
    }
    if not has_anomaly:
        wanted["ResolvedGapTime"] = gap
        is_known = wanted["ServiceRequestCycleTime"] is not None and not basis.inferred
        wanted["ActiveTime"] = cycle - gap if is_known and cycle is not None else None
    active, waiting = case["ActiveTime"], case["CustomerWaitTime"]
    wanted["NetHandlingTime"] = None if None in (active, waiting) else active - waiting
    return wanted


def _alternation(events: Rows) -> tuple[int, bool]:
    """Seconds between ends and the returns that follow them, and whether one of either is missing."""
    ended_at: datetime | None = None
    gap, has_anomaly = 0, False
    for event in events:
        if event["activity_code"] not in _TRANSITIONS or event["kind"] in ("Closed", "Synthetic"):
            continue
        is_return = event["activity_code"] == "case_reactivated"
        has_anomaly |= is_return == (ended_at is None)
        if is_return and ended_at is not None:
            gap += _seconds(ended_at, instant(event["event_time"]))
        ended_at = None if is_return else instant(event["event_time"])
    return gap, has_anomaly


def _first_contact(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> dict[str, Any]:
    if not basis.is_resolved:
        return {"IsFirstContactResolution": None, "FcrFailReasons": None, "FcrEvidence": None}
    cycle, last = case["ServiceRequestCycleTime"], basis.resolutions()[-1]
    fails = {
        "reopened": basis.count("case_resolved") != 1 or basis.count("case_reactivated") > 0,
        "information_requested": basis.count("information_requested_from_customer") > 0,
        "contacted_again": basis.was_contacted,
        "escalated": basis.count("case_escalated") > 0,
        "too_slow": cycle is not None and cycle > raw.threshold("fcr_max_seconds"),
    }
    untestable = {
        "information_requested": basis.coverage["status"] != "full" and not fails["information_requested"],
        "contacted_again": not basis.has_contacts and not fails["contacted_again"],
        "escalated": basis.coverage["escalation"] != "full"
        and basis.row.get("escalatedon") is not None
        and not fails["escalated"],
        "too_slow": cycle is None,
        "not_mature": _seconds(last, basis.as_of) < raw.threshold("fcr_maturity_seconds"),
    }
    is_held_back = any(untestable.values())
    return {
        "IsFirstContactResolution": False if any(fails.values()) else None if is_held_back else True,
        "FcrFailReasons": _listed(fails),
        "FcrEvidence": None if any(fails.values()) else _listed(untestable),
    }


def _reopening(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> dict[str, Any]:
    resolved, window = basis.resolutions(), raw.threshold("reopen_window_seconds")
    gone = basis.row.get("_deleted_at")
    until = min(gone, basis.as_of) if gone else basis.as_of
    if not resolved or _seconds(resolved[0], until) < window:
        return {"IsReopened": None}
    returns = basis.events.where(activity_code="case_reactivated", kind="Resolved").only("event_time")
    if any(0 <= _seconds(resolved[0], instant(moment)) <= window for moment in returns):
        return {"IsReopened": True}
    return {"IsReopened": False if basis.coverage["status"] == "full" and not basis.inferred else None}


def _rework(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> dict[str, Any]:
    signs = {
        "reactivated": basis.count("case_reactivated", kind="Resolved") > 0 or basis.inferred > 0,
        "resolved_again": basis.count("case_resolved") > 1,
        "information_requested_again": basis.count("information_requested_from_customer") > 1,
        "recategorized_again": basis.count("case_categorization_changed") > 1,
        "escalated_again": basis.count("case_escalated") > 1,
        "owner_ping_pong": basis.has_ping_pong,
    }
    covered = all(basis.coverage[group] == "full" for group in ("owner", "status", "escalation", "category"))
    return {
        "IsRework": True if any(signs.values()) else False if covered else None,
        "ReworkReasons": _listed(signs),
    }


def _escalation(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> dict[str, Any]:
    flag, event = bool(basis.row.get("isescalated")), basis.count("case_escalated") > 0
    if raw.choice("escalated_rule") == "flag_only":
        return {"IsEscalated": flag, "EscalationBasis": "column"}
    verdict = True if flag or event else False if basis.coverage["escalation"] == "full" else None
    told = {(True, True): "both", (True, False): "flag", (False, True): "event", (False, False): None}
    return {"IsEscalated": verdict, "EscalationBasis": told[flag, event]}


def _level(case: Mapping[str, Any], basis: Basis, raw: RawAnswers) -> dict[str, Any]:
    native, response = basis.clocks.get("resolution", {}), basis.clocks.get("first_response", {})
    cycle, target = case["ServiceRequestCycleTime"], native.get("target_seconds")
    formula = None if None in (cycle, target) else cycle > target
    wanted = {column: native.get(own) for column, own in _VERDICT.items()} | {
        "IsSlaBreachedByCycleTime": formula,
        "SlaVerdictsDiffer": None if None in (formula, native.get("is_breached")) else formula != native["is_breached"],
        "SlaContradiction": bool(native.get("is_contradictory")),
        "IsFirstResponseSlaBreached": response.get("is_breached"),
        "FirstResponseSlaBasis": response.get("breach_basis"),
        "IsSlaBreached": native.get("is_breached"),
        "SlaBreachBasis": native.get("breach_basis"),
        "SlaBreachConfidence": native.get("breach_confidence"),
    }
    if raw.choice("sla_breach_rule") != "formula_only":
        return wanted
    is_told = formula is not None
    wanted |= {"IsSlaBreached": formula, "SlaBreachBasis": "formula" if is_told else None}
    return wanted | {"SlaBreachConfidence": native.get("target_confidence") if is_told else None}


def _listed(conditions: Mapping[str, bool]) -> str | None:
    return "|".join(name for name, holds in conditions.items() if holds) or None


def _seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds() // 1)
