"""The files of a load put in the place of those that are there, and what that says of rows that it did not bring.

Belongs here: one file at a time, old or new, never half. Does not belong here: the order of a whole commit
(`load.py`).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from d365_pm.lake.absent import absent_keys, has_files, lacks_no_key
from d365_pm.lake.errors import explained
from d365_pm.lake.facts import LoadFacts, LoadKind
from d365_pm.lake.files import locked
from d365_pm.lake.merge import Merger, write_newest
from d365_pm.lake.newest import newest_rows, write_file
from d365_pm.lake.table import RawTable
from d365_pm.lake.versions import commit_version
from d365_pm.lake.views import data_file
from d365_pm.lake.waiting import Day, Waiting

_WRITERS = 2
"""Files that are compressed at a time."""


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

    def publish(self, merger: Merger) -> tuple[tuple[CommittedFile, ...], set[str]]:
        """Write every file; returns them and the keys of rows that the source no longer has.

        Raises:
            LakeError: A file cannot be written or an old one is damaged.
        """
        present = self._present()
        replaces = self._table.is_snapshot and is_whole(self._table, self._facts) and not present
        days = self._waiting.days
        new = self._commit_new(days, replaces=replaces)
        files = tuple(new.get(day) or self._commit_file(merger, day, replaces=replaces) for day in days)
        if not present:
            return files, set()
        with explained(self._folder):
            before = self._facts.extracted_at
            return files, absent_keys(merger.connection, self._folder, self._table, present=present, before=before)

    def _present(self) -> list[Path]:
        """Files with the keys of a load that is the whole table, if there may be rows that it lacks."""
        is_telling = is_whole(self._table, self._facts) and self._table.marks_deleted
        if not (is_telling and has_files(self._folder, self._table)):
            return []
        snapshot = data_file(self._folder, None)
        if self._table.is_snapshot and self._waiting.is_in_memory(None):
            with explained(snapshot):
                if lacks_no_key(snapshot, self._waiting.keys()):
                    return []
        with explained(self._folder):
            return self._waiting.key_files()

    def _is_new(self, day: Day, *, replaces: bool) -> bool:
        """Whether the rows of a day fit in memory and meet no other rows."""
        return self._waiting.is_small(day) and (replaces or not data_file(self._folder, day).exists())

    def _commit_new(self, days: Sequence[Day], *, replaces: bool) -> dict[Day, CommittedFile]:
        """Write files that need no merging, several at a time: compressing many small ones is most of a first load."""
        with explained(self._folder), locked(self._folder), ThreadPoolExecutor(_WRITERS) as pool:
            new = [day for day in days if self._is_new(day, replaces=replaces)]
            return dict(zip(new, pool.map(self._write_new, new), strict=True))

    def _write_new(self, day: Day) -> CommittedFile:
        target, temporary = data_file(self._folder, day), self._work / f"{day or 'whole'}.tmp"
        with explained(target):
            rows = write_file(newest_rows(self._waiting.take(day), self._table), temporary, facts=self._facts)
            commit_version(temporary, target)
        return CommittedFile(day, target, rows)

    def _commit_file(self, merger: Merger, day: Day, *, replaces: bool) -> CommittedFile:
        target, temporary = data_file(self._folder, day), self._work / "merged.tmp"
        with explained(target), locked(self._folder):
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
