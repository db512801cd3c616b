"""Reading the story of a case out of the published warehouse."""

from typing import Any

import duckdb

from d365_pm.explain.checks import failed_checks_of
from d365_pm.explain.gaps import gaps_of
from d365_pm.explain.lookup import find_case
from d365_pm.explain.meanings import MEANINGS
from d365_pm.explain.set_aside import set_aside_of
from d365_pm.explain.story import Attribute, Story, ToldEvent

_BASES = {
    "Channel": "ChannelBasis",
    "SlaTargetResolutionTime": "SlaTargetBasis",
    "IsFirstContactResolution": "FcrFailReasons",
    "IsRework": "ReworkReasons",
    "IsEscalated": "EscalationBasis",
    "CustomerSatisfactionScore": "CsatSource",
    "IsSlaBreached": "SlaBreachBasis",
    "IsSlaBreachedByCycleTime": None,
    "ServiceRequestCycleTime": None,
}
"""Attributes of the head that have evidence of their own, and the column of `marts.cases` that names it."""

_HEAD = (
    *("Title", "CustomerName", "CreatedAt", "CaseOutcome", "CurrentStatusReason", "CurrentOwner", "Channel"),
    *("Priority", "ServiceRequestType", "ProductInvolved", "SlaTargetResolutionTime", "IsSlaBreached"),
    *("IsSlaBreachedByCycleTime", "ServiceRequestCycleTime", "IsFirstContactResolution", "IsRework", "IsEscalated"),
    *("CustomerSatisfactionScore", "KnowledgeArticleIds", "AuditCoverage"),
)

_EVENTS = """
    select
        e.SeqInCase, e.EventTime, e.ActivityName, e.AgentName, e.ActorBasis, e.StatusReason, e.StatusReasonBasis,
        coalesce(
            e.AssignedTo, e.KnowledgeArticleId, e.SlaKpi,
            case
                when e.CategoryColumn is not null
                then concat(e.CategoryColumn, ': ', coalesce(e.CategoryFrom, '-'), ' → ', coalesce(e.CategoryTo, '-'))
            end,
            e.CloseKind, e.ResolutionType, e.CreationKind, e.ReactivatedFrom, e.EscalationBasis,
            case when e.PickKind is not null or e.Rule = 'P4' then e.Queue end
        ),
        e.Rule, e.SourceTable, e.SourceRowId, e.SourceColumn, e.EvidenceClass, e.Confidence, e.AuditCoverage,
        e.TimeLower, e.TimeUpper, e.EventId
    from marts.events as e where e.CaseGuid = $case order by e.SeqInCase
"""


def explain(connection: duckdb.DuckDBPyConnection, asked: str) -> Story:
    """Tell one case.

    Args:
        connection: The published warehouse, with the time zone UTC.
        asked: Ticket number, GUID or `EventId`.

    Raises:
        UnknownCaseError: No case answers to it, or several do.
    """
    found = find_case(connection, asked)
    head = _row(connection, "select * from marts.cases where CaseGuid = $case", found.case_guid)
    [(as_of,)] = connection.execute("select as_of from staging.as_of").fetchall()
    told = connection.execute(_EVENTS, {"case": found.case_guid}).fetchall()
    return Story(
        service_request=head["ServiceRequest"],
        case_guid=found.case_guid,
        asked_event=found.event_id,
        as_of=as_of,
        attributes=tuple(_attributes(head)),
        events=tuple(ToldEvent(*(*row[:9], MEANINGS.get(row[8], ""), *row[9:])) for row in told),
        set_aside=set_aside_of(connection, found.case_guid),
        gaps=gaps_of(connection, head),
        failed_checks=failed_checks_of(connection, found.case_guid, head["ServiceRequest"]),
    )


def _attributes(head: dict[str, Any]) -> list[Attribute]:
    return [Attribute(name, head[name], _basis(head, name)) for name in _HEAD]


def _basis(head: dict[str, Any], name: str) -> str | None:
    column = _BASES.get(name)
    basis = head[column] if column else None
    if name == "IsFirstContactResolution" and basis is None:
        basis = head["FcrEvidence"] and f"not testable: {head['FcrEvidence']}"
    return None if basis is None else str(basis)


def _row(connection: duckdb.DuckDBPyConnection, sql: str, case: str) -> dict[str, Any]:
    cursor = connection.execute(sql, {"case": case})
    names = [column[0] for column in cursor.description or ()]
    [values] = cursor.fetchall()
    return dict(zip(names, values, strict=True))
