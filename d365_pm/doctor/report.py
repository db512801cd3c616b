"""The doctor's report: findings, forecast and load of one environment, and its stable form for machines.

Pure. The keys of `as_json` are documented in the README and only ever grow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from d365_pm.doctor.facts import Facts
from d365_pm.doctor.finding import Finding, Severity
from d365_pm.doctor.findings import find
from d365_pm.doctor.forecast import Loss, Outlook, Verdict, forecast
from d365_pm.doctor.load import LoadForecast, forecast_load
from d365_pm.doctor.sources import is_activity

FORM = 1
"""Version of the JSON form; a key that is removed or changes its meaning raises it."""


class Status(IntEnum):
    """The state of an environment; the number is the exit status of the command."""

    HEALTHY = 0
    UNUSABLE = 1
    LOSSES = 2


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor says of an environment.

    Attributes:
        facts: What was found out.
        findings: One line per check, the gravest first.
        outlooks: The forecast per activity and attribute; empty where nothing could be asked.
        load: The cost of a full load; None where nothing could be asked.
    """

    facts: Facts
    findings: tuple[Finding, ...]
    outlooks: tuple[Outlook, ...]
    load: LoadForecast | None

    @property
    def status(self) -> Status:
        """Unusable with a fatal finding; losses with a lossy one or a forecast that is not complete."""
        severities = {finding.severity for finding in self.findings}
        if Severity.FATAL in severities:
            return Status.UNUSABLE
        is_whole = all(outlook.verdict is Verdict.COMPLETE for outlook in self.outlooks)
        return Status.HEALTHY if is_whole and Severity.LOSS not in severities else Status.LOSSES

    @property
    def activities(self) -> tuple[Outlook, ...]:
        """The forecast of the activities."""
        return tuple(outlook for outlook in self.outlooks if is_activity(outlook.subject))

    @property
    def attributes(self) -> tuple[Outlook, ...]:
        """The forecast of the attributes."""
        return tuple(outlook for outlook in self.outlooks if not is_activity(outlook.subject))


def judge(facts: Facts) -> Report:
    """Make the report from the facts."""
    if facts.failure:
        return Report(facts, find(facts), (), None)
    return Report(facts, find(facts), forecast(facts), forecast_load(facts))


def as_json(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "form": FORM,
        "status": report.status.name.lower(),
        "exit_status": int(report.status),
        "environment": _environment(report.facts),
        "findings": [_finding(finding) for finding in report.findings],
        "activities": [_outlook(outlook) for outlook in report.activities],
        "attributes": [_outlook(outlook) for outlook in report.attributes],
        "load": _load(report.load) if report.load else None,
    }


def _environment(facts: Facts) -> dict[str, Any]:
    caller, organization = facts.caller, facts.organization
    return {
        "asked_at": _moment(facts.asked_at),
        "address": facts.address,
        "sign_in": facts.sign_in,
        "version": facts.version,
        "user_id": caller.user_id if caller else None,
        "organization_id": caller.organization_id if caller else None,
        "user_language": caller.language if caller else None,
        "user_time_zone_code": caller.time_zone_code if caller else None,
        "label_languages": sorted(facts.label_languages) if facts.label_languages else None,
        "is_audited": organization.is_audited,
        "audit_retention_days": organization.retention_days,
        "audit_begins": {table: _moment(facts.audit.started(table)) for table in sorted(facts.audit.earliest)},
        "audit_route": facts.audit.route,
        "change_tracking_days": organization.tracking_days,
        "tracked_tables": sorted(table.name for table in facts.tables.values() if table.is_tracked),
        "missing_tables": sorted(table.name for table in facts.tables.values() if table.is_missing),
    }


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "check": finding.check,
        "severity": str(finding.severity),
        "finding": finding.finding,
        "remedy": finding.remedy,
    }


def _outlook(outlook: Outlook) -> dict[str, Any]:
    return {
        "name": outlook.subject,
        "verdict": str(outlook.verdict),
        "since": _moment(outlook.since),
        "reasons": list(outlook.reasons),
        "remedies": list(outlook.remedies),
        "losses": _losses(outlook.losses),
        "rules": [
            {"part": way.source.part, "rule": way.source.rule, "standing": str(way.source.standing), "state": way.state}
            for way in outlook.ways
        ],
    }


def _losses(losses: Sequence[Loss]) -> list[dict[str, Any]]:
    return [
        {"part": loss.part, "left": loss.tells, "fallback": loss.rule, "since": _moment(loss.since)} for loss in losses
    ]


def _load(load: LoadForecast) -> dict[str, Any]:
    return {
        "requests": load.requests,
        "seconds_per_page": load.seconds_per_page,
        "seconds": load.seconds,
        "parallelism": load.parallelism,
        "parallel_seconds": load.parallel_seconds,
        "uncounted_tables": list(load.uncounted),
        "tables": [
            {"table": each.table, "rows": each.rows, "pages": each.pages, "seconds": each.seconds}
            for each in load.tables
        ],
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
