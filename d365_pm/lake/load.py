"""One extraction on its way into the raw layer: pages in, committed files out.

Belongs here: filing rows under their day, bounded memory, and the order of commits (data first, the fact of the load
last). Nothing that a reader can see changes before `commit`.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from d365_pm.lake.errors import explained
from d365_pm.lake.facts import LoadFacts, Window, append_to_ledger
from d365_pm.lake.files import locked, work_folder
from d365_pm.lake.merge import Merger, write_newest
from d365_pm.lake.newest import ARRIVAL, newest_rows, running_numbers, write_file
from d365_pm.lake.table import EXTRACTED_AT, MOMENT, WINDOW, RawTable, fitted
from d365_pm.lake.versions import commit_version, remove_replaced
from d365_pm.lake.views import DATA_FILE, DAY, SNAPSHOT

_BUFFER_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CommittedFile:
    """One file that a load has written; `day` is None for a snapshot, `rows` counts what the file now holds."""

    day: date | None
    path: Path
    rows: int


@dataclass(frozen=True, slots=True)
class Committed:
    """What a load has left behind: its facts and its files, oldest day first."""

    facts: LoadFacts
    files: tuple[CommittedFile, ...]


class Load:
    """Pages of one extraction; made by `open_load`, used by one thread at a time."""

    def __init__(self, table: RawTable, facts: LoadFacts, *, window: Window, folder: Path, work: Path, buffer: int):
        self._table = table
        self._facts = facts
        self._window = window
        self._folder = folder
        self._work = work
        self._buffer_bytes = buffer
        self._waiting: dict[date | None, list[pa.Table]] = {}
        self._waiting_bytes = 0
        self._parts: dict[date | None, list[Path]] = {}

    def write(self, page: pa.Table | pa.RecordBatch) -> None:
        """Take in a page; rows may come in any order and more than once.

        Raises:
            LakeError: The page does not fit the table, or the disk refuses it.
        """
        rows = page if isinstance(page, pa.Table) else pa.Table.from_batches([page])
        rows = self._with_lineage(fitted(rows, self._table))
        self._facts = replace(self._facts, row_count=self._facts.row_count + rows.num_rows)
        for day, group in self._by_day(rows):
            self._waiting.setdefault(day, []).append(group)
            self._waiting_bytes += group.nbytes
        if self._waiting_bytes > self._buffer_bytes:
            self._spill()

    def commit(self) -> Committed:
        """Make the rows visible, each day in one step, then record that the window was read.

        Raises:
            LakeError: A file cannot be written or an old one is damaged; every file is still either old or new.
        """
        if self._table.window is None and not self._parts:
            self._waiting.setdefault(None, [self._with_lineage(self._table.schema.empty_table())])
        days = sorted({*self._waiting, *self._parts}, key=str)
        with closing(Merger(self._work)) as merger:
            files = [self._commit_file(merger, day) for day in days]
        with explained(self._folder), locked(self._folder):
            remove_replaced(self._folder)
            append_to_ledger(self._folder, self._facts, work=self._work)
        return Committed(self._facts, tuple(files))

    def _with_lineage(self, rows: pa.Table) -> pa.Table:
        first = self._facts.row_count
        extra = {
            EXTRACTED_AT: pa.repeat(pa.scalar(self._facts.extracted_at, MOMENT), rows.num_rows),
            WINDOW: pa.repeat(str(self._window), rows.num_rows),
            ARRIVAL: running_numbers(first, rows.num_rows),
        }
        for name, values in extra.items():
            rows = rows.append_column(name, values)
        return rows

    def _by_day(self, rows: pa.Table) -> Iterator[tuple[date | None, pa.Table]]:
        if self._table.window is None:
            yield None, rows
            return
        days = rows.column(self._table.window).cast(pa.date32()).combine_chunks()
        order = pc.sort_indices(days)
        rows = rows.take(order)
        runs = pc.run_end_encode(days.take(order))
        start = 0
        for day, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            yield day, rows.slice(start, end - start)
            start = end

    def _spill(self) -> None:
        """Move what waits in memory to one temporary part per day."""
        with explained(self._folder):
            for day in list(self._waiting):
                self._spill_day(day)
        self._waiting_bytes = 0

    def _spill_day(self, day: date | None) -> None:
        groups = self._waiting.pop(day, None)
        if groups is None:
            return
        parts = self._parts.setdefault(day, [])
        part = self._work / f"{day or SNAPSHOT}.{len(parts)}.part"
        pq.write_table(pa.concat_tables(groups), part, compression="snappy")
        parts.append(part)

    def _commit_file(self, merger: Merger, day: date | None) -> CommittedFile:
        target = self._folder / (SNAPSHOT if day is None else f"{DAY}{day}") / DATA_FILE
        temporary = self._work / "merged.tmp"
        with explained(target), locked(self._folder):
            kept = target if day is not None and target.exists() else None
            rows = self._write_merged(merger, day, kept, temporary)
            commit_version(temporary, target)
        return CommittedFile(day, target, rows)

    def _write_merged(self, merger: Merger, day: date | None, kept: Path | None, target: Path) -> int:
        if kept is None and day not in self._parts:
            rows = newest_rows(pa.concat_tables(self._waiting.pop(day)), self._table)
            return write_file(rows, target, facts=self._facts)
        self._spill_day(day)
        return write_newest(
            merger.connection, self._table, parts=self._parts[day], kept=kept, facts=self._facts, target=target
        )


@contextmanager
def open_load(
    root: Path,
    table: RawTable,
    *,
    extracted_at: datetime,
    window: Window | None = None,
    buffer_bytes: int = _BUFFER_BYTES,
) -> Iterator[Load]:
    """Start a load; leaving the block without `commit` drops its pages and changes nothing.

    Args:
        root: Folder of the raw layer.
        table: What is loaded.
        extracted_at: Instant at which the extraction started.
        window: Span of the window column that was asked for; None means all of it.
        buffer_bytes: Rows to hold in memory before they go to temporary files.

    Raises:
        LakeError: The folder cannot be used.
    """
    folder = root / table.name
    span = window or Window()
    facts = LoadFacts(table.name, extracted_at, span.start, span.end, row_count=0)
    with work_folder(folder) as work:
        yield Load(table, facts, window=span, folder=folder, work=work, buffer=buffer_bytes)


def record_missing(root: Path, table: RawTable, *, extracted_at: datetime, window: Window | None = None) -> Committed:
    """Record that the environment does not have this table; a table read whole becomes an empty, typed snapshot.

    Raises:
        LakeError: The folder cannot be used.
    """
    folder = root / table.name
    span = window or Window()
    facts = LoadFacts(table.name, extracted_at, span.start, span.end, row_count=0, is_missing=True)
    with work_folder(folder) as work:
        return Load(table, facts, window=span, folder=folder, work=work, buffer=0).commit()
