"""`RetrieveRecordChangeHistory`: the values of all audit rows of a record.

Belongs here: paging through a history and remembering, within bounded memory, what the next pages of the list will
need. Usable only where each element carries its `AuditRecord`: nothing else tells which row it belongs to.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from d365_pm.dataverse.audit.details import PREFER
from d365_pm.dataverse.audit.entry import Entry
from d365_pm.dataverse.audit.notation import Notation
from d365_pm.dataverse.audit.row import AuditRow
from d365_pm.dataverse.audit.together import together
from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.errors import GarbledReplyError, ProtocolError
from d365_pm.dataverse.page import _storable as storable
from d365_pm.dataverse.reply import Reply, error_in_disguise, require_json

PAGE = 500
"""Elements of a history to ask for at once."""

MEMORY = 64 << 20
"""Bytes of values that are remembered for the next pages of the list."""

_AT_ONCE = 52
"""The server's own limit of requests in flight; the connection's gate decides below it."""
_OVERHEAD = 400
"""Bytes that an entry takes beside its text."""


class _Record(msgspec.Struct):
    auditid: str | None = None


class _Element(msgspec.Struct):
    record: _Record | None = msgspec.field(default=None, name="AuditRecord")


class _Collection(msgspec.Struct):
    elements: list[msgspec.Raw] = msgspec.field(name="AuditDetails")
    has_more: bool = msgspec.field(default=False, name="MoreRecords")
    cookie: str | None = msgspec.field(default=None, name="PagingCookie")


class HistoryPage(msgspec.Struct):
    """One answer of the history function."""

    history: _Collection | None = msgspec.field(default=None, name="AuditDetailCollection")
    error: Any = None


_PAGE = msgspec.json.Decoder(HistoryPage)
_ELEMENT = msgspec.json.Decoder(_Element)

History = dict[str, Entry]
"""Values by `auditid`."""


class HistoryReader:
    """Reads histories of records and keeps them while a window is read.

    Args:
        connection: Where to.
        notation: How values are written.
        entity_sets: Names in the URL by logical name of the table.

    Attributes:
        requests: Requests sent; those that the connection repeats count once.
    """

    def __init__(
        self, connection: Connection, notation: Notation, entity_sets: Mapping[str, str], *, memory: int = MEMORY
    ) -> None:
        self.requests = 0
        self._connection = connection
        self._notation = notation
        self._sets = entity_sets
        self._memory = memory
        self._used = 0
        self._kept: OrderedDict[tuple[str, str], History] = OrderedDict()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def read(self, rows: Sequence[AuditRow]) -> list[Entry | None]:
        """The values of the rows, in their order; None for a row that the history of its record does not hold.

        Raises:
            DataverseError: Some histories could not be read.
        """
        wanted: dict[tuple[str, str], set[str]] = {}
        for row in rows:
            if row.record is not None:
                wanted.setdefault((row.table, row.record), set()).add(row.key.lower())
        found: History = {}
        for part in await together([self._take(record, keys) for record, keys in wanted.items()]):
            found |= part
        return [found.get(row.key.lower()) for row in rows]

    async def _take(self, record: tuple[str, str], keys: set[str]) -> History:
        history = self._kept.get(record)
        if history is None or not keys <= history.keys():
            async with self._slots:
                history = await self._fetch(*record)
            self._keep(record, history)
        return {key: history[key] for key in keys & history.keys()}

    def _keep(self, record: tuple[str, str], history: History) -> None:
        self._used += _size(history) - _size(self._kept.pop(record, {}))
        self._kept[record] = history
        while self._used > self._memory and self._kept:
            _, oldest = self._kept.popitem(last=False)
            self._used -= _size(oldest)

    async def _fetch(self, table: str, record: str) -> History:
        history: History = {}
        cookies: set[str] = set()
        number, cookie = 1, None
        while True:
            page = await self._page(table, record, number, cookie)
            before = len(history)
            for key, entry in page[0]:
                history[key] = entry
            if not page[1]:
                return history
            number, cookie = number + 1, page[2]
            if len(history) == before or (cookie is not None and cookie in cookies):
                raise ProtocolError("A history repeats its page; reading was stopped because it would not end.")
            cookies |= {cookie} if cookie else set()

    async def _page(
        self, table: str, record: str, number: int, cookie: str | None
    ) -> tuple[list[tuple[str, Entry]], bool, str | None]:
        def parse(reply: Reply) -> tuple[list[tuple[str, Entry]], bool, str | None]:
            history = read_history(reply)
            entries = [pair for raw in history.elements if (pair := self._element(table, raw))]
            return entries, history.has_more, history.cookie

        self.requests += 1
        url = history_url(self._connection.base, self._sets.get(table, f"{table}s"), record, number, cookie)
        return await self._connection.get(url, parse=parse, prefer=PREFER)

    def _element(self, table: str, raw: msgspec.Raw) -> tuple[str, Entry] | None:
        record = _ELEMENT.decode(raw).record
        if record is None or record.auditid is None:
            return None
        return record.auditid.lower(), self._notation.of_detail(table, raw)


def read_history(reply: Reply) -> _Collection:
    """The collection in an answer of the history function.

    Raises:
        GarbledReplyError: The answer is something else.
    """
    require_json(reply)
    try:
        page = _PAGE.decode(storable(reply.body)[0])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise GarbledReplyError("The answer of Dataverse is cut or is no history of a record.") from None
    if page.error is not None:
        raise error_in_disguise(reply)
    if page.history is None:
        raise ProtocolError("The answer holds no history and no error.", request_id=reply.request_id)
    return page.history


def knows_rows(history: _Collection) -> bool:
    """Whether the elements of a history say which audit rows they belong to."""
    records = [_ELEMENT.decode(raw).record for raw in history.elements]
    return bool(records) and all(record is not None and record.auditid for record in records)


def history_url(base: str, entity_set: str, record: str, number: int, cookie: str | None, *, count: int = PAGE) -> str:
    """URL of one page of the history of a record."""
    target = f"{{'@odata.id':'{entity_set}({record})'}}"
    paging: dict[str, Any] = {"PageNumber": number, "Count": count, "ReturnTotalRecordCount": False}
    paging |= {"PagingCookie": cookie} if cookie else {}
    options = quote(json.dumps(paging, separators=(",", ":")), safe="")
    return f"{base}RetrieveRecordChangeHistory(Target=@t,PagingInfo=@p)?@t={quote(target, safe='')}&@p={options}"


def _size(history: History) -> int:
    return sum(_OVERHEAD + len(entry.text or "") for entry in history.values())
