"""The questions that only the doctor asks, one function each, and what their answers say.

Belongs here: a resource and the reading of its answer. Does not belong here: which questions are asked, in what order,
and what happens when one fails (`gathering.py`). Nothing here reads more than a page.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from d365_pm.dataverse import DataverseClient, TableShape
from d365_pm.dataverse.query import build_url
from d365_pm.dataverse.reply import Reply, json_object
from d365_pm.doctor.audit_history import AuditSwitch
from d365_pm.doctor.facts import Depth, Organization, PageTiming

_DEPTHS = {
    "Basic": Depth.USER,
    "Local": Depth.UNIT,
    "Deep": Depth.BRANCH,
    "Global": Depth.ORGANIZATION,
    "0": Depth.USER,
    "1": Depth.UNIT,
    "2": Depth.BRANCH,
    "3": Depth.ORGANIZATION,
}
_ORDER = list(Depth)


@dataclass(frozen=True, slots=True)
class Welcome:
    """The answer to the first question: who we are, and how many requests at once the server recommends."""

    user_id: str
    organization_id: str
    requests_hint: int | None


async def who_am_i(client: DataverseClient) -> Welcome:
    """Who the environment takes us for."""
    answer, headers = await client.ask("WhoAmI", parse=_with_headers)
    hint = headers.get("x-ms-dop-hint", "")
    return Welcome(
        str(answer["UserId"]).lower(),
        str(answer["OrganizationId"]).lower(),
        int(hint) if hint.isdecimal() and int(hint) else None,
    )


async def organization(client: DataverseClient, shape: TableShape) -> Organization:
    """The row of the environment, as far as it has the columns."""
    answer = await client.ask(build_url("", shape.entity_set, select=shape.select))
    row = answer["value"][0]
    return Organization(
        is_audited=row.get("isauditenabled"),
        retention_days=row.get("auditretentionperiodv2"),
        tracking_days=row.get("expirechangetrackingindays"),
        language=row.get("languagecode"),
    )


async def user_settings(client: DataverseClient, user_id: str) -> tuple[int | None, int | None]:
    """UI language (LCID) and time zone (Windows code) of the application user."""
    resource = f"usersettingscollection({user_id})"
    row = await client.ask(build_url("", resource, select=("uilanguageid", "localeid", "timezonecode")))
    return row.get("uilanguageid"), row.get("timezonecode")


async def all_privileges(client: DataverseClient, user_id: str) -> dict[str, Depth]:
    """Every privilege that the user holds, by lower-case name; empty if the environment leaves the names out."""
    answer = await client.ask(f"systemusers({user_id})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")
    return _deepest(answer["RolePrivileges"])


async def privilege(client: DataverseClient, user_id: str, name: str) -> Depth:
    """Depth of one privilege by name."""
    function = f"Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='{name}')"
    answer = await client.ask(f"systemusers({user_id})/{function}")
    held = [{**entry, "PrivilegeName": name} for entry in answer["RolePrivileges"]]
    return _deepest(held).get(name.lower(), Depth.NONE)


def _deepest(entries: list[dict[str, Any]]) -> dict[str, Depth]:
    found: dict[str, Depth] = {}
    for entry in entries:
        name = str(entry.get("PrivilegeName") or "").lower()
        depth = _DEPTHS.get(str(entry.get("Depth")), Depth.USER)
        if name:
            found[name] = max(depth, found.get(name, Depth.NONE), key=_ORDER.index)
    return found


async def try_table(client: DataverseClient, shape: TableShape) -> None:
    """Read one row, to see whether the table can be read."""
    await client.ask(build_url("", shape.entity_set, select=(shape.key,), where=shape.table.filter, top=1))


async def oldest(client: DataverseClient, entity_set: str, *, where: str | None = None) -> datetime | None:
    """`createdon` of the oldest row; None for a table without rows."""
    order = ("createdon asc",)
    answer = await client.ask(build_url("", entity_set, select=("createdon",), where=where, order=order, top=1))
    moments = [_instant(row["createdon"]) for row in answer["value"] if row.get("createdon")]
    return min(moments, default=None)


async def audit_switches(client: DataverseClient, entity_set: str) -> tuple[AuditSwitch, ...]:
    """The audit rows about auditing itself, oldest first."""
    where = "action ge 105 and action le 113"
    select = ("createdon", "action")
    answer = await client.ask(build_url("", entity_set, select=select, where=where, order=("createdon asc",)))
    rows = (AuditSwitch(_instant(row["createdon"]), int(row["action"])) for row in answer["value"])
    return tuple(sorted(rows, key=lambda row: row.at))


async def is_blank(client: DataverseClient, shape: TableShape, source: str) -> bool:
    """Whether no value of a secured column is shown to us.

    A column that nobody has filled looks the same, and is called blank too: a hidden one called readable would lose its
    values in silence.
    """
    where = f"{source} ne null"
    answer = await client.ask(build_url("", shape.entity_set, select=(source,), where=where, top=1))
    return all(row.get(source) is None for row in answer["value"])


async def time_page(client: DataverseClient, shape: TableShape) -> PageTiming:
    """Read the first page of a table as a load would, and take its time."""
    started = time.perf_counter()
    resource = build_url("", shape.entity_set, select=shape.select, where=shape.table.filter)
    answer = await client.ask(resource)
    return PageTiming(shape.table.name, len(answer["value"]), time.perf_counter() - started)


def _with_headers(reply: Reply) -> tuple[dict[str, Any], Mapping[str, str]]:
    return json_object(reply), reply.headers


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
