"""What the application user's role allows, as the role's own functions tell it.

Belongs here: the names of privileges, which are missing and how deep they reach (Web API reference 1.5). Does not
belong here: refusing a table (`environment.py`, `switches.py`).
"""

import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from d365_pm.sandbox.answers import Answer, json_answer
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.errors import lacks_privilege, no_record
from d365_pm.sandbox.options import parameters
from d365_pm.sandbox.records_api import Call
from d365_pm.sandbox.stored import StoredTable, stable_id

_NAMESPACE = "Microsoft.Dynamics.CRM"
AUDIT_PRIVILEGES = ("prvReadAuditSummary", "prvReadRecordAuditHistory", "prvReadAuditPartitions")
_PATH = re.compile(
    rf"systemusers\((?P<user>[^()]*)\)/{re.escape(_NAMESPACE)}\.RetrieveUserPrivilege"
    r"(?:s(?:\(\))?|ByPrivilegeName\(PrivilegeName=(?P<name>'\w*'|@\w+)\))"
)


def require(environment: Environment, name: str) -> None:
    """Refuse a call for which the application user lacks a privilege.

    Raises:
        ApiError: 403, code 0x80040220.
    """
    if name.lower() in _missing(environment):
        raise lacks_privilege(name, environment.user_id, _privilege_id(name))


def answer_privileges(environment: Environment, call: Call) -> Answer | None:
    """`RetrieveUserPrivileges` and `RetrieveUserPrivilegeByPrivilegeName`; None for any other path.

    Raises:
        ApiError: 404 for an unknown user.
    """
    match = _PATH.fullmatch(call.path)
    if match is None:
        return None
    user = match["user"].removeprefix("systemuserid=").strip("'").lower()
    name = match["name"]
    kind = "RetrieveUserPrivileges" if name is None else "RetrieveUserPrivilegeByPrivilegeName"
    held = list(_held(environment)) if _is_caller(environment, user) else []
    if name is not None:
        wanted = (parameters(call.query).get(name, "") if name.startswith("@") else name).strip("'").lower()
        held = [privilege for privilege in held if privilege["PrivilegeName"].lower() == wanted]
    return json_answer({"@odata.context": f"{call.base}/$metadata#{_NAMESPACE}.{kind}Response", "RolePrivileges": held})


def _is_caller(environment: Environment, user: str) -> bool:
    """Other users have no role in the sandbox."""
    if user == environment.user_id:
        return True
    users = environment.readable("systemuser")
    if user not in users.rows["systemuserid"]:
        raise no_record("systemuser", user)
    return False


def _held(environment: Environment) -> Iterator[dict[str, Any]]:
    missing = _missing(environment)
    tables = [(stored.definition.read_privilege, name) for name, stored in environment.tables.items()]
    for name, table in [*tables, *((name, None) for name in AUDIT_PRIVILEGES[1:])]:
        if name.lower() not in missing and table not in environment.switches.unreadable_tables:
            yield _privilege(environment, name, table)


def _privilege(environment: Environment, name: str, table: str | None) -> dict[str, Any]:
    return {
        "Depth": "Global" if table is None else _depth(environment, table),
        "PrivilegeId": _privilege_id(name),
        "BusinessUnitId": environment.business_unit_id,
        "PrivilegeName": name,
        "RecordFilterId": "00000000-0000-0000-0000-000000000000",
        "RecordFilterUniqueName": "",
    }


def within_reach(environment: Environment, table: StoredTable) -> pl.Series | None:
    """Which rows the role reaches; None for all. Rows without an owner belong to the organisation.

    At depth Basic the caller's own rows, at Local and Deep those of owners in the caller's business unit.
    """
    depth = _depth(environment, table.definition.name)
    owner = table.definition.by_name.get("ownerid")
    if depth == "Global" or owner is None:
        return None
    owners = table.rows.select(table.values(owner)).to_series()
    return owners.is_in(_reached_owners(environment, depth))


def _reached_owners(environment: Environment, depth: str) -> list[str]:
    reached = [environment.user_id]
    for name in ("systemuser", "team") if depth != "Basic" else ():
        related = environment.tables[name]
        unit = related.values(related.definition.by_name["businessunitid"])
        rows = related.rows.filter(unit == environment.business_unit_id)
        reached += rows[related.definition.key].to_list()
    return reached


def _missing(environment: Environment) -> set[str]:
    return {name.lower() for name in environment.switches.missing_privileges}


def _depth(environment: Environment, table: str) -> str:
    return environment.switches.read_depths.get(table, "Global")


def _privilege_id(name: str) -> str:
    return stable_id("privilege", name.lower())
