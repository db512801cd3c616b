"""The server's own daily row counts: many tables by one question, up to a day old.

Does not belong here: exact counts (`counting.py`).
"""

import json
from collections.abc import Sequence
from urllib.parse import quote

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.errors import RequestRefusedError
from d365_pm.dataverse.reply import json_object


async def read_totals(connection: Connection, tables: Sequence[str]) -> dict[str, int]:
    """Row counts by table; tables that the server does not know are left out."""
    try:
        return await _ask(connection, tables)
    except RequestRefusedError:
        if len(tables) <= 1:
            return {}
    # One unknown name fails the whole question (reference 2.5).
    found: dict[str, int] = {}
    for table in tables:
        found |= await read_totals(connection, [table])
    return found


async def read_total(connection: Connection, table: str) -> int | None:
    """Row count of one table; None if the server does not know it."""
    return (await read_totals(connection, [table])).get(table)


async def _ask(connection: Connection, tables: Sequence[str]) -> dict[str, int]:
    names = quote(json.dumps(list(tables), separators=(",", ":")))
    url = f"{connection.base}RetrieveTotalRecordCount(EntityNames=@p)?@p={names}"
    counts = (await connection.get(url, parse=json_object))["EntityRecordCountCollection"]
    return dict(zip(counts["Keys"], counts["Values"], strict=True))
