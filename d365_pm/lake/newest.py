"""The rows of a day that nobody has loaded before: one row per key, the newest version wins, as `merge.py` has it.

Belongs here: rows that are in memory and meet no file. A file's worth of SQL costs more than such a day: planning a
query over fifty columns takes longer than sorting its rows.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from d365_pm.lake.facts import METADATA_KEY, LoadFacts
from d365_pm.lake.table import RawTable

ARRIVAL = "_arrival"
"""Column of rows on their way: the running number of a row, so that the later of two equal versions wins."""

_PLACE = "_place"
_GROUP_ROWS = 122_880
"""Rows that one thread of DuckDB reads; a whole table in one group would leave the other threads idle."""


def newest_rows(rows: pa.Table, table: RawTable) -> pa.Table:
    """Leave one row per key, sorted by window column and key.

    Args:
        rows: Rows of one load, with the column `_arrival`.
        table: Their shape.

    Returns:
        Rows with the stored columns.
    """
    # Nulls go last in either direction.
    order = [(column, "descending") for column in (*table.version, ARRIVAL)]
    ranked = rows.take(pc.sort_indices(rows, sort_keys=order))
    places = ranked.select(list(table.key)).append_column(_PLACE, running_numbers(0, ranked.num_rows))
    first = places.group_by(list(table.key)).aggregate([(_PLACE, "min")])
    sort = [(column, "ascending") for column in (*filter(None, [table.window]), *table.key)]
    return ranked.take(first.column(f"{_PLACE}_min")).select(table.filed.names).sort_by(sort)


def write_file(rows: pa.Table, target: Path, *, facts: LoadFacts) -> int:
    """Write rows to a new file that holds the facts of their load; returns their number."""
    described = rows.replace_schema_metadata({METADATA_KEY: facts.to_json()})
    pq.write_table(described, target, compression="zstd", row_group_size=_GROUP_ROWS)
    return int(rows.num_rows)


def running_numbers(first: int, count: int) -> pa.Array:
    """The whole numbers from `first` on."""
    return pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), count), start=first - 1)
