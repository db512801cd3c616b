"""What is known of a table so far: where a delta goes on, and up to when nothing is missing.

Belongs here: reading the ledger's entries as one answer. Does not belong here: deciding what to read next.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from d365_pm.lake.facts import RECONCILIATION, LoadFacts, LoadKind
from d365_pm.lake.ledger import read_ledger
from d365_pm.lake.table import RawTable

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TableState:
    """What the loads of a table add up to; every instant is UTC, and None where there is none.

    Attributes:
        cursor: Where the next delta goes on; a link of the source, never to be printed.
        fingerprint: Fingerprint of the load that brought the cursor.
        cursor_at: Start of that load.
        read_until: Instant up to which the table is covered without a gap, from the beginning of its history or of
            its earliest window.
        read_from: Instant from which it is covered up to there; the beginning of time for everything.
        first_at: Start of the oldest load.
        extracted_at: Start of the newest load.
        full_at: Start of the newest load that read the whole table.
        reconciled_at: Instant up to which every delete is known, but for those that deltas told since.
    """

    cursor: str | None = field(default=None, repr=False)
    fingerprint: str = ""
    cursor_at: datetime | None = None
    read_until: datetime | None = None
    read_from: datetime | None = None
    first_at: datetime | None = None
    extracted_at: datetime | None = None
    full_at: datetime | None = None
    reconciled_at: datetime | None = None


def state(root: Path, table: RawTable) -> TableState:
    """Read what is known of a table; a table that the environment lacked counts as not read.

    Args:
        root: Folder of the raw layer.
        table: The table.

    Raises:
        LakeError: A file of the ledger is damaged.
    """
    entries = [entry for entry in read_ledger(root / table.name) if not entry.is_missing]
    loads = [entry for entry in entries if entry.kind != RECONCILIATION]
    followed = next((entry for entry in reversed(loads) if entry.cursor is not None), None)
    return TableState(
        cursor=followed.cursor if followed else None,
        fingerprint=followed.fingerprint if followed else "",
        cursor_at=followed.extracted_at if followed else None,
        read_until=_read_until(loads),
        read_from=min((_span(entry)[0] for entry in loads), default=None),
        first_at=loads[0].extracted_at if loads else None,
        extracted_at=_newest(loads),
        full_at=_newest([entry for entry in loads if _is_full(entry)]),
        reconciled_at=_newest([entry for entry in entries if _tells_deletes(entry, table)]),
    )


def _read_until(loads: Sequence[LoadFacts]) -> datetime | None:
    """Chain the half-open spans that the loads cover, as far as they meet."""
    reached: datetime | None = None
    for start, end in sorted(_span(entry) for entry in loads):
        if reached is None or start <= reached:
            reached = max(reached or end, end)
    return reached


def _span(entry: LoadFacts) -> tuple[datetime, datetime]:
    """The span that a load covers: nothing that happened after it began, whatever its window says."""
    if entry.kind == LoadKind.WINDOW:
        return entry.window_start or _EVER, min(entry.window_end or entry.extracted_at, entry.extracted_at)
    # A delta goes on where a baseline ended, so that both together reach back to the beginning.
    return _EVER, entry.extracted_at


def _is_full(entry: LoadFacts) -> bool:
    is_open = entry.window_start is None and entry.window_end is None
    return entry.kind == LoadKind.BASELINE or (entry.kind == LoadKind.WINDOW and is_open)


def _tells_deletes(entry: LoadFacts, table: RawTable) -> bool:
    return entry.kind in (RECONCILIATION, LoadKind.BASELINE) or (table.is_snapshot and _is_full(entry))


def _newest(entries: Sequence[LoadFacts]) -> datetime | None:
    return entries[-1].extracted_at if entries else None
