"""Findings about auditing: the three switches, who may read it, since when it tells. Pure."""

from collections.abc import Iterator

from d365_pm.doctor import remedies
from d365_pm.doctor.audit_history import READ_AUDIT, READ_AUDIT_VALUES
from d365_pm.doctor.facts import Facts, TableFacts
from d365_pm.doctor.finding import Finding, Severity
from d365_pm.doctor.needs import Gap, time_gaps
from d365_pm.doctor.sources import Standing, load_sources

_KIND = "audit:"


def audit_findings(facts: Facts) -> Iterator[Finding]:
    """Everything that stands against a whole audit history, or one line that nothing does."""
    found = [*_privileges(facts), *_switches(facts), *_times(facts)]
    yield from found
    if not any(finding.severity in {Severity.FATAL, Severity.LOSS} for finding in found):
        yield Finding("audit", Severity.OK, _praise(facts))
    yield from _retention(facts)


def audited_columns(facts: Facts) -> list[tuple[str, str]]:
    """Tables and columns whose changes the configured rules need."""
    wanted: dict[tuple[str, str], None] = {}
    for source in load_sources():
        rules = [need.removeprefix("rule:") for need in source.needs if need.startswith("rule:")]
        if source.standing is Standing.BONUS or not facts.rules.issuperset(rules):
            continue
        for need in source.needs:
            table, _, column = need.removeprefix(_KIND).partition(".")
            if need.startswith(_KIND) and column:
                chosen = facts.chosen_columns.get(column[1:], ()) if column.startswith("@") else (column,)
                wanted |= dict.fromkeys((table, each) for each in chosen)
    return sorted(wanted)


def _privileges(facts: Facts) -> Iterator[Finding]:
    audit = facts.tables.get("audit", TableFacts("audit"))
    if facts.privileges.get(READ_AUDIT) is False or audit.refusal or audit.is_missing:
        sentence = "The application user may not read the audit history (prvReadAuditSummary); a load stops at it."
        yield Finding("audit.privilege", Severity.FATAL, sentence, remedies.grant_audit_summary())
    elif facts.audit.can_read_values is False:
        sentence = (
            "The old and new values of audit rows cannot be read by any route (prvReadRecordAuditHistory); a load "
            "stops at them."
        )
        yield Finding("audit.privilege", Severity.FATAL, sentence, remedies.grant_audit_history())
    elif facts.privileges.get(READ_AUDIT_VALUES) is False:
        sentence = (
            "The application user may not call the audit functions (prvReadRecordAuditHistory); they are needed where "
            "audit rows come without their values."
        )
        yield Finding("audit.privilege", Severity.ADVICE, sentence, remedies.grant_audit_history())


def _switches(facts: Facts) -> Iterator[Finding]:
    if facts.organization.is_audited is False:
        sentence = "Auditing is switched off for the whole environment; nothing is recorded."
        yield Finding("audit.organization", Severity.LOSS, sentence, remedies.audit_organization())
    wanted = audited_columns(facts)
    for name in dict.fromkeys(table for table, _ in wanted):
        table = facts.tables.get(name, TableFacts(name))
        if table.is_audited is False and not table.is_missing:
            sentence = f"Auditing is switched off for the table {name}."
            yield Finding("audit.table", Severity.LOSS, sentence, remedies.audit_table(name))
    for name, column in wanted:
        table = facts.tables.get(name, TableFacts(name))
        if table.is_audited and column not in table.audited_columns | table.missing_columns:
            sentence = f"Changes of {name}.{column} are not audited."
            yield Finding("audit.column", Severity.LOSS, sentence, remedies.audit_column(name, column))


def _times(facts: Facts) -> Iterator[Finding]:
    if facts.organization.is_audited is False or facts.privileges.get(READ_AUDIT) is False:
        return
    gaps: dict[Gap, None] = {}
    for name in dict.fromkeys(table for table, _ in audited_columns(facts)):
        table = facts.tables.get(name, TableFacts(name))
        if table.is_audited is not False and table.is_readable:
            gaps |= dict.fromkeys(time_gaps(facts, name))
    for gap in gaps:
        remedy = gap.remedy or "Nothing brings back what was not recorded; from now on the history is whole."
        yield Finding("audit.coverage", Severity.LOSS, gap.reason, remedy)


def _praise(facts: Facts) -> str:
    begins = [moment for moment in (facts.audit.started(name) for name in ("incident", "queueitem")) if moment]
    since = f" since {max(begins):%Y-%m-%d}" if begins else ""
    route = f", read by the route {facts.audit.route}" if facts.audit.route else ""
    return f"Every column that the log needs is audited{since}{route}."


def _retention(facts: Facts) -> Iterator[Finding]:
    days = facts.organization.retention_days
    if days is not None and days >= 0 and facts.organization.is_audited is not False:
        sentence = f"Audit rows are kept for {days} days and then vanish for good."
        yield Finding("audit.retention", Severity.ADVICE, sentence, remedies.keep_audit())
