"""How many rows a table or a window of it has, exactly or not at all.

Two questions, since each has its ceiling: `$count` stops at 5,000, an aggregate is refused above 50,000 (reference
2.5). Does not belong here: the server's daily totals, which are no exact count (`client.py`).
"""

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.errors import AggregateLimitError, RequestRefusedError, ServerFaultError, UnknownTableError
from d365_pm.dataverse.page import COUNT_LIMIT
from d365_pm.dataverse.query import Window, build_url
from d365_pm.dataverse.questions import condition
from d365_pm.dataverse.reply import json_object, whole_number
from d365_pm.dataverse.shape import TableShape
from d365_pm.dataverse.watch import Watch

AGGREGATE_LIMIT = 50_000
"""Most rows that the server aggregates."""


class Counter:
    """Counts rows of one environment.

    Args:
        connection: Where to.
        watch: Remembers which tables refuse to be aggregated.
    """

    def __init__(self, connection: Connection, watch: Watch) -> None:
        self._connection = connection
        self._watch = watch

    async def count(self, shape: TableShape, window: Window | None = None) -> int | None:
        """Exact number of rows; None above what the server counts."""
        if shape.is_missing:
            return 0
        number = await self._plain(shape, condition(shape, window))
        return number if number < COUNT_LIMIT else await self._aggregate(shape, condition(shape, window))

    async def count_many(self, shape: TableShape, window: Window) -> int | None:
        """The same number, by one question where more than 5,000 rows are expected."""
        number = await self._aggregate(shape, condition(shape, window))
        if number is not None or self.can_aggregate(shape):
            return number
        number = await self._plain(shape, condition(shape, window))
        return number if number < COUNT_LIMIT else None

    def can_aggregate(self, shape: TableShape) -> bool:
        """Whether the table has not refused an aggregate yet."""
        return shape.table.name not in self._watch.unaggregated

    async def has_undated(self, shape: TableShape) -> bool:
        """Whether there are rows that no window holds, because their window column is empty."""
        lacking = f"{shape.window} eq null"
        where = f"{shape.table.filter} and {lacking}" if shape.table.filter else lacking
        return await self._plain(shape, where) > 0

    async def _plain(self, shape: TableShape, where: str | None) -> int:
        url = build_url(self._connection.base, f"{shape.entity_set}/$count", where=where)
        return await self._connection.get(url, parse=whole_number, accept="text/plain")

    async def _aggregate(self, shape: TableShape, where: str | None) -> int | None:
        if not self.can_aggregate(shape):
            return None
        steps = f"filter({where})/" if where else ""
        url = build_url(self._connection.base, shape.entity_set, apply=f"{steps}aggregate($count as n)")
        try:
            answer = await self._connection.get(url, parse=json_object)
        except (AggregateLimitError, ServerFaultError):
            return None
        except UnknownTableError:
            raise
        except RequestRefusedError:
            self._watch.unaggregated.add(shape.table.name)
            return None
        found = [row.get("n") for row in answer.get("value") or () if isinstance(row, dict)]
        # Without rows to aggregate an answer may hold no row either; the plain count decides then.
        return found[0] if len(found) == 1 and isinstance(found[0], int) else None
