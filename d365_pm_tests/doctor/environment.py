"""Hand-made facts of an environment in which everything is as it should be; tests take away from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from d365_pm.dataverse import TABLES
from d365_pm.doctor.audit_history import READ_AUDIT, READ_AUDIT_VALUES, AuditHistory
from d365_pm.doctor.facts import Caller, Depth, Facts, Organization, PageTiming, TableFacts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST_CASE = datetime(2026, 1, 5, 9, tzinfo=UTC)
SHIPPED_RULES = frozenset(
    {"status_roles.in_progress", "status_roles.waiting_customer", "status_roles.resolved", "status_roles.cancelled"}
)
"""What the seeds say as they ship, as far as the forecast looks at it."""


def table(name: str) -> TableFacts:
    columns = frozenset(column.name for column in TABLES[name].columns)
    return TableFacts(
        name,
        is_required=TABLES[name].required,
        depth=Depth.ORGANIZATION,
        is_audited=name in {"incident", "queueitem"},
        audited_columns=columns if name in {"incident", "queueitem"} else frozenset(),
        is_tracked=True,
        rows=1000,
        oldest=FIRST_CASE if name in {"incident", "queueitem"} else None,
    )


def healthy(**changes: Any) -> Facts:
    facts = Facts(
        asked_at=NOW,
        address="contoso.crm2.dynamics.com",
        sign_in="certificate",
        version="9.2.25083.00190",
        caller=Caller("a71c", "11d2", 1046, 65),
        organization=Organization(is_audited=True, retention_days=-1, tracking_days=7, language=1046),
        tables={name: table(name) for name in TABLES},
        privileges={READ_AUDIT: True, READ_AUDIT_VALUES: True},
        audit=AuditHistory({"incident": FIRST_CASE, "queueitem": FIRST_CASE}, (), True, "changedata"),
        label_languages=frozenset({1033, 1046}),
        requests_hint=8,
        timings=(PageTiming("incident", 5000, 2.0), PageTiming("audit", 5000, 1.0)),
        rules=SHIPPED_RULES,
        chosen_columns={"categorization_columns": ("subjectid",), "escalation_columns": ()},
    )
    return replace(facts, **changes)


def with_table(facts: Facts, name: str, **changes: Any) -> Facts:
    return replace(facts, tables={**facts.tables, name: replace(facts.tables[name], **changes)})


def without_audit_of(facts: Facts, name: str, column: str) -> Facts:
    return with_table(facts, name, audited_columns=facts.tables[name].audited_columns - {column})


def audit_off() -> Facts:
    organization = Organization(is_audited=False, retention_days=-1, tracking_days=7, language=1046)
    return healthy(organization=organization, audit=AuditHistory())


def days(number: int) -> timedelta:
    return timedelta(days=number)
