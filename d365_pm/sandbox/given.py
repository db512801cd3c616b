"""Rows that every environment has, for those who bring none: its organisation and the caller's settings.

Belongs here: the few rows without which an environment would not be one. Whatever was brought stands.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from d365_pm.sandbox.conform import engine_type
from d365_pm.sandbox.schema import Table
from d365_pm.sandbox.stored import StoredTable, stable_id
from d365_pm.sandbox.switches import Switches

_BRASILIA = 65
_FOREVER = -1


def caller_id(tables: Mapping[str, StoredTable]) -> str:
    """Id of the application user: the first user with an application id, else one that has no row."""
    users = tables.get("systemuser")
    if users is None or "applicationid" not in users.rows.columns:
        return stable_id("application user")
    ids = users.rows.filter(pl.col("applicationid").is_not_null())["systemuserid"].sort()
    return str(ids[0]) if len(ids) else stable_id("application user")


def with_given_rows(tables: Mapping[str, StoredTable], switches: Switches) -> dict[str, StoredTable]:
    """Add the rows that nobody brought."""
    completed = dict(tables)
    audit = tables.get("audit")
    organization = {
        "organizationid": stable_id("organization"),
        "name": "sandbox",
        "isauditenabled": audit is not None and not audit.rows.is_empty(),
        "auditretentionperiodv2": _FOREVER,
        "expirechangetrackingindays": 7,
        "expiresubscriptionsindays": 90,
        "languagecode": switches.user_language,
    }
    settings = {
        "systemuserid": caller_id(tables),
        "uilanguageid": switches.user_language,
        "localeid": switches.user_language,
        "timezonecode": _BRASILIA,
    }
    for name, row in (("organization", organization), ("usersettings", settings)):
        if name in completed and completed[name].rows.is_empty():
            definition = completed[name].definition
            completed[name] = StoredTable(definition, _one_row(definition, row))
    return completed


def _one_row(definition: Table, row: Mapping[str, Any]) -> pl.DataFrame:
    types = {name: engine_type(definition.by_name[name]) for name in row}
    return pl.DataFrame({name: [value] for name, value in row.items()}, schema=types)
