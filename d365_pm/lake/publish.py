"""The files of a load put in the place of those that are there, and what that says of rows that it did not bring.

Belongs here: one file at a time, old or new, never half. Does not belong here: the order of a whole commit
(`load.py`).
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Self

import pyarrow as pa

from d365_pm.lake.absent import absent_keys, has_files, lacks_no_key
from d365_pm.lake.errors import explained
from d365_pm.lake.facts import LoadFacts, LoadKind
from d365_pm.lake.files import locked, sync
from d365_pm.lake.merge import Merger, write_newest
from d365_pm.lake.newest import newest_by_day, write_file
from d365_pm.lake.table import RawTable
from d365_pm.lake.versions import commit_version, place_version
from d365_pm.lake.views import data_file
from d365_pm.lake.waiting import Day, Waiting

_WRITERS = 2
"""Files that are compressed at a time."""

_BATCH_ROWS = 5000
"""Rows that are sorted in one go, of as many days as it takes."""

_WORTH_WRITING = _WRITERS * _BATCH_ROWS
"""Rows of complete days that give every writer something to do."""


@dataclass(frozen=True, slots=True)
class CommittedFile:
    """One file that a load has written; `day` is None for a snapshot, `rows` counts what the file now holds."""

    day: date | None
    path: Path
    rows: int


def is_whole(table: RawTable, facts: LoadFacts) -> bool:
    """Whether a row that the load did not bring is a deleted one."""
    return facts.kind == LoadKind.BASELINE or (facts.kind == LoadKind.WINDOW and table.is_snapshot)


class Publisher:
    """Writes the files of one load.

    Args:
        folder: Folder of the table.
        work: Folder for temporary files, on the same file system.
        table: Shape of the rows.
        facts: Facts of the load, written into each file.
        waiting: Its rows.
    """

    def __init__(self, folder: Path, work: Path, *, table: RawTable, facts: LoadFacts, waiting: Waiting) -> None:
        self._folder = folder
        self._work = work
        self._table = table
        self._facts = facts
        self._waiting = waiting
        self._files: dict[Day, CommittedFile] = {}
        self._under_way: deque[Future[list[CommittedFile]]] = deque()
        self._held = ExitStack()
        # Asked for now: once the first day is there, there are files.
        is_telling = is_whole(table, facts) and table.marks_deleted
        self._has_absent = is_telling and has_files(folder, table)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def publish_before(self, day: Day, merger: Merger) -> None:
        """Begin to write the files of the days before one, if there is much to write; none of their rows may follow.

        Raises:
            LakeError: A file cannot be written or an old one is damaged.
        """
        # What the source no longer has is found with the keys of all rows.
        if day is not None and not self._has_absent and self._waiting.rows_before(day) >= _WORTH_WRITING:
            self._commit([each for each in self._waiting.days if each is not None and each < day], merger)

    def publish(self, merger: Merger) -> tuple[tuple[CommittedFile, ...], set[str]]:
        """Write every file that is left; returns all of them and the keys of rows that the source no longer has.

        Raises:
            LakeError: A file cannot be written or an old one is damaged.
        """
        present = self._present()
        replaces = self._table.is_snapshot and is_whole(self._table, self._facts) and not present
        self._commit(self._waiting.days, merger, replaces=replaces)
        with explained(self._folder):
            while self._under_way:
                self._collect()
            sync(self._folder)
        files = tuple(self._files[day] for day in sorted(self._files, key=str))
        if not present:
            return files, set()
        with explained(self._folder):
            before = self._facts.extracted_at
            return files, absent_keys(merger.connection, self._folder, self._table, present=present, before=before)

    def _present(self) -> list[Path]:
        """Files with the keys of a load that is the whole table, if there may be rows that it lacks."""
        if not self._has_absent:
            return []
        snapshot = data_file(self._folder, None)
        if self._table.is_snapshot and self._waiting.is_in_memory(None):
            with explained(snapshot):
                if lacks_no_key(snapshot, self._waiting.keys()):
                    return []
        with explained(self._folder):
            return self._waiting.key_files()

    def _commit(self, days: Sequence[Day], merger: Merger, *, replaces: bool = False) -> None:
        """Write the files of days; beside what follows where they need no merging, which is most of a first load."""
        with explained(self._folder):
            writers = self._writers
            new = {day for day in days if self._is_new(day, replaces=replaces)}
            for batch in self._batches([day for day in days if day in new]):
                if len(self._under_way) > _WRITERS:
                    self._collect()
                self._under_way.append(writers.submit(self._write_new, batch))
        for day in days:
            if day not in new:
                self._files[day] = self._commit_file(merger, day, replaces=replaces)

    @cached_property
    def _writers(self) -> ThreadPoolExecutor:
        """Threads that write, under the lock of the table, which is held until everything is written.

        Whether a day has a file is asked under the lock: another load may be about to make that of the same day.
        """
        self._held.enter_context(locked(self._folder))
        return self._held.enter_context(ThreadPoolExecutor(_WRITERS))

    def _collect(self) -> None:
        self._files.update({file.day: file for file in self._under_way.popleft().result()})

    def _is_new(self, day: Day, *, replaces: bool) -> bool:
        """Whether the rows of a day fit in memory and meet no other rows."""
        return self._waiting.is_small(day) and (replaces or not data_file(self._folder, day).exists())

    def _batches(self, days: Sequence[Day]) -> Iterator[dict[Day, pa.Table]]:
        batch: dict[Day, pa.Table] = {}
        for day in days:
            batch[day] = self._waiting.take(day)
            if sum(rows.num_rows for rows in batch.values()) >= _BATCH_ROWS:
                yield batch
                batch = {}
        if batch:
            yield batch

    def _write_new(self, batch: dict[Day, pa.Table]) -> list[CommittedFile]:
        newest = newest_by_day(list(batch.values()), self._table)
        return [self._write_day(day, rows) for day, rows in zip(batch, newest, strict=True)]

    def _write_day(self, day: Day, rows: pa.Table) -> CommittedFile:
        target, temporary = data_file(self._folder, day), self._work / f"{day or 'whole'}.tmp"
        with explained(target):
            count = write_file(rows, temporary, facts=self._facts)
            place_version(temporary, target)
        return CommittedFile(day, target, count)

    def _commit_file(self, merger: Merger, day: Day, *, replaces: bool) -> CommittedFile:
        target, temporary = data_file(self._folder, day), self._work / "merged.tmp"
        with explained(target):
            rows = write_newest(
                merger.connection,
                self._table,
                parts=self._waiting.parts(day),
                kept=target if not replaces and target.exists() else None,
                facts=self._facts,
                target=temporary,
            )
            commit_version(temporary, target)
        return CommittedFile(day, target, rows)
