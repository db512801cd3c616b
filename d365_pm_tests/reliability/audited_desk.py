"""A generated desk whose audit history also has the values that a desk's own life does not show."""

import json
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from d365_pm.sandbox.desk import generate

END = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
LONG = "Ação " * 1500
"""7,500 characters: more than the store keeps."""

_LINKED = "39e0dbe4-131b-e111-ba7e-000000000007"

ODD_CHANGES = (
    ("escalatedon", None, "2026-02-09T12:14:03Z"),
    ("escalatedon", "02/09/2026 12:14:03", "2026-02-09T12:15:00Z"),
    ("description", None, LONG),
    ("description", LONG, LONG + "!"),
    ("description", "Wait…", None),
    ("onholdtime", "0", "90"),
    ("isescalated", "False", "True"),
    ("title", 'Quote " and \\ and\nline', "Ünïcode 🙂"),
    ("ownerid", "systemuser,4026be43-6b69-e111-8f65-000000000001", "team,39e0dbe4-131b-e111-ba7e-000000000002"),
    ("subjectid", "subject,39e0dbe4-131b-e111-ba7e-000000000002", None),
)
"""Types of values that cases may have; each becomes one audit row."""


def audited_desk(cases: int) -> dict[str, pa.Table]:
    """Tables of a desk with odd audit rows and interruptions of auditing, in order of time."""
    tables = dict(generate(cases=cases, seed=5, end=END).tables)
    audit = tables["audit"]
    odd = pa.Table.from_pylist(list(_odd_rows(audit)), schema=audit.schema)
    tables["audit"] = pa.concat_tables([audit, odd]).sort_by("createdon")
    return tables


def _odd_rows(audit: pa.Table) -> list[dict[str, Any]]:
    rows_of_desk = audit.to_pylist()
    pattern = next(
        row
        for row in rows_of_desk
        if row["operation"] == 2 and row["objecttypecode"] == "incident" and row["action"] not in {105, 107}
    )
    switch = next(row for row in rows_of_desk if row["action"] == 105)
    rows = []
    for number, (name, old, new) in enumerate(ODD_CHANGES):
        change = {"logicalName": name, "oldValue": old, "newValue": new}
        text = json.dumps({"changedAttributes": [change]}, ensure_ascii=False)
        rows.append(pattern | _own(number, pattern["createdon"]) | {"changedata": text})
    link = '{"relationshipName":"knowledgebaserecord_incident","targetRecords":["knowledgebaserecord,' + _LINKED + '"]}'
    rows.append(pattern | _own(100, pattern["createdon"]) | {"action": 33, "changedata": link})
    for number, action in enumerate((110, 107), start=len(ODD_CHANGES)):
        rows.append(switch | _own(number, pattern["createdon"]) | {"action": action})
    return rows


def _own(number: int, moment: datetime) -> dict[str, Any]:
    return {
        "auditid": f"0dd00000-0000-4000-8000-{number:012d}",
        "createdon": moment + timedelta(minutes=number),
    }
