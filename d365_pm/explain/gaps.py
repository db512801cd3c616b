"""What cannot be known about a case, in sentences."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import duckdb

_COVERAGE = {
    "OwnerAuditCoverage": ("owner", "assignments may be missing"),
    "StatusAuditCoverage": ("state and status reason", "requests, reactivations and closings may be missing"),
    "EscalationAuditCoverage": ("escalation flag", "escalations may be missing"),
    "CategoryAuditCoverage": ("category", "changes of category may be missing"),
}
_COLUMNS = {
    "ownerid": "owner",
    "statecode": "state",
    "statuscode": "status reason",
    "isescalated": "escalation flag",
}
_BLIND = """
    select distinct b.column_name, b.blind_from, b.blind_until from staging.audit_blind_spot as b
    where b.case_id = $case order by all
"""
_UNREADABLE = "select count(*) from staging.unreadable_audit where case_id = $case"
_UNMAPPED = """
    select u.label, u.status_code from staging.unmapped_status as u
    where u.status_code in (
        select i.status_code from staging.incident as i where i.case_id = $case
        union
        select c.new_status from staging.state_change as c where c.case_id = $case
    )
    order by all
"""


def gaps_of(connection: duckdb.DuckDBPyConnection, head: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences on the gaps of a case.

    Args:
        connection: The published warehouse, with the time zone UTC.
        head: The row of the case in `marts.cases`.
    """
    case = {"case": head["CaseGuid"]}
    sentences = list(_coverage(head))
    if connection.execute(_UNREADABLE, case).fetchall()[0][0]:
        sentences.append("The case has audit rows whose values nobody can read, so some of its changes are unknown.")
    sentences += [_blind(*row) for row in connection.execute(_BLIND, case).fetchall()]
    sentences += [
        f"Status reason {label} ({code}) has no role, so the rules read nothing from it; `d365-pm rules suggest` "
        "proposes one."
        for label, code in connection.execute(_UNMAPPED, case).fetchall()
    ]
    return (*sentences, *_of_head(head))


def _coverage(head: Mapping[str, Any]) -> Iterator[str]:
    if head["AuditCoverage"] == "none":
        yield "No audit of this case exists: only what its own rows still show is in the log."
        return
    if head["AuditCoverage"] == "partial":
        yield "The audit does not cover the whole life of this case; absence of an event proves nothing in the gaps."
    for column, (what, loss) in _COVERAGE.items():
        if head[column] != "full" and head[column] != head["AuditCoverage"]:
            how = "is not audited" if head[column] == "none" else "is audited with gaps"
            yield f"The {what} {how}: {loss}."


def _blind(column: str, start: datetime, end: datetime | None) -> str:
    until = "until now" if end is None else f"until {end:%Y-%m-%d %H:%M:%S}"
    return f"Nobody saw changes of the {_COLUMNS.get(column, column)} from {start:%Y-%m-%d %H:%M:%S} {until}."


def _of_head(head: Mapping[str, Any]) -> Iterator[str]:
    if head["InferredReactivations"]:
        yield f"The case came back {head['InferredReactivations']} time(s) without anything that tells when."
    if head["SurveyEvidenceWithoutTime"]:
        yield "A survey went out, but nothing tells when."
    if head["StateOrderAnomaly"]:
        yield "Resolutions and reactivations do not alternate: one of them left no trace, or two rows tell the same."
    if head["IsImported"]:
        yield "The case was imported: what happened between its historical creation and the import is unknown."
    if head["CycleTimeAnomaly"]:
        yield "The last resolution is older than the case, so there is no cycle time."
