"""The settings that a doctor reads, and the columns that a role hides, as the switches want them.

Belongs here: the organisation's row, the caller's settings, columns under security (Web API reference 1.5, 1.8, 7.1).
Does not belong here: rows that exist in every environment (`given.py`).
"""

from typing import Any

import polars as pl

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.switches import Switches


def write_settings(environment: Environment) -> None:
    """Write the settings that the switches name into their rows."""
    switches = environment.switches
    for name, key, row_id, facts in (
        ("organization", "organizationid", environment.organization_id, _organization(switches)),
        ("usersettings", "systemuserid", environment.user_id, switches.user_settings),
    ):
        if facts and name in environment.tables:
            environment.upsert(name, [{key: row_id, **facts}])


def _organization(switches: Switches) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if switches.audit_off:
        facts["isauditenabled"] = False
    if switches.audit_retention_days is not None:
        facts["auditretentionperiodv2"] = switches.audit_retention_days
    return {**facts, **switches.organization}


def hide_secured_columns(environment: Environment) -> None:
    """Empty the columns that the caller may not read; a row that gets a value later is emptied again."""
    for name in environment.switches.secured_columns:
        table_name, _, column_name = name.partition(".")
        table = environment.tables.get(table_name)
        column = table.definition.by_name.get(column_name) if table else None
        if table is None or column is None or column.wire_name not in table.rows.columns:
            continue
        kept = [each for each in ("modifiedon", "createdon") if each in table.rows.columns]
        shown = table.rows.filter(pl.col(column.wire_name).is_not_null())
        if shown.height:
            empty = pl.lit(None, dtype=table.rows.schema[column.wire_name]).alias(column.wire_name)
            environment.upsert(table_name, shown.select(table.definition.key, *kept, empty))
