"""One extraction on its way into the raw layer: pages in, committed files out.

Belongs here: the order of commits: days first, then tombstones, and the fact of the load with its cursor last. Nothing
that a reader can see changes before `commit`.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TypeVar

import pyarrow as pa

from d365_pm.lake.attempt import Attempt
from d365_pm.lake.distinct import count_distinct
from d365_pm.lake.errors import LakeError, explained
from d365_pm.lake.facts import LoadFacts, Window
from d365_pm.lake.files import locked
from d365_pm.lake.ledger import append_to_ledger
from d365_pm.lake.merge import Merger
from d365_pm.lake.newest import ARRIVAL, running_numbers
from d365_pm.lake.pages import PageFile, read_columns, read_facts, read_page, stream_digest
from d365_pm.lake.publish import CommittedFile, Publisher, is_whole
from d365_pm.lake.spans import in_order
from d365_pm.lake.stream import Stream
from d365_pm.lake.table import EXTRACTED_AT, MOMENT, WINDOW, RawTable, fitted
from d365_pm.lake.tombstones import add_tombstones
from d365_pm.lake.versions import remove_replaced
from d365_pm.lake.waiting import Day, Waiting

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Committed:
    """What a load has left behind: its facts and its files, oldest day first."""

    facts: LoadFacts
    files: tuple[CommittedFile, ...]


class Load:
    """Pages of one extraction; made by `open_load`, used by one thread at a time, its streams each by one."""

    def __init__(self, table: RawTable, facts: LoadFacts, attempt: Attempt, *, buffer_bytes: int) -> None:
        self._table = table
        self._facts = replace(facts, extracted_at=attempt.extracted_at)
        self._window = Window(facts.window_start, facts.window_end)
        self._attempt = attempt
        self._folder = attempt.folder.parent
        self._buffer_bytes = buffer_bytes
        self._waiting = Waiting(table, attempt.work, buffer_bytes=buffer_bytes)
        self._found = attempt.pages()
        self._streams: dict[str, Stream] = {}
        self._arrival_lock = threading.Lock()
        last = [pages[-1] for pages in self._found.values() if pages]
        self._arrivals = max((page.arrival + read_facts(page).arrivals for page in last), default=0)

    @property
    def extracted_at(self) -> datetime:
        """Instant at which the extraction started: that of the first attempt, if an interrupted one goes on."""
        return self._facts.extracted_at

    def stream(self, name: str = "") -> Stream:
        """A stream of durable pages; one that was interrupted has the pages that it had.

        Args:
            name: What tells the streams of a load apart, such as their part of the window.

        Raises:
            LakeError: What an interrupted load left cannot be read.
        """
        if name not in self._streams:
            with explained(self._folder):
                self._attempt.outlive()
            pages = self._found.pop(stream_digest(name), [])
            self._streams[name] = Stream(self._table, self._attempt.folder, name=name, pages=pages, arrive=self._arrive)
        return self._streams[name]

    def write(self, page: pa.Table | pa.RecordBatch) -> None:
        """Take in a page that need not survive the process; rows may come in any order and more than once.

        Raises:
            LakeError: The page does not fit the table, or the disk refuses it.
        """
        rows = fitted(page if isinstance(page, pa.Table) else pa.Table.from_batches([page]), self._table)
        self._take_in(rows.append_column(ARRIVAL, running_numbers(self._arrive(rows.num_rows), rows.num_rows)))

    def distinct_keys(self) -> int:
        """Count the keys among the rows of all pages, to hold against the source's own count.

        Raises:
            LakeError: A page cannot be read.
        """
        with explained(self._folder):
            pages = (self._columns(page, self._table.key) for page in self._pages())
            return count_distinct(chain(self._waiting.every_key(), pages))

    def commit(self, *, cursor: str | None = None, source_count: int | None = None) -> Committed:
        """Make the rows visible, each day in one step, then what was deleted, then record the load.

        Args:
            cursor: Where the next delta goes on.
            source_count: Rows that the source says there are.

        Raises:
            LakeError: A file cannot be written or an old one is damaged; every file is still either old or new.
        """
        deleted = self._deleted()
        rows = self._facts.row_count + sum(stream.rows for stream in self._streams.values())
        self._facts = replace(self._facts, row_count=rows)
        files, absent = self._publish()
        deleted |= absent
        if self._table.marks_deleted:
            with explained(self._folder):
                add_tombstones(
                    self._folder,
                    pa.array(sorted(deleted), pa.string()),
                    noticed_at=self.extracted_at,
                    work=self._attempt.work,
                )
            self._facts = replace(self._facts, deleted_count=len(deleted))
        self._facts = replace(self._facts, cursor=cursor, source_count=source_count)
        with explained(self._folder), locked(self._folder):
            remove_replaced(self._folder)
            append_to_ledger(self._folder, self._facts, work=self._attempt.work)
        self._attempt.is_done = True
        return Committed(self._facts, files)

    def _arrive(self, count: int) -> int:
        """Reserve running numbers; the later of two equal versions has the higher one."""
        with self._arrival_lock:
            first = self._arrivals
            self._arrivals += count
            return first

    def _pages(self) -> list[PageFile]:
        """Durable pages in the order in which they came; streams that nobody asked for again do not count."""
        return sorted((page for each in self._streams.values() for page in each.pages), key=lambda page: page.arrival)

    def _read(self, page: PageFile, read: Callable[[PageFile], Read]) -> Read:
        """Read a page; one that is damaged is fetched again by the next load, with those after it."""
        try:
            return read(page)
        except LakeError:
            for stream in self._streams.values():
                if page in stream.pages:
                    stream.drop_from(page.number)
            raise

    def _deleted(self) -> set[str]:
        """Ids whose last mention in the durable pages is their deletion."""
        deleted: set[str] = set()
        for page in self._pages():
            facts = self._read(page, read_facts)
            if deleted and facts.rows:
                keys = self._columns(page, self._table.key[:1])
                deleted.difference_update(keys.column(0).to_pylist())
            deleted.update(facts.deleted)
        return deleted

    def _publish(self) -> tuple[tuple[CommittedFile, ...], set[str]]:
        """Write the files, those of early days while the pages of later ones are still on the disk only."""
        publisher = Publisher(
            self._folder, self._attempt.work, table=self._table, facts=self._facts, waiting=self._waiting
        )
        with publisher, closing(Merger(self._attempt.work)) as merger:
            for first, rows in self._in_order():
                publisher.publish_before(first, merger)
                with explained(self._folder):
                    self._waiting.add(self._with_lineage(rows.replace_schema_metadata(None)))
            if self._table.is_snapshot and is_whole(self._table, self._facts) and not self._waiting.days:
                self._waiting.add(self._with_lineage(_no_rows(self._table)))
            return publisher.publish(merger)

    def _in_order(self) -> Iterator[tuple[Day, pa.Table]]:
        """Rows of the durable pages, and a day before which no more of them will come."""
        pages = [page for page in self._pages() if self._read(page, read_facts).rows]
        window = self._table.window
        if window is None:
            yield from ((None, self._read_rows(page)) for page in pages)
            return
        with explained(self._folder):
            yield from in_order(
                pages,
                moments=lambda page: self._columns(page, [window]),
                read=self._read_rows,
                work=self._attempt.work,
                buffer_bytes=self._buffer_bytes,
            )

    def _read_rows(self, page: PageFile) -> pa.Table:
        return self._read(page, read_page)[0]

    def _columns(self, page: PageFile, names: Sequence[str]) -> pa.Table:
        return self._read(page, lambda each: read_columns(each, names))

    def _take_in(self, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        self._facts = replace(self._facts, row_count=self._facts.row_count + rows.num_rows)
        with explained(self._folder):
            self._waiting.add(self._with_lineage(rows))

    def _with_lineage(self, rows: pa.Table) -> pa.Table:
        place = len(self._table.schema)
        extracted_at = pa.repeat(pa.scalar(self._facts.extracted_at, MOMENT), rows.num_rows)
        rows = rows.add_column(place, EXTRACTED_AT, extracted_at)
        return rows.add_column(place + 1, WINDOW, pa.repeat(str(self._window), rows.num_rows))


def _no_rows(table: RawTable) -> pa.Table:
    return table.schema.append(pa.field(ARRIVAL, pa.int64())).empty_table()
