"""Whether the environment has what one way of evidence needs.

Belongs here: one need of `sources.csv` against the facts. Does not belong here: weighing ways against each other
(`forecast.py`). Pure: facts in, gaps out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from d365_pm.doctor import remedies
from d365_pm.doctor.audit_history import READ_AUDIT
from d365_pm.doctor.facts import Depth, Facts, TableFacts

# The audit row of a creation is written with the row, but both show whole seconds.
_SAME_MOMENT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not as it should be.

    Attributes:
        reason: What, as a sentence.
        remedy: Who changes what; empty where nothing can be changed any more.
        is_blocking: The way cannot be used at all.
        since: From this instant on the way is whole, if time is what limits it.
        is_absent: The environment has no such thing, so that nothing of it can be lost.
    """

    reason: str
    remedy: str = ""
    is_blocking: bool = True
    since: datetime | None = None
    is_absent: bool = False


def gaps(facts: Facts, need: str) -> Iterator[Gap]:
    """What stands against one need."""
    kind, _, name = need.rpartition(":")
    if kind == "rule":
        if name not in facts.rules:
            yield Gap(f"The organisation has configured no {name}.", remedies.configure(name), is_absent=True)
        return
    table, _, column = name.partition(".")
    if column.startswith("@"):
        for chosen in facts.chosen_columns.get(column[1:], ()):
            yield from gaps(facts, f"{kind}:{table}.{chosen}" if kind else f"{table}.{chosen}")
        return
    yield from _audit_gaps(facts, table, column) if kind == "audit" else _column_gaps(facts, table, column)


def _column_gaps(facts: Facts, name: str, column: str) -> Iterator[Gap]:
    table = facts.tables.get(name, TableFacts(name))
    if table.is_missing:
        yield Gap(f"The environment has no table {name}.", remedies.install(name), is_absent=True)
    elif table.is_unknown:
        yield Gap(f"It is not known whether {name} can be read.", remedies.ASK_AGAIN)
    elif table.refusal:
        yield Gap(f"The application user may not read {name}.", remedies.grant_read(name))
    elif column in table.missing_columns:
        yield Gap(f"{name} has no column {column}.", remedies.restore_column(name, column))
    elif column in table.blank_columns:
        yield Gap(f"{name}.{column} is secured and comes empty.", remedies.open_column(name, column))
    else:
        yield from _depth_gaps(table)


def _depth_gaps(table: TableFacts) -> Iterator[Gap]:
    if table.depth not in {None, Depth.NONE, Depth.ORGANIZATION}:
        reason = f"Only rows of {table.name} at depth {table.depth} are read; the others are left out without a word."
        yield Gap(reason, remedies.grant_read(table.name), is_blocking=False)


def _audit_gaps(facts: Facts, name: str, column: str) -> Iterator[Gap]:
    """What stands against knowing every change of a column; nothing but the first obstacle where it blocks."""
    blocked = next(_audit_obstacles(facts, name, column), None)
    if blocked:
        yield blocked
        return
    if facts.organization.is_audited is False or facts.tables[name].is_audited is False:
        off = _switched_off(facts, name)
        yield Gap(off.reason + " Earlier changes are still there.", off.remedy, is_blocking=False)
    yield from time_gaps(facts, name)


def _audit_obstacles(facts: Facts, name: str, column: str) -> Iterator[Gap]:
    table, audit = facts.tables.get(name, TableFacts(name)), facts.tables.get("audit", TableFacts("audit"))
    has_rows = name in facts.audit.earliest
    if table.is_missing:
        yield Gap(f"The environment has no table {name}.", remedies.install(name), is_absent=True)
    if facts.privileges.get(READ_AUDIT) is False or audit.refusal:
        yield Gap("The application user may not read the audit history.", remedies.grant_audit_summary())
    if audit.is_missing:
        yield Gap("The environment shows no audit table.", remedies.grant_audit_summary())
    if table.is_unknown or audit.is_unknown:
        yield Gap(f"It is not known whether changes of {name} are audited.", remedies.ASK_AGAIN)
    is_off = facts.organization.is_audited is False or table.is_audited is False
    if is_off and not has_rows:
        yield _switched_off(facts, name)
    if column and table.is_audited is not None and column not in table.audited_columns:
        yield Gap(f"Changes of {name}.{column} are not audited.", remedies.audit_column(name, column))
    if facts.audit.can_read_values is False:
        yield Gap("The old and new values of audit rows cannot be read.", remedies.grant_audit_history())


def _switched_off(facts: Facts, name: str) -> Gap:
    if facts.organization.is_audited is False:
        return Gap("Auditing is switched off for the whole environment.", remedies.audit_organization())
    return Gap(f"Auditing is switched off for the table {name}.", remedies.audit_table(name))


def time_gaps(facts: Facts, name: str) -> Iterator[Gap]:
    """Spans of a table's life of which the audit does not tell."""
    if not facts.audit.is_examined or facts.organization.is_audited is None:
        reason = f"It is not known since when the audit tells of {name}."
        yield Gap(reason, remedies.ASK_AGAIN, is_blocking=False)
        return
    oldest = facts.tables.get(name, TableFacts(name)).oldest
    if oldest is None:
        return
    for gap in _limits(facts, name):
        if gap.since is None or gap.since > oldest + _SAME_MOMENT:
            yield gap


def _limits(facts: Facts, name: str) -> Iterator[Gap]:
    """Each instant before which the audit says nothing, as a gap."""
    started = facts.audit.started(name)
    if started is None:
        yield Gap(f"The audit has no row of {name} yet.", "", is_blocking=False, since=facts.asked_at)
    else:
        yield Gap(f"The audit of {name} begins on {started:%Y-%m-%d}.", "", is_blocking=False, since=started)
    if facts.horizon:
        days = facts.organization.retention_days
        reason = f"Audit rows expire after {days} days; what is older than {facts.horizon:%Y-%m-%d} may be gone."
        yield Gap(reason, remedies.keep_audit(), is_blocking=False, since=facts.horizon)
    if facts.audit.interruption and facts.audit.interruption[0] > (started or facts.audit.interruption[0]):
        yield _interrupted(*facts.audit.interruption)


def _interrupted(off: datetime, on: datetime | None) -> Gap:
    if on is None:
        reason = f"A part of auditing was switched off on {off:%Y-%m-%d} and not on again."
        return Gap(reason, remedies.audit_organization(), is_blocking=False)
    return Gap(f"Auditing was interrupted between {off:%Y-%m-%d} and {on:%Y-%m-%d}.", "", is_blocking=False, since=on)
