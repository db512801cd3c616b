"""Rows on their way to the files of their days: as many as fit in memory, the others in temporary parts.

Belongs here: filing rows under their UTC day and bounded memory. Nothing here survives the process; pages that must
are in `pages.py`.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from d365_pm.lake.ordered import is_sorted
from d365_pm.lake.table import RawTable

Day: TypeAlias = date | None
"""Day of a file; None for the one file of a table that is read whole."""

_COMPRESSION = 4
"""How much larger rows are in memory than in a part, about."""


class Waiting:
    """Rows of one load by day.

    Args:
        table: Their shape.
        work: Folder for temporary parts.
        buffer_bytes: Rows to hold in memory before they go to parts.
    """

    def __init__(self, table: RawTable, work: Path, *, buffer_bytes: int) -> None:
        self._table = table
        self._work = work
        self._buffer_bytes = buffer_bytes
        self._groups: dict[Day, list[pa.Table]] = {}
        self._bytes = 0
        self._parts: dict[Day, list[Path]] = {}

    def add(self, rows: pa.Table) -> None:
        """Take in rows with the stored columns and `_arrival`."""
        for day, group in self._by_day(rows):
            self._groups.setdefault(day, []).append(group)
            self._bytes += group.nbytes
        if self._bytes > self._buffer_bytes:
            self.spill()

    @property
    def days(self) -> list[Day]:
        """Days that have rows, oldest first."""
        return sorted({*self._groups, *self._parts}, key=str)

    def rows_before(self, day: date) -> int:
        """Number of rows in memory that belong to earlier days."""
        return sum(
            sum(group.num_rows for group in groups)
            for other, groups in self._groups.items()
            if other is not None and other < day
        )

    def is_in_memory(self, day: Day) -> bool:
        """Whether no row of a day has gone to a part."""
        return day not in self._parts

    def is_small(self, day: Day) -> bool:
        """Whether the rows of a day fit in memory, wherever they are now."""
        stored = sum(part.stat().st_size for part in self._parts.get(day, ()))
        return stored * _COMPRESSION <= self._buffer_bytes

    def take(self, day: Day) -> pa.Table:
        """Hand over all rows of a day that fits in memory."""
        waiting = self._groups.pop(day, [])
        self._bytes -= sum(group.nbytes for group in waiting)
        parts = [pq.read_table(part, partitioning=None) for part in self._parts.pop(day, ())]
        return pa.concat_tables([*parts, *waiting])

    def parts(self, day: Day) -> list[Path]:
        """Move the rest of a day to a part and name all its parts."""
        self._spill_day(day)
        return self._parts[day]

    def keys(self) -> pa.Table:
        """The key columns of the rows that are in memory."""
        groups = [group.select(list(self._table.key)) for day in self._groups.values() for group in day]
        return pa.concat_tables(groups) if groups else self._table.schema.empty_table().select(list(self._table.key))

    def every_key(self) -> Iterator[pa.Table]:
        """The key columns of all rows."""
        yield self.keys()
        for part in (part for parts in self._parts.values() for part in parts):
            yield pq.read_table(part, columns=list(self._table.key), partitioning=None)

    def key_files(self) -> list[Path]:
        """Parquet files that together have the key of every row."""
        if self._parts:
            self.spill()
            return [part for parts in self._parts.values() for part in parts]
        path = self._work / "keys.part"
        pq.write_table(self.keys(), path, compression="lz4")
        return [path]

    def spill(self) -> None:
        """Move what waits in memory to one temporary part per day."""
        for day in list(self._groups):
            self._spill_day(day)

    def _spill_day(self, day: Day) -> None:
        groups = self._groups.pop(day, None)
        if groups is None:
            return
        self._bytes -= sum(group.nbytes for group in groups)
        parts = self._parts.setdefault(day, [])
        part = self._work / f"{day or 'snapshot'}.{len(parts)}.part"
        pq.write_table(pa.concat_tables(groups), part, compression="snappy")
        parts.append(part)

    def _by_day(self, rows: pa.Table) -> Iterator[tuple[Day, pa.Table]]:
        if self._table.window is None:
            yield None, rows
            return
        days = rows.column(self._table.window).cast(pa.date32()).combine_chunks()
        if not is_sorted(days):
            order = pc.sort_indices(days)
            rows, days = rows.take(order), days.take(order)
        runs = pc.run_end_encode(days)
        start = 0
        for day, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            yield day, rows.slice(start, end - start)
            start = end
