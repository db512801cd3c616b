"""Joining the audit side to the reading side: one route and one count of facts per client."""

import asyncio

from d365_pm.dataverse.audit import AuditFacts, AuditRoute, build_completer, choose_route
from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.extract import Transform
from d365_pm.dataverse.knowledge import Knowledge
from d365_pm.dataverse.shape import TableShape

_AUDITED = ("incident", "queueitem")
_ROUTE = "audit_route"


class AuditSide:
    """Completes the pages of `audit`.

    Args:
        connection: Where to.
        knowledge: Remembers the route.
        forced: A route that a person chose instead of the probe.

    Attributes:
        facts: What the pages so far held; None before the first.
    """

    def __init__(self, connection: Connection, knowledge: Knowledge, *, forced: AuditRoute | None = None) -> None:
        self.facts: AuditFacts | None = None
        self._connection = connection
        self._knowledge = knowledge
        self._forced = forced
        self._probing = asyncio.Lock()

    async def route(self) -> AuditRoute:
        """Where old and new values come from: as somebody chose, else tried out once and remembered."""
        if self._forced is not None:
            return self._forced
        notes = self._knowledge.notes
        # Windows that begin together need only one answer.
        async with self._probing:
            if _ROUTE not in notes:
                shape = await self._knowledge.catalogue.shape("audit")
                notes[_ROUTE] = str(await choose_route(self._connection, shape))
        return AuditRoute(notes[_ROUTE])

    async def completion(self, shape: TableShape) -> Transform | None:
        """What fills in the values of one window's pages; None for every other table."""
        if shape.table.name != "audit" or shape.is_missing:
            return None
        route = await self.route()
        self.facts = self.facts or AuditFacts(route)
        definitions = await self._knowledge.catalogue.definitions(_AUDITED)
        completer = build_completer(self._connection, shape, route, definitions, facts=self.facts)
        return completer.complete if completer else None
