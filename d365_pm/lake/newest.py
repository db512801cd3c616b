"""The rows of a day that nobody has loaded before: one row per key, the newest version wins, as `merge.py` has it.

Belongs here: rows that are in memory and meet no file. A file's worth of SQL costs more than such a day: planning a
query over fifty columns takes longer than sorting its rows.
"""

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from d365_pm.lake.facts import METADATA_KEY, LoadFacts
from d365_pm.lake.ordered import is_sorted
from d365_pm.lake.table import RawTable

ARRIVAL = "_arrival"
"""Column of rows on their way: the running number of a row, so that the later of two equal versions wins."""

_PLACE = "_place"
_FEW_ROWS = 1000
"""Below so many, zstd and a dictionary for each column take longer to open than all else, and save next to nothing."""

_GROUP_ROWS = 122_880
"""Rows that one thread of DuckDB reads; a whole table in one group would leave the other threads idle."""


def newest_by_day(groups: Sequence[pa.Table], table: RawTable) -> list[pa.Table]:
    """Leave one row per key in each of several days, sorted by window column and key.

    Args:
        groups: Rows of one load by day, days ascending, with the column `_arrival`.
        table: Their shape.

    Returns:
        Rows with the stored columns, by day.
    """
    every = pa.concat_tables(groups)
    if len(groups) == 1 or not _is_unique(every, table):
        return [newest_rows(group, table) for group in groups]
    # Together, because a day of a hundred rows costs as many calls as one of ten thousand.
    every = newest_rows(every, table)
    ends = list(accumulate(group.num_rows for group in groups))
    return [every.slice(end - group.num_rows, group.num_rows) for group, end in zip(groups, ends, strict=True)]


def newest_rows(rows: pa.Table, table: RawTable) -> pa.Table:
    """Leave one row per key, sorted by window column and key.

    Args:
        rows: Rows of one load, with the column `_arrival`.
        table: Their shape.

    Returns:
        Rows with the stored columns.
    """
    rows = rows.combine_chunks()
    if not _is_unique(rows, table):
        rows = _newest(rows, table)
    sort = [(column, "ascending") for column in (*filter(None, [table.window]), *table.key)]
    order = pc.sort_indices(rows, sort_keys=sort)
    return (rows if is_sorted(order) else rows.take(order)).select(table.filed.names)


def write_file(rows: pa.Table, target: Path, *, facts: LoadFacts) -> int:
    """Write rows to a new file that holds the facts of their load; returns their number."""
    described = rows.replace_schema_metadata({METADATA_KEY: facts.to_json()})
    is_small = rows.num_rows < _FEW_ROWS
    # Opened here, because finding out on which file system a path lies takes as long as a file of a few rows.
    with pa.OSFile(str(target), "wb") as sink:
        pq.write_table(
            described,
            sink,
            compression="snappy" if is_small else "zstd",
            use_dictionary=not is_small,
            row_group_size=_GROUP_ROWS,
        )
    return int(rows.num_rows)


def running_numbers(first: int, count: int) -> pa.Array:
    """The whole numbers from `first` on."""
    return pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), count), start=first - 1)


def _is_unique(rows: pa.Table, table: RawTable) -> bool:
    """Whether no key comes twice; keys of several columns are not looked at."""
    return len(table.key) == 1 and pc.count_distinct(rows.column(table.key[0])).as_py() == rows.num_rows


def _newest(rows: pa.Table, table: RawTable) -> pa.Table:
    # Nulls go last in either direction.
    order = [(column, "descending") for column in (*table.version, ARRIVAL)]
    ranked = rows.take(pc.sort_indices(rows, sort_keys=order))
    return ranked.take(_first_places(ranked.select(list(table.key))))


def _first_places(keys: pa.Table) -> pa.Array:
    """Where each key comes first."""
    if keys.num_columns == 1:
        # Grouping would load Arrow's query engine, which takes 40 MB, in loads that are otherwise rid of it.
        codes = keys.column(0).combine_chunks().dictionary_encode(null_encoding="encode").indices
        return pa.array(np.unique(codes.to_numpy(), return_index=True)[1])
    places = keys.append_column(_PLACE, running_numbers(0, keys.num_rows))
    first = places.group_by(keys.column_names).aggregate([(_PLACE, "min")])
    return first.column(f"{_PLACE}_min").combine_chunks()
