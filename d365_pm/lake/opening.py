"""How a load begins: what it is about, and whether an interrupted one goes on.

Belongs here: the entry points of writing. Does not belong here: the way of the pages (`load.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from d365_pm.lake.attempt import Identity, attempt
from d365_pm.lake.facts import RECONCILIATION, LoadFacts, LoadKind, Window
from d365_pm.lake.ledger import read_ledger
from d365_pm.lake.load import Committed, Load
from d365_pm.lake.table import RawTable

_BUFFER_BYTES = 64 * 1024 * 1024


@contextmanager
def open_load(
    root: Path,
    table: RawTable,
    *,
    extracted_at: datetime,
    window: Window | None = None,
    kind: LoadKind = LoadKind.WINDOW,
    fingerprint: str = "",
    buffer_bytes: int = _BUFFER_BYTES,
) -> Iterator[Load]:
    """Start a load, or go on with the same one if it was interrupted less than a day ago.

    Leaving the block without `commit` changes nothing that a reader can see. Pages of streams then wait for the next
    load of the same table, window, kind and fingerprint; pages of `Load.write` are gone.

    Args:
        root: Folder of the raw layer.
        table: What is loaded.
        extracted_at: Instant at which the extraction started; an interrupted load keeps its own.
        window: Span of the window column that was asked for; None means all of it.
        kind: What the load says about rows that it does not bring.
        fingerprint: Whatever else must be the same for an interrupted load to go on and for its cursor to fit.
        buffer_bytes: Rows to hold in memory before they go to temporary files.

    Raises:
        LakeError: The folder cannot be used.
        ValueError: The kind does not fit the table or the window.
    """
    span = window or Window()
    if kind is not LoadKind.WINDOW and span != Window():
        raise ValueError(f"a {kind} load is about the whole table and has no window")
    if kind is LoadKind.DELTA and not (table.marks_deleted or table.append_only):
        raise ValueError(f"{table.name} does not keep deleted rows, so a delta cannot tell all that changed")
    facts = LoadFacts(table.name, extracted_at, span.start, span.end, 0, kind=kind.value, fingerprint=fingerprint)
    folder = root / table.name
    identity = Identity(str(span), kind.value, _digest(table), fingerprint)

    def is_superseded(started: datetime) -> bool:
        return any(_supersedes(entry, facts, started) for entry in read_ledger(folder))

    with attempt(folder, identity, extracted_at=extracted_at, is_superseded=is_superseded) as held:
        yield Load(table, facts, held, buffer_bytes=buffer_bytes)


def record_missing(root: Path, table: RawTable, *, extracted_at: datetime, window: Window | None = None) -> Committed:
    """Record that the environment does not have this table; a table read whole becomes an empty, typed snapshot.

    Raises:
        LakeError: The folder cannot be used.
    """
    folder = root / table.name
    span = window or Window()
    facts = LoadFacts(table.name, extracted_at, span.start, span.end, row_count=0, is_missing=True)
    identity = Identity(str(span), "missing", _digest(table), "")
    with attempt(folder, identity, extracted_at=extracted_at, is_superseded=lambda _: True) as held:
        return Load(table, facts, held, buffer_bytes=0).commit()


def _supersedes(entry: LoadFacts, facts: LoadFacts, started: datetime) -> bool:
    """Whether a committed load makes one that started at an instant pointless: the same load, or newer knowledge."""
    if entry.extracted_at < started or entry.kind == RECONCILIATION:
        return False
    if facts.kind == LoadKind.WINDOW:
        same = (facts.kind, facts.window_start, facts.window_end)
        return (entry.kind, entry.window_start, entry.window_end) == same
    return facts.kind == LoadKind.DELTA or entry.kind != LoadKind.WINDOW


def _digest(table: RawTable) -> str:
    return sha256(str([(field.name, str(field.type)) for field in table.schema]).encode()).hexdigest()[:16]
