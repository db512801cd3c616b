"""Audit rows read back from their text, as the tests need them."""

import json
from dataclasses import dataclass
from datetime import datetime

from d365_pm.sandbox.desk import Desk


@dataclass(frozen=True, slots=True)
class Change:
    """One column of one audited operation."""

    audit: str
    table: str
    record: str
    at: datetime
    actor: str
    operation: int
    column: str
    old: str | None
    new: str | None


def changes(desk: Desk) -> list[Change]:
    """All changes in the order in which they were written."""
    found: list[Change] = []
    for row in desk.tables["audit"].to_pylist():
        if row["changedata"] is None:
            continue
        found.extend(
            Change(
                row["auditid"],
                row["objecttypecode"],
                row["_objectid_value"],
                row["createdon"],
                row["_userid_value"],
                row["operation"],
                attribute["logicalName"],
                attribute["oldValue"],
                attribute["newValue"],
            )
            for attribute in json.loads(row["changedata"])["changedAttributes"]
        )
    return found
