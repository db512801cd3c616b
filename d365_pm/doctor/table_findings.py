"""Findings about tables: there or not, readable or not, their columns and change tracking. Pure."""

from collections.abc import Iterator
from functools import cache

from d365_pm.dataverse import TABLES
from d365_pm.doctor import remedies
from d365_pm.doctor.facts import Depth, Facts, TableFacts
from d365_pm.doctor.finding import Finding, Severity
from d365_pm.doctor.sources import Standing, load_sources

_SHORTEST_TRACKING = 7
"""Days that Microsoft keeps delta links unless told otherwise (Web API reference 5.2)."""


def table_findings(facts: Facts) -> Iterator[Finding]:
    """Findings about every table of the registry."""
    tables = [table for table in facts.tables.values() if table.name != "audit"]
    for table in tables:
        yield from _presence(table)
        yield from _columns(table)
    yield from _summary(tables)
    yield from _tracking(facts)


@cache
def needed_columns() -> frozenset[tuple[str, str]]:
    """Tables and columns that the main way to some activity or attribute needs."""
    plain = [
        need
        for source in load_sources()
        if source.standing is Standing.MAIN
        for need in source.needs
        if ":" not in need and "@" not in need
    ]
    return frozenset((table, column) for table, _, column in (need.partition(".") for need in plain))


def _presence(table: TableFacts) -> Iterator[Finding]:
    if table.is_missing:
        is_needed = any(name == table.name for name, _ in needed_columns())
        severity = Severity.LOSS if is_needed else Severity.ADVICE
        severity = Severity.FATAL if table.is_required else severity
        yield Finding("table", severity, f"The environment has no table {table.name}.", remedies.install(table.name))
    elif table.is_unknown:
        sentence = f"It is not known whether {table.name} can be read."
        yield Finding("table", Severity.LOSS, sentence, remedies.ASK_AGAIN)
    elif table.refusal:
        sentence = f"The application user may not read {table.name}; a load stops at it."
        yield Finding("privilege", Severity.FATAL, sentence, remedies.grant_read(table.name))
    elif table.depth not in {None, Depth.NONE, Depth.ORGANIZATION}:
        sentence = f"Of {table.name} only rows at depth {table.depth} are read; the others are left out without a word."
        yield Finding("privilege", Severity.LOSS, sentence, remedies.grant_read(table.name))


def _columns(table: TableFacts) -> Iterator[Finding]:
    if not table.is_readable:
        return
    for column in sorted(table.blank_columns):
        sentence = f"{table.name}.{column} is secured and comes empty."
        yield Finding("column", Severity.LOSS, sentence, remedies.open_column(table.name, column))
    for column in sorted(table.missing_columns):
        severity = _gravity(table.name, column)
        sentence = f"{table.name} has no column {column} that can be read."
        yield Finding("column", severity, sentence, remedies.restore_column(table.name, column))


def _gravity(table: str, column: str) -> Severity:
    if any(each.name == column and each.required for each in TABLES[table].columns):
        return Severity.FATAL
    return Severity.LOSS if (table, column) in needed_columns() else Severity.ADVICE


def _summary(tables: list[TableFacts]) -> Iterator[Finding]:
    readable = [table for table in tables if table.is_readable]
    whole = [table for table in readable if table.depth is Depth.ORGANIZATION]
    sentence = f"{len(readable)} of {len(tables)} tables can be read, {len(whole)} of them at organisation depth"
    rest = ""
    if len(whole) < len(readable):
        rest = f"; for {len(readable) - len(whole)} the depth is narrower or not told"
    yield Finding("tables", Severity.OK, f"{sentence}{rest}.")


def _tracking(facts: Facts) -> Iterator[Finding]:
    untracked = sorted(table.name for table in facts.tables.values() if table.is_readable and table.is_tracked is False)
    if untracked:
        sentence = (
            f"{len(untracked)} tables do not track changes and are read again by time or whole: {', '.join(untracked)}."
        )
        remedy = f"Only for speed, and only where it can be enabled (it cannot be undone): {remedies.TRACK}"
        yield Finding("change_tracking", Severity.ADVICE, sentence, remedy)
    days = facts.organization.tracking_days
    if days is not None and days < _SHORTEST_TRACKING:
        sentence = f"Delta links live {days} days only; after a longer pause the tables are read again."
        remedy = f"{remedies.ADMIN}: raise organization.expirechangetrackingindays to {_SHORTEST_TRACKING} or more."
        yield Finding("change_tracking", Severity.ADVICE, sentence, remedy)
