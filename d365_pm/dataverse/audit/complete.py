"""Pages of `audits`, completed: the columns `changedata` and `_payload` filled the same on every route.

Belongs here: which rows are asked for how, and the joining. Paging and resuming stay those of any table: nothing is
carried from one page to the next but memory that saves requests.
"""

import asyncio
from collections.abc import Iterable, Sequence

import pyarrow as pa

from d365_pm.dataverse.audit.details import DetailReader
from d365_pm.dataverse.audit.entry import NOTHING, Entry
from d365_pm.dataverse.audit.facts import AuditFacts
from d365_pm.dataverse.audit.history import HistoryReader
from d365_pm.dataverse.audit.notation import Notation
from d365_pm.dataverse.audit.route import AuditRoute
from d365_pm.dataverse.audit.row import AuditRow, audit_rows
from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.metadata import Definition
from d365_pm.dataverse.shape import TableShape


class AuditCompleter:
    """Completes the pages of one read of `audits`.

    Attributes:
        facts: What was found so far.
    """

    def __init__(self, facts: AuditFacts, notation: Notation, details: DetailReader, histories: HistoryReader) -> None:
        self.facts = facts
        self._notation = notation
        self._details = details
        self._histories = histories

    async def complete(self, page: pa.Table) -> pa.Table:
        """The page with its values.

        Args:
            page: Decoded rows of `audits`.

        Raises:
            DataverseError: The values of some rows could not be read; the page is not complete then.
        """
        before = self._requests
        if self.facts.route is AuditRoute.CHANGEDATA:
            entries = await asyncio.to_thread(self._from_column, page)
        else:
            entries = await self._asked(page)
        self.facts.note(page, entries, requests=self._requests - before)
        texts = pa.array([entry.text for entry in entries], pa.string())
        payloads = pa.array([entry.payload.value for entry in entries], pa.string())
        for name, values in (("changedata", texts), ("_payload", payloads)):
            page = page.set_column(page.schema.get_field_index(name), page.schema.field(name), values)
        return page

    @property
    def _requests(self) -> int:
        return self._details.requests + self._histories.requests

    def _from_column(self, page: pa.Table) -> list[Entry]:
        tables, texts = (page.column(name).to_pylist() for name in ("objecttypecode", "changedata"))
        return [self._notation.of_changedata(table, text) for table, text in zip(tables, texts, strict=True)]

    async def _asked(self, page: pa.Table) -> list[Entry]:
        rows = list(audit_rows(page))
        entries: list[Entry | None] = [NOTHING if row.is_switch else None for row in rows]
        if self.facts.route is AuditRoute.RECORD_HISTORY:
            entries = _filled(entries, await self._histories.read(_open(rows, entries)))
        # What no history holds, such as rows of a deleted record, may still have its own details.
        found = _filled(entries, await self._details.read(_open(rows, entries)))
        return [entry for entry in found if entry is not None]


def build_completer(
    connection: Connection,
    shape: TableShape,
    route: AuditRoute,
    definitions: Iterable[Definition],
    *,
    facts: AuditFacts | None = None,
) -> AuditCompleter | None:
    """The completer for one read of a table; one per window, so that its memory ends with the window.

    Args:
        connection: Where to.
        shape: The table that is read.
        route: Found by `choose_route`.
        definitions: Tables whose rows are audited, for the types of their columns.
        facts: Counts of all windows of a run together, to go on with; new ones by default.

    Returns:
        None for every other table than `audit`.
    """
    if shape.table.name != "audit":
        return None
    known = list(definitions)
    notation = Notation(known)
    sets = {definition.name: definition.entity_set for definition in known}
    details, histories = DetailReader(connection, notation), HistoryReader(connection, notation, sets)
    return AuditCompleter(facts or AuditFacts(route), notation, details, histories)


def _open(rows: Sequence[AuditRow], entries: Sequence[Entry | None]) -> list[AuditRow]:
    return [row for row, entry in zip(rows, entries, strict=True) if entry is None]


def _filled(entries: Sequence[Entry | None], answers: Iterable[Entry | None]) -> list[Entry | None]:
    """The entries with the open ones taken from the answers, in order."""
    source = iter(answers)
    return [next(source) if entry is None else entry for entry in entries]
