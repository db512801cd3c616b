"""Reading, writing and adding audit rows of a desk, for the oddities. Does not belong here: what is odd."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from d365_pm_tests.recount.raw import Row, Rows

Entry = tuple[str, str | None, str | None]
"""Column, old value, new value."""

SECOND = timedelta(seconds=1)
CREATE, UPDATE, UPSERT = 1, 2, 5


def some(rows: list[Row], random: Random, share: float = 0.4) -> list[Row]:
    """About that share of rows."""
    return [row for row in rows if random.random() < share]


def some_audits(rows: Rows, random: Random, *tables: str, updates: bool = False, share: float = 0.4) -> list[Row]:
    """Some audit rows of tables."""
    found = [row for row in rows["audit"] if row["objecttypecode"] in tables and row["changedata"]]
    return some([row for row in found if not updates or row["operation"] == UPDATE], random, share)


def audits_of(rows: Rows, record: str) -> list[Row]:
    """Audit rows of one record."""
    return [row for row in rows["audit"] if row["_objectid_value"] == record]


def entries_of(audit: Row) -> list[Entry]:
    """What an audit row says."""
    changes = json.loads(audit["changedata"])["changedAttributes"]
    return [(each["logicalName"], each["oldValue"], each["newValue"]) for each in changes]


def write(audit: Row, entries: Sequence[Entry]) -> None:
    """Make an audit row say something else."""
    changes = [{"logicalName": column, "oldValue": old, "newValue": new} for column, old, new in entries]
    audit["changedata"] = json.dumps({"changedAttributes": changes})


def sets(audit: Row, column: str, new: str) -> bool:
    """Whether an audit row sets a column to a value."""
    return any((name, value) == (column, new) for name, _, value in entries_of(audit))


def add(
    rows: Rows, random: Random, like: Row, at: datetime, entries: Sequence[Entry], *, action: int | None = None
) -> Row:
    """Add an update of the same record by the same user."""
    own = {"operation": UPDATE, "action": action or like["action"], "auditid": new_id(random), "createdon": at}
    audit = like | own
    write(audit, entries)
    rows["audit"].append(audit)
    return audit


def new_id(random: Random) -> str:
    """A GUID."""
    return str(UUID(int=random.getrandbits(128), version=4))
