"""From the body of one answer to its typed rows, the deleted ones apart.

Belongs here: joining `page.py` and `decode.py` to what is done with an answer in one go, in a worker thread. Does not
belong here: what must hold between pages (`links.py`).
"""

import hashlib
import re
from dataclasses import dataclass

import msgspec
import pyarrow as pa

from d365_pm.dataverse.decode import decode_rows
from d365_pm.dataverse.errors import ProtocolError
from d365_pm.dataverse.page import RawPage, split_page
from d365_pm.dataverse.reply import Reply
from d365_pm.dataverse.shape import TableShape

_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_DELETED = "/$deletedEntity"
_VERSION = "versionnumber"
_MARK, _REASON = b"$deletedEntity", b'"reason"'
"""Without either no row of an answer is a deleted one, and looking at each can be saved."""


@dataclass(frozen=True, slots=True, repr=False)
class TypedPage:
    """One page, read whole.

    Attributes:
        rows: Rows with the table's schema.
        deleted: Ids of rows that are no more; only where changes are read.
        next_link: Where the next page is, byte for byte.
        delta_link: Where to ask for later changes, byte for byte.
        digest: Fingerprint of which rows, in which version, are on the page.
        replaced: Number of characters that no text may hold, now U+FFFD.
        total: Rows of the whole query, if the server counted them all.
        metadata_version: Number that moves with every change of the environment's schema.
    """

    rows: pa.Table
    deleted: tuple[str, ...]
    next_link: str | None
    delta_link: str | None
    digest: bytes
    replaced: int
    total: int | None
    metadata_version: str | None

    @property
    def is_empty(self) -> bool:
        """Whether the page brings nothing."""
        return not self.rows.num_rows and not self.deleted


class _Change(msgspec.Struct):
    context: str = msgspec.field(default="", name="@odata.context")
    id: str = ""
    reason: str | None = None


_CHANGES = msgspec.json.Decoder(_Change)


def typed_page(reply: Reply, shape: TableShape) -> TypedPage:
    """Read a page of rows.

    Raises:
        DataverseError: See `page.split_page` and `decode.decode_rows`.
    """
    page = split_page(reply)
    return _typed(page, decode_rows(page.rows, shape), (), shape)


def typed_changes(reply: Reply, shape: TableShape) -> TypedPage:
    """Read a page of changes: rows as they are now, and ids of deleted ones.

    A deleted row has neither the key nor any other column (reference 5.1).

    Raises:
        DataverseError: See `typed_page`.
    """
    if _MARK not in reply.body and _REASON not in reply.body:
        return typed_page(reply, shape)
    page = split_page(reply)
    rows: list[msgspec.Raw] = []
    deleted: list[str] = []
    # Decoded for its marks, which stand where nothing else is read from.
    for row in page.rows:
        found = _deleted_id(row, shape)
        rows.append(row) if found is None else deleted.append(found)
    return _typed(page, decode_rows(rows, shape), tuple(deleted), shape)


def _deleted_id(row: msgspec.Raw, shape: TableShape) -> str | None:
    try:
        change = _CHANGES.decode(row)
    except msgspec.ValidationError:
        # A column of the table has one of the names with another type: no deleted row.
        return None
    if not change.context.endswith(_DELETED) and not (change.reason == "deleted" and not _has_key(row, shape)):
        return None
    match = _ID.search(change.id.lower())
    if match is None:
        raise ProtocolError("The server reports a deleted row without its id.", table=shape.table.name)
    return match.group(0)


def _has_key(row: msgspec.Raw, shape: TableShape) -> bool:
    return shape.key in msgspec.json.decode(row)


def _typed(page: RawPage, rows: pa.Table, deleted: tuple[str, ...], shape: TableShape) -> TypedPage:
    return TypedPage(
        rows,
        deleted,
        page.next_link,
        page.delta_link,
        _fingerprint(rows, deleted, shape),
        page.replaced,
        page.total,
        page.metadata_version,
    )


def _fingerprint(rows: pa.Table, deleted: tuple[str, ...], shape: TableShape) -> bytes:
    """Of keys and versions only: hashing whole pages of 16 MB took a tenth of all time, and tells no more."""
    names = (shape.table.key, _VERSION, shape.window_column)
    marks = rows.select([name for name in names if name in rows.column_names]).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, marks.schema) as stream:
        stream.write_table(marks)
    digest = hashlib.sha256(sink.getvalue())
    digest.update(",".join(deleted).encode())
    return digest.digest()
