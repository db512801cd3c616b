"""The environment of the fault matrix: three tables of six small pages, and the changes between two runs.

Belongs here: rows and what happens to them. Nothing is random, so that every reader of every run meets the same.
"""

import datetime as dt
import uuid
from typing import Any

import pyarrow as pa

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.schema import TABLES

PAGE = 20
ROWS = 113
START = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
ENTITY_SETS = {"incident": "incidents", "email": "emails", "audit": "audits"}

Rows = list[dict[str, Any]]


def guid(*parts: object) -> str:
    """A GUID that depends on its parts alone."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, parts))))


def tables() -> dict[str, pa.Table]:
    """The desk before the first run."""
    users = [{"systemuserid": guid("user", n), "fullname": f"User {n}"} for n in range(3)]
    return {
        "incident": _arrow("incident", [_case(n) for n in range(ROWS)]),
        "email": _arrow("email", [_email(n) for n in range(ROWS)]),
        "audit": _arrow("audit", [_audit(n, _at(n)) for n in range(ROWS)]),
        "systemuser": _arrow("systemuser", users),
    }


def live_on(environment: Environment) -> None:
    """What happens between two runs: most rows change, some go, some come; enough for six pages of changes."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    environment.delete("incident", [guid("incident", n) for n in range(3)])
    environment.delete("email", [guid("email", n) for n in range(3)])
    late = range(ROWS, ROWS + 5)
    environment.upsert("incident", [_late(_case(n) | {"title": f"Changed {n}"}) for n in (*range(3, ROWS), *late)])
    environment.upsert("email", [_late(_email(n) | {"subject": f"Changed {n}"}) for n in (*range(3, ROWS), *late)])
    seconds = (dt.timedelta(seconds=n) for n in range(ROWS))
    environment.upsert("audit", [_audit(ROWS + n, now - step) for n, step in enumerate(seconds)])


def _late(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("modifiedon", "versionnumber")}


def _at(number: int) -> dt.datetime:
    return START + dt.timedelta(minutes=37 * number)


def _case(number: int) -> dict[str, Any]:
    return {
        "incidentid": guid("incident", number),
        "ticketnumber": f"CAS-{number:05d}",
        "title": f'Impressão "{number}"\n50 % \N{GRINNING FACE}',
        "statecode": number % 3,
        "statuscode": (1, 5, 6)[number % 3],
        "prioritycode": None if number % 5 == 0 else 2,
        "isescalated": number % 2 == 0,
        "createdon": _at(number),
        "modifiedon": _at(number) + dt.timedelta(minutes=5),
        "_ownerid_value": guid("user", number % 3),
        "_ownerid_type": "systemuser",
        "versionnumber": 1000 + number,
    }


def _email(number: int) -> dict[str, Any]:
    return {
        "activityid": guid("email", number),
        "subject": f"Re: {number} it's slow",
        "_regardingobjectid_value": guid("incident", number),
        "_regardingobjectid_type": "incident",
        "directioncode": number % 2 == 0,
        "createdon": _at(number),
        "modifiedon": _at(number),
        "senton": None if number % 4 == 0 else _at(number),
        "versionnumber": 5000 + number,
    }


def _audit(number: int, moment: dt.datetime) -> dict[str, Any]:
    return {
        "auditid": guid("audit", number),
        "createdon": moment,
        "action": 2,
        "operation": 2,
        "objecttypecode": "incident",
        "_objectid_value": guid("incident", number % ROWS),
        "_objectid_type": "incident",
        "_userid_value": guid("user", number % 3),
        "_userid_type": "systemuser",
        "changedata": f'{{"changedAttributes":[{{"logicalName":"title","oldValue":"a","newValue":"b{number}"}}]}}',
    }


def _arrow(table: str, rows: Rows) -> pa.Table:
    types = {column.wire_name: column.arrow_type for column in TABLES[table].columns}
    return pa.table({name: pa.array([row[name] for row in rows], types.get(name, pa.string())) for name in rows[0]})
