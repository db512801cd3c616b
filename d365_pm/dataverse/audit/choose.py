"""Which route an environment offers: tried out on a few of its own rows.

Microsoft documents and real environments disagree about `changedata`, `AuditRecord` and rights (reference 7.3, 7.5), so
that nothing but an answer counts.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from d365_pm.dataverse.audit.details import DetailReader
from d365_pm.dataverse.audit.history import history_url, knows_rows, read_history
from d365_pm.dataverse.audit.notation import Notation
from d365_pm.dataverse.audit.route import AuditRoute
from d365_pm.dataverse.audit.row import AuditRow
from d365_pm.dataverse.batch import LARGEST_BATCH
from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.errors import (
    AccessDeniedError,
    AddressError,
    DataverseError,
    GarbledReplyError,
    RequestRefusedError,
    RequirementError,
)
from d365_pm.dataverse.query import build_url
from d365_pm.dataverse.reply import json_object
from d365_pm.dataverse.shape import TableShape

logger = logging.getLogger(__name__)

_SAMPLE = 200
"""Rows to look at."""
_TRIED = 3
"""Rows whose values are asked for."""
_UPDATES = "operation eq 2 and (objecttypecode eq 'incident' or objecttypecode eq 'queueitem')"
_SETS = {"incident": "incidents", "queueitem": "queueitems"}
_NOT_OFFERED = (AccessDeniedError, AddressError, GarbledReplyError, RequestRefusedError)


async def choose_route(connection: Connection, shape: TableShape, *, forced: AuditRoute | None = None) -> AuditRoute:
    """Find the route that an environment offers and that costs the fewest requests.

    Args:
        connection: Where to.
        shape: Shape of the table `audit`.
        forced: The route to take without trying others.

    Raises:
        RequirementError: The forced route is not there, or the environment offers none.
        DataverseError: The audit rows cannot be read at all.
    """
    has_column = shape.source_of("changedata") is not None
    if forced is not None:
        _accept(forced, has_column=has_column)
        return forced
    if shape.is_missing:
        return AuditRoute.CHANGEDATA
    sample = await _sample(connection, shape)
    if has_column and (not sample or any(row.get("changedata") for row in sample)):
        return AuditRoute.CHANGEDATA
    if not sample:
        return AuditRoute.DETAILS
    return await _cheapest(connection, sample)


def requests_for(route: AuditRoute, rows: int, records: int) -> int:
    """Requests that a route takes for rows of that many records, the list's own not counted."""
    if route is AuditRoute.CHANGEDATA:
        return 0
    return records if route is AuditRoute.RECORD_HISTORY else -(-rows // LARGEST_BATCH)


async def _cheapest(connection: Connection, sample: list[Mapping[str, Any]]) -> AuditRoute:
    rows, records = len(sample), len({row.get("_objectid_value") for row in sample})
    # Counted for a full page of the list, not for the few rows of the sample.
    scale = 5 * LARGEST_BATCH / rows
    tries: dict[AuditRoute, Callable[[], Awaitable[bool]]] = {
        AuditRoute.DETAILS: lambda: _gives_details(connection, sample),
        AuditRoute.RECORD_HISTORY: lambda: _gives_histories(connection, sample),
    }
    last: DataverseError | None = None
    for route in sorted(tries, key=lambda each: requests_for(each, int(rows * scale), int(records * scale))):
        try:
            if await tries[route]():
                return route
        except _NOT_OFFERED as error:
            logger.warning("audit: the environment does not offer the route %s: %s", route, error)
            last = error
    raise RequirementError(
        "The environment lists audit rows but gives their old and new values on no route: give the application user's "
        "security role View Audit History (prvReadRecordAuditHistory) and View Audit Summary (prvReadAuditSummary).",
        table="audit",
    ) from last


async def _sample(connection: Connection, shape: TableShape) -> list[Mapping[str, Any]]:
    """The newest changes: older ones may have lost their details."""
    wanted = ("auditid", "objecttypecode", "objectid", "changedata")
    select = [source for name in wanted if (source := shape.source_of(name))]
    url = build_url(
        connection.base, shape.entity_set, select=select, where=_UPDATES, order=("createdon desc",), top=_SAMPLE
    )
    answer = await connection.get(url, parse=json_object)
    return list(answer.get("value") or ())


async def _gives_details(connection: Connection, sample: list[Mapping[str, Any]]) -> bool:
    rows = [
        AuditRow(row["auditid"], row["objecttypecode"], row.get("_objectid_value"), False) for row in sample[:_TRIED]
    ]
    await DetailReader(connection, Notation(())).read(rows)
    return True


async def _gives_histories(connection: Connection, sample: list[Mapping[str, Any]]) -> bool:
    for row in sample[:_TRIED]:
        entity_set = _SETS[row["objecttypecode"]]
        url = history_url(connection.base, entity_set, row["_objectid_value"], 1, None, count=10)
        history = await connection.get(url, parse=read_history)
        if history.elements:
            return knows_rows(history)
    return False


def _accept(forced: AuditRoute, *, has_column: bool) -> None:
    if forced is AuditRoute.CHANGEDATA and not has_column:
        raise RequirementError(
            "The audit route changedata was asked for, but the environment does not give that column: leave "
            "D365_PM_AUDIT_ROUTE empty, or set it to details.",
            table="audit",
        )
