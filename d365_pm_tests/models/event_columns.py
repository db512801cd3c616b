"""What stands beside every event, worked out from the raw rows (reference: event-log semantics 1.1, 2, 3.7, 4.7, 4.9).

Belongs here: columns of marts.events that follow from other columns and from the rows that they name, whatever the
case. Does not belong here: when a rule fires, and what was in force at a moment; the stories tell that.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from hashlib import md5
from typing import Any

from d365_pm_tests.models.model_rows import Rows
from d365_pm_tests.models.names import instant, iso
from d365_pm_tests.models.raw_answers import RawAnswers

Event = dict[str, Any]

# 4.7, and beyond the template the ranks of the seed, which put an activity beside what it resembles.
_SOURCES = {"incident": 1, "incidentresolution": 2, "queueitem": 3, "slakpiinstance": 4, "email": 6, "audit": 8}
_SOURCES |= {"knowledgearticleincident": 5, "msdyn_federatedarticleincident": 5, "msfp_surveyinvite": 7}
_KPIS = {"first_response": 1, "resolution": 2}
_KINDS = {
    "CreationKind": ("case_created", {"manual", "rule", "portal", "import", "child"}),
    "CloseKind": ("case_closed", {"Cancelled", "Merged", "Closed", "Synthetic"}),
    "ReactivatedFrom": ("case_reactivated", {"Resolved", "Cancelled"}),
    "PickKind": ("queue_item_picked_by_agent", {"self", "pushed", None}),
    "ChangeKind": ("case_categorization_changed", {"changed", "cleared", "initial"}),
}
_ABOUT_QUEUES = {"queue_item_picked_by_agent", "queue_entered", "queue_released"}
_CHANGES_OF_VALUE = {"priority_changed", "status_changed"}
_CAPTURE_SECONDS, _CASCADE_SECONDS = 120, 5


def assert_columns(events: Rows, raw: RawAnswers) -> None:
    """Fail where a column of marts.events is not what the rows that it names say."""
    for event in events:
        wanted = {column: value for columns in _wanted(event, events, raw) for column, value in columns.items()}
        found = {column: event[column] for column in wanted}
        assert found == wanted, f"{event['ActivityCode']} at {event['EventTime']}"
        for column, (activity, kinds) in _KINDS.items():
            assert event[column] in (kinds if event["ActivityCode"] == activity else {None}), column
    _assert_ties(events, raw)


def _wanted(event: Event, events: Rows, raw: RawAnswers) -> Iterator[dict[str, Any]]:
    yield _identity(event, raw)
    yield _place(event, events, raw)
    yield _actor(event, raw)
    yield _status(event, raw)
    yield _owner(event, raw)
    yield _assignment(event, raw)
    yield _queue(event, events, raw)
    yield _category(event, raw)
    yield _clock(event, raw)
    yield _resolution(event, raw)
    yield _article(event, raw)
    yield _marks(event, events, raw)
    yield _pair(event, events)
    yield _moment(event, raw)


def _identity(event: Event, raw: RawAnswers) -> dict[str, Any]:
    discriminator = f"S2:{event['SlaKpi']}" if event["Rule"] == "S2" else event["Rule"]
    organisation = min((row["organizationid"] for row in raw.rows("organization").values()), default="")
    evidence = [
        organisation,
        event["SourceTable"],
        raw.guid(event["SourceRowId"]),
        event["ActivityCode"],
        discriminator,
    ]
    return {"EventId": md5("|".join(evidence).encode(), usedforsecurity=False).hexdigest()}


def _place(event: Event, events: Rows, raw: RawAnswers) -> dict[str, Any]:
    second = events.where(CaseGuid=event["CaseGuid"], EventTime=event["EventTime"]).only("SeqInCase")
    ordered = instant(event["EventTime"]) + timedelta(milliseconds=second.index(event["SeqInCase"]))
    born = raw.row("incident", event["CaseGuid"])["createdon"]
    return {"EventTimeOrdered": iso(ordered), "BeforeCreation": instant(event["EventTime"]) < born}


def _actor(event: Event, raw: RawAnswers) -> dict[str, Any]:
    basis, agent = event["ActorBasis"], event["AgentId"]
    if basis == "external":
        return {"AgentId": None, "ActorType": "external"}
    if basis == "default":
        return {"AgentId": None, "AgentName": raw.system, "ActorType": "system"}
    if basis is None:
        return {"AgentId": None, "AgentName": None, "ActorType": "unknown"}
    user = raw.rows("systemuser").get(raw.guid(agent))
    if user is None:
        return {"AgentName": f"user:{raw.guid(agent)[:8]}", "ActorType": "unknown"}
    if raw.is_machine(user):
        return {"AgentName": raw.system, "ActorType": "system"}
    return {"AgentName": user["fullname"], "ActorType": "human"}


def _status(event: Event, raw: RawAnswers) -> dict[str, Any]:
    code = event["StatusReasonCode"]
    return {
        "StatusReason": raw.label("incident", "statuscode", code),
        "StatusReasonBasis": event["StatusReasonBasis"] if code is not None else None,
    }


def _owner(event: Event, raw: RawAnswers) -> dict[str, Any]:
    team = event["OwnerTeamId"]
    return {
        "OwnerTeam": raw.name("team", team),
        "OwnerTeamSource": event["OwnerTeamSource"] if team is not None else None,
    }


def _assignment(event: Event, raw: RawAnswers) -> dict[str, Any]:
    kind, target = event["AssignmentKind"], event["AssignedToId"]
    if kind is None:
        return {"ActivityCode": event["ActivityCode"], "AssignedTo": None, "AssignedToId": None}
    assert event["ActivityCode"] in ("case_assigned", "queue_entered")
    assert target is not None
    return {"AssignedTo": raw.name({"user": "systemuser"}.get(kind, kind), target)}


def _is_about_queue(event: Event) -> bool:
    by_queue = event["ActivityCode"] == "case_escalated" and "E3" in event["EscalationBasis"]
    return by_queue or event["AssignmentKind"] == "queue" or event["ActivityCode"] in _ABOUT_QUEUES


def _queue(event: Event, events: Rows, raw: RawAnswers) -> dict[str, Any]:
    queue = event["QueueId"]
    wanted: dict[str, Any] = {"Queue": raw.name("queue", queue), "PersonalQueue": False}
    if _is_about_queue(event):
        wanted["PersonalQueue"] = queue is not None and raw.is_personal(queue)
        if event["AssignmentKind"] == "queue":
            wanted["QueueId"] = event["AssignedToId"]
        return wanted
    earlier = events.where(CaseGuid=event["CaseGuid"], SeqInCase=event["SeqInCase"] - 1)
    return wanted | {"QueueId": earlier[0]["QueueId"] if earlier else None}


def _category(event: Event, raw: RawAnswers) -> dict[str, Any]:
    if event["ActivityCode"] != "case_categorization_changed":
        without = {"CategoryFrom": None, "CategoryTo": None, "CategoryColumn": None}
        return without | _values(event, raw)
    if event["CategoryColumn"] != "subjectid":
        return {"ValueFrom": None, "ValueTo": None}
    old, new = (raw.subject(value) for value in _audited(event, "subjectid", raw))
    return {"CategoryFrom": old, "CategoryTo": new, "ValueFrom": None, "ValueTo": None}


def _values(event: Event, raw: RawAnswers) -> dict[str, Any]:
    if event["ActivityCode"] in _CHANGES_OF_VALUE:
        return {}
    if event["ActivityCode"] != "information_requested_from_customer":
        return {"ValueFrom": None, "ValueTo": None}
    if event["Rule"] != "Q1":
        return {"ValueFrom": None}
    old, new = _audited(event, "statuscode", raw)
    return {"ValueFrom": old, "ValueTo": new, "StatusReasonCode": int(new)}


def _audited(event: Event, column: str, raw: RawAnswers) -> tuple[Any, Any]:
    """Old and new value of a column as the event's audit row has them."""
    changed = json.loads(raw.row("audit", event["SourceRowId"])["changedata"])["changedAttributes"]
    values = next(value for value in changed if value["logicalName"] == column)
    return values.get("oldValue"), values.get("newValue")


