"""`RetrieveAuditDetails`: the values of given audit rows, a thousand per request.

Belongs here: filling batches, and asking again for the parts that the server could not answer for the moment.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import httpx
import msgspec

from d365_pm.dataverse.audit.entry import GONE, Entry
from d365_pm.dataverse.audit.notation import Notation
from d365_pm.dataverse.audit.row import AuditRow
from d365_pm.dataverse.audit.together import together
from d365_pm.dataverse.batch import CONTINUE, LARGEST_BATCH, read_batch, write_batch
from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.diagnosis import diagnose
from d365_pm.dataverse.errors import (
    ConnectionFailedError,
    GarbledReplyError,
    ProtocolError,
    ShrinkError,
    TransientError,
)
from d365_pm.dataverse.page import _storable as storable
from d365_pm.dataverse.reply import Reply, error_code
from d365_pm.dataverse.retry import Patience, RetryPolicy
from d365_pm.dataverse.shape import TARGET_ANNOTATION

PREFER = f'odata.include-annotations="{TARGET_ANNOTATION[1:]}"'
"""What the detail functions are asked with: lookups say which table they point to."""

_GONE = frozenset({"0x80048d02", "0x80040217"})
_SMALLEST = 50
"""Rows of a batch below which a server that does not manage it has another trouble."""


class _Record(msgspec.Struct):
    auditid: str | None = None


class _Detail(msgspec.Struct):
    record: _Record | None = msgspec.field(default=None, name="AuditRecord")


class _Answer(msgspec.Struct):
    detail: msgspec.Raw = msgspec.field(name="AuditDetail")


_ANSWER = msgspec.json.Decoder(_Answer)
_RECORD = msgspec.json.Decoder(_Detail)


class DetailReader:
    """Asks for the values of audit rows, by the key of each.

    Attributes:
        requests: Batches sent; those that the connection repeats count once.
    """

    def __init__(
        self,
        connection: Connection,
        notation: Notation,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.requests = 0
        self._connection = connection
        self._notation = notation
        self._sleep = sleep
        self._size = LARGEST_BATCH
        self._folder = httpx.URL(connection.base).raw_path.decode()

    async def read(self, rows: Sequence[AuditRow]) -> list[Entry]:
        """The values of the rows, in their order; all batches are sent at once, through the connection's gate.

        Raises:
            DataverseError: Some rows could not be read.
        """
        size = self._size
        chunks = [rows[first : first + size] for first in range(0, len(rows), size)]
        found = await together([self._chunk(chunk) for chunk in chunks])
        return [entry for entries in found for entry in entries]

    async def _chunk(self, rows: Sequence[AuditRow]) -> list[Entry]:
        """The values of the rows of one batch; parts that fail for the moment are asked for again, alone."""
        found: dict[str, Entry] = {}
        patience = Patience(RetryPolicy())
        left = rows
        while True:
            answers = await self._ask(left)
            known = {key: answer for key, answer in answers.items() if isinstance(answer, Entry)}
            found |= known
            left = [row for row in left if row.key not in known]
            if not left:
                return [found[row.key] for row in rows]
            patience = Patience(RetryPolicy()) if known else patience
            faults = [answer for answer in answers.values() if isinstance(answer, TransientError)]
            await self._wait(patience, faults)

    async def _wait(self, patience: Patience, faults: list[TransientError]) -> None:
        """Pause as the parts ask for; not at all if the server only stopped early."""
        if not faults:
            return
        longest = max(faults, key=lambda fault: fault.retry_after or 0.0)
        pause = patience.pause(longest)
        if pause is None:
            raise longest
        await self._sleep(pause)

    async def _ask(self, rows: Sequence[AuditRow]) -> dict[str, Entry | TransientError]:
        """Send one batch; in halves if the server cannot answer it whole. Rows behind a stop are left out."""
        paths = [f"{self._folder}audits({row.key})/Microsoft.Dynamics.CRM.RetrieveAuditDetails" for row in rows]
        content, media_type = write_batch(paths, prefer=PREFER)
        self.requests += 1
        try:
            return await self._connection.post(
                f"{self._connection.base}$batch",
                content=content,
                media_type=media_type,
                parse=lambda reply: self._answers(reply, rows),
                prefer=f"{CONTINUE},{PREFER}",
            )
        except (ShrinkError, ConnectionFailedError):
            # The platform cuts a request at two minutes, and a thousand details may take longer.
            if len(rows) <= _SMALLEST:
                raise
            half = len(rows) // 2
            self._size = max(_SMALLEST, min(self._size, half))
            return await self._ask(rows[:half]) | await self._ask(rows[half:])

    def _answers(self, reply: Reply, rows: Sequence[AuditRow]) -> dict[str, Entry | TransientError]:
        parts = read_batch(reply, len(rows))
        return {row.key: self._answer(part, row) for part, row in zip(parts, rows, strict=False)}

    def _answer(self, part: Reply, row: AuditRow) -> Entry | TransientError:
        if part.status >= 300:
            if part.status == 404 and error_code(part) in _GONE:
                return GONE
            error = diagnose(part, host=self._connection.origin.host)
            if isinstance(error, TransientError):
                return error
            raise error
        try:
            detail = _ANSWER.decode(storable(part.body)[0]).detail
            record = _RECORD.decode(detail).record
            entry = self._notation.of_detail(row.table, detail)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return GarbledReplyError("A part of a batch is cut or is no audit detail.", status=part.status)
        if record is not None and record.auditid is not None and record.auditid.lower() != row.key.lower():
            raise ProtocolError("The server answered a batch in another order than it was asked.", table="audit")
        return entry
