"""Rows of a case that were read and made no event, each with the reason.

Belongs here: which rows have no event, found by looking for them among the events. The reason repeats what the models
decided; the rules themselves stay in `dbt_like_sql`.
"""

from typing import Any

import duckdb

from d365_pm.explain import silent_changes, silent_records
from d365_pm.explain.story import SetAside

_OWN = "with own as (select * from marts.events where CaseGuid = $case)\n"
_QUESTIONS = (
    *(silent_records.EMAILS, silent_changes.ESCALATIONS, silent_changes.CATEGORIES, silent_records.INVITATIONS),
    *(silent_records.ARTICLES, silent_changes.CLOCKS, silent_changes.PICKS, silent_changes.OWNERS),
    *(silent_changes.STATUSES, silent_records.CONTACTS),
)
_ACTIVITIES = "select table_name from duckdb_tables() where schema_name = 'activities' order by all"


def set_aside_of(connection: duckdb.DuckDBPyConnection, case: str) -> tuple[SetAside, ...]:
    """Everything of a case that made no event, in the order of time."""
    found = [_told(row) for asked in _QUESTIONS for row in connection.execute(_OWN + asked, {"case": case}).fetchall()]
    beyond = _beyond_time(connection)
    if beyond:
        found += [_told(row) for row in connection.execute(beyond, {"case": case}).fetchall()]
    # One row of evidence may be named by two queries; the one that knows more comes first.
    unique = {(each.source_table, each.source_row, each.what.split(":")[0]): each for each in reversed(found)}
    return tuple(sorted(unique.values(), key=_order))


def _told(row: tuple[Any, ...]) -> SetAside:
    time, what, why, table, key = row
    return SetAside(time, what, why, table, str(key))


def _order(each: SetAside) -> tuple[bool, float, str, str]:
    return (each.time is None, each.time.timestamp() if each.time else 0.0, each.what, each.source_row)


def _beyond_time(connection: duckdb.DuckDBPyConnection) -> str:
    tables = [name for (name,) in connection.execute(_ACTIVITIES).fetchall()]
    return "\nunion all\n".join(silent_records.BEYOND_TIME.format(table=f'activities."{name}"') for name in tables)
