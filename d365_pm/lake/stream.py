"""One stream of pages of a load: what it has, where it goes on.

Belongs here: progress inside a table. What the pages come to is decided in `load.py`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa

from d365_pm.lake.errors import explained
from d365_pm.lake.newest import ARRIVAL, running_numbers
from d365_pm.lake.pages import PageFacts, PageFile, read_facts, remove_pages, stream_digest, write_page
from d365_pm.lake.table import RawTable, fitted


class Stream:
    """Pages that follow each other; made by `Load.stream`, used by one thread at a time.

    Attributes:
        cursor: Where to go on, as the last page said; None before the first page and after the last.
        is_finished: The last page is here.
        rows: Rows of the pages so far, those of an interrupted load included.
    """

    def __init__(
        self, table: RawTable, folder: Path, *, name: str, pages: Sequence[PageFile], arrive: Callable[[int], int]
    ) -> None:
        self._table = table
        self._folder = folder
        self._digest = stream_digest(name)
        self._arrive = arrive
        self.pages = list(pages)
        last = read_facts(self.pages[-1]) if self.pages else None
        self.cursor = last.cursor if last else None
        self.is_finished = last is not None and last.cursor is None
        self.rows = last.rows_so_far if last else 0

    def write(self, rows: pa.Table, *, cursor: str | None, deleted: Sequence[str] = ()) -> None:
        """Take in the next page; when this returns, it survives a crash of process and machine.

        Args:
            rows: Rows of the page, in any order.
            cursor: Where the stream goes on; None if this was its last page.
            deleted: Ids that the source has deleted; they count as later than the rows of the page.

        Raises:
            LakeError: The page does not fit the table, or the disk refuses it.
        """
        if self.is_finished:
            raise ValueError("the stream has had its last page; restart it to read it again")
        if deleted and not (self._table.marks_deleted or self._table.append_only):
            raise ValueError(f"{self._table.name} does not keep deleted rows, so it cannot follow them")
        fitting = fitted(rows, self._table)
        facts = PageFacts(cursor, fitting.num_rows, self.rows + fitting.num_rows, tuple(deleted))
        arrival = self._arrive(facts.arrivals)
        numbered = fitting.append_column(ARRIVAL, running_numbers(arrival, fitting.num_rows))
        with explained(self._folder.parent):
            number = len(self.pages)
            page = write_page(self._folder, numbered, stream=self._digest, number=number, arrival=arrival, facts=facts)
        self.pages.append(page)
        self.cursor, self.is_finished, self.rows = cursor, cursor is None, facts.rows_so_far

    def restart(self) -> None:
        """Forget every page, so that the stream is read from its beginning."""
        self.drop_from(0)
        self.cursor, self.is_finished, self.rows = None, False, 0

    def drop_from(self, number: int) -> None:
        """Remove a page and those after it for good."""
        with explained(self._folder.parent):
            remove_pages(self._folder, self.pages[number:])
        del self.pages[number:]
