"""Audit rows that a test writes by hand, word by word, where `Desk.audit` would put them right."""

import json
from typing import Any

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.raw_rows import Row

LEVEL = {"escalation_columns": [{"column_name": "new_level", "escalated_value": "high"}]}
"""A column of the organisation that holds any text."""


def audit_row(desk: Desk, name: str, changes: Any, **columns: Any) -> str:
    """An audit row of a case with any text."""
    text = changes if isinstance(changes, str) else json.dumps({"changedAttributes": changes})
    written: Row = {"createdon": "11:00", "operation": 2, "action": 2, "objecttypecode": "incident", "userid": "bob"}
    return desk.row("audit", name, **(written | {"objectid": ("incident", "c1"), "changedata": text} | columns))


def entry(column: str, old: str | None, new: str | None) -> dict[str, str | None]:
    """One column of an audit row: old and new text."""
    return {"logicalName": column, "oldValue": old, "newValue": new}