def _clock(event: Event, raw: RawAnswers) -> dict[str, Any]:
    if event["SourceTable"] != "slakpiinstance":
        return {"SlaName": None, "SlaClockStart": None, "SlaDeadline": None}
    clock = raw.row("slakpiinstance", event["SourceRowId"])
    item = raw.rows("slaitem").get(clock.get("_msdyn_slaitemid_value") or "", {})
    agreement = raw.rows("sla").get(item.get("_slaid_value") or "", {})
    start, deadline = clock.get("applicablefromvalue"), clock.get("failuretime")
    return {
        "SlaName": agreement.get("name"),
        "SlaClockStart": start and iso(start),
        "SlaDeadline": deadline and iso(deadline),
    }


def _resolution(event: Event, raw: RawAnswers) -> dict[str, Any]:
    row = {}
    if event["ActivityCode"] == "case_resolved" and event["SourceTable"] == "incidentresolution":
        row = raw.row("incidentresolution", event["SourceRowId"])
    kind = row.get("resolutiontypecode")
    return {
        "ResolutionTypeCode": kind,
        "ResolutionType": raw.label("incidentresolution", "resolutiontypecode", kind),
        "ResolutionSubject": row.get("subject"),
        "BillableMinutes": row.get("timespent"),
    }


def _article(event: Event, raw: RawAnswers) -> dict[str, Any]:
    if event["ActivityCode"] == "solution_proposed_to_customer":
        return {}
    if event["SourceTable"] != "knowledgearticleincident":
        told = event["SourceTable"] == "msdyn_federatedarticleincident"
        return {"KnowledgeUsage": None} | ({} if told else {"SentToCustomer": None, "KnowledgeArticleId": None})
    link = raw.row("knowledgearticleincident", event["SourceRowId"])
    article = raw.rows("knowledgearticle").get(link.get("_knowledgearticleid_value") or "", {})
    return {
        "KnowledgeUsage": link.get("knowledgeusage"),
        "SentToCustomer": bool(link.get("issenttocustomer")),
        "KnowledgeArticleId": article.get("articlepublicnumber"),
    }


