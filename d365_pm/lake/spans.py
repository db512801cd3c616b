"""Rows of durable pages in the order of their days, however the pages hold them.

Pages of windows are nearly in order as they are. Pages of a chain that follows the ids have rows of every day, and
filing each of them under its days at once would give hundreds of small files again and again. Their rows go to a few
spans of days first, each of which fits into memory. Does not belong here: days and their files (`waiting.py`,
`publish.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from d365_pm.lake.pages import PageFile

_MOST_SPANS = 64
"""Files that are written at a time; a span that does not fit into memory is filed by its days as it comes."""

_WRITE = pa.ipc.IpcWriteOptions(compression="lz4")

Read = Callable[[PageFile], pa.Table]
_Days = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Extent:
    """A page with rows: its days, as numbers of days since 1970, none twice, and how many rows each has."""

    page: PageFile
    days: _Days
    rows: npt.NDArray[np.int64]


def in_order(
    pages: Sequence[PageFile], *, moments: Read, read: Read, work: Path, buffer_bytes: int
) -> Iterator[tuple[date, pa.Table]]:
    """Give the rows of pages so that few of them have to wait for others of their days.

    Args:
        pages: Pages with at least one row each.
        moments: Reads the one column of a page that its days follow from.
        read: Reads a page.
        work: Folder for temporary files.
        buffer_bytes: Rows that may wait in memory.

    Yields:
        Rows, and a day before which neither they nor any that follow lie.
    """
    extents = sorted(
        (_extent(page, moments(page)) for page in pages), key=lambda each: (each.days[0], each.page.arrival)
    )
    if not extents:
        return
    row_bytes = max(1, read(extents[0].page).nbytes // int(extents[0].rows.sum()))
    if _most_waiting(extents) * row_bytes <= buffer_bytes:
        for each in extents:
            yield _date(each.days[0]), read(each.page)
        return
    most = max(1, buffer_bytes // 2 // row_bytes)
    spans = _spans(extents, most=most)
    for start, path in zip(spans, _filed(extents, spans, moments=moments, read=read, work=work), strict=True):
        yield from ((_date(start), rows) for rows in _taken(path, most=most))


def _extent(page: PageFile, moments: pa.Table) -> _Extent:
    days, rows = np.unique(_days(moments), return_counts=True)
    return _Extent(page, days, rows)


def _days(moments: pa.Table) -> _Days:
    days: _Days = moments.column(0).cast(pa.date32()).cast(pa.int32()).to_numpy()
    return days


def _date(day: np.int32) -> date:
    found: date = pa.scalar(int(day), pa.int32()).cast(pa.date32()).as_py()
    return found


def _most_waiting(extents: Sequence[_Extent]) -> int:
    """Most rows in memory at a time, if pages are taken in this order and days are written once they are whole."""
    waiting: list[tuple[np.int32, int]] = []
    most = 0
    for each in extents:
        waiting = [(last, rows) for last, rows in waiting if last >= each.days[0]]
        waiting.append((each.days[-1], int(each.rows.sum())))
        most = max(most, sum(rows for _, rows in waiting))
    return most


def _spans(extents: Sequence[_Extent], *, most: int) -> _Days:
    """First days of spans that have about so many rows each."""
    days, places = np.unique(np.concatenate([each.days for each in extents]), return_inverse=True)
    rows = np.bincount(places, weights=np.concatenate([each.rows for each in extents]))
    most = max(most, int(rows.sum()) // _MOST_SPANS)
    before = np.cumsum(rows) - rows
    _, first = np.unique(before // most, return_index=True)
    starts: _Days = days[first]
    return starts


def _filed(extents: Sequence[_Extent], spans: _Days, *, moments: Read, read: Read, work: Path) -> list[Path]:
    """Write the rows of every page to the file of their span."""
    paths = [work / f"span.{number}.arrow" for number in range(len(spans))]
    writers: dict[int, pa.RecordBatchWriter] = {}
    with ExitStack() as stack:
        for each in extents:
            rows = read(each.page)
            places = np.searchsorted(spans, _days(moments(each.page)), side="right") - 1
            order = np.argsort(places, kind="stable")
            rows, places = rows.take(pa.array(order)), places[order]
            numbers, starts = np.unique(places, return_index=True)
            for number, start, end in zip(numbers, starts, [*starts[1:], len(places)], strict=True):
                if number not in writers:
                    sink = stack.enter_context(pa.OSFile(str(paths[number]), "wb"))
                    writers[number] = stack.enter_context(pa.ipc.new_stream(sink, rows.schema, options=_WRITE))
                writers[number].write_table(rows.slice(start, end - start).combine_chunks())
    return paths


def _taken(path: Path, *, most: int) -> Iterator[pa.Table]:
    """Read the rows of a span, whose file nobody needs any more; together, because each piece is sorted by days."""
    with pa.OSFile(str(path)) as source, pa.ipc.open_stream(source) as stream:
        batches: list[pa.RecordBatch] = []
        for batch in stream:
            batches.append(batch)
            if sum(each.num_rows for each in batches) >= most:
                yield pa.Table.from_batches(batches).combine_chunks()
                batches = []
        if batches:
            yield pa.Table.from_batches(batches).combine_chunks()
    path.unlink()