def _marks(event: Event, events: Rows, raw: RawAnswers) -> dict[str, Any]:
    is_resolution = event["ActivityCode"] == "case_resolved"
    is_investigation = event["ActivityCode"] == "agent_investigated_issue"
    wanted = {
        "KnowledgeCapture": is_investigation and _follows(event, events, event["CaseGuid"], _CAPTURE_SECONDS),
        "CascadedFromParent": is_resolution and _is_cascaded(event, events, raw),
    }
    if event["ActivityCode"] != "information_requested_from_customer":
        wanted["EmailId"] = None
    return wanted if event["ActivityCode"] == "case_assigned" else wanted | {"BulkChange": False}


def _follows(event: Event, events: Rows, case: str, within: int) -> bool:
    resolved = events.where(ActivityCode="case_resolved", CaseGuid=case).only("EventTime")
    return any(0 <= _seconds(event["EventTime"], moment) <= within for moment in resolved)


def _is_cascaded(event: Event, events: Rows, raw: RawAnswers) -> bool:
    parent = raw.row("incident", event["CaseGuid"]).get("_parentcaseid_value")
    if parent is None or event["AgentId"] is None:
        return False
    resolved = events.where(ActivityCode="case_resolved", AgentId=event["AgentId"])
    moments = [other["EventTime"] for other in resolved if raw.guid(other["CaseGuid"]) == parent]
    return any(0 <= _seconds(moment, event["EventTime"]) <= _CASCADE_SECONDS for moment in moments)


def _seconds(start: str, end: str) -> float:
    return (instant(end) - instant(start)).total_seconds()


def _pair(event: Event, events: Rows) -> dict[str, Any]:
    if event["ActivityCode"] == "queue_item_picked_by_agent":
        return {"CoOccursWith": _partner(event, events)}
    picks = events.where(
        ActivityCode="queue_item_picked_by_agent", CaseGuid=event["CaseGuid"], EventTime=event["EventTime"]
    )
    told = [pick["EventId"] for pick in picks if _partner(pick, events) == event["EventId"]]
    return {"CoOccursWith": min(told, default=None)}


def _partner(pick: Event, events: Rows) -> str | None:
    same = events.where(Rule="A1", CaseGuid=pick["CaseGuid"], EventTime=pick["EventTime"])
    return min((event["EventId"] for event in same if event["AssignedToId"] == pick["AgentId"]), default=None)


def _moment(event: Event, raw: RawAnswers) -> dict[str, Any]:
    """An event happened when the column that it names says; an escalation when its first sign did (3.4)."""
    if event["ActivityCode"] == "case_escalated" or event["Confidence"] == "D":
        return {}
    row = raw.row(event["SourceTable"], event["SourceRowId"])
    if event["SourceTable"] == "audit":
        through = row.get("_callinguserid_value")
        return {"EventTime": iso(row["createdon"]), "ActedThroughId": through and raw.short(through)}
    moment = row.get(event["SourceColumn"])
    return {} if moment is None or not hasattr(moment, "astimezone") else {"EventTime": iso(moment)}


def _assert_ties(events: Rows, raw: RawAnswers) -> None:
    """4.7: inside a second rank, source, KPI and row decide, unless values chain or states alternate."""
    for (case, moment), many in Counter(events.only("CaseGuid", "EventTime")).items():
        tie = events.where(CaseGuid=case, EventTime=moment)
        if many > 1 and not _is_chained(tie):
            assert tie == sorted(tie, key=lambda event: _key(event, raw)), f"{case} at {moment}"


def _is_chained(tie: Rows) -> bool:
    columns = Counter(event["SourceColumn"] for event in tie if event["SourceTable"] == "audit")
    has_return = any(event["ActivityCode"] == "case_reactivated" for event in tie)
    return has_return or any(many > 1 for many in columns.values())


def _key(event: Event, raw: RawAnswers) -> tuple[Any, ...]:
    return (
        raw.rank(event["ActivityCode"], event["AssignmentKind"]),
        _SOURCES.get(event["SourceTable"], 9),
        _KPIS.get(event["SlaKpi"], 3),
        raw.guid(event["SourceRowId"]),
        event["ActivityCode"],
        event["Rule"],
    )
