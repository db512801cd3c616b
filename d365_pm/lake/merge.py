"""Merging the pages of a load with the file that is there: one row per key, the newest version wins.

Belongs here: the one SQL statement that does it, on DuckDB because it spills to disk where a frame would not fit.
Does not belong here: rows that fit into memory and meet no file (`newest.py`).
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from d365_pm.lake.errors import LakeError
from d365_pm.lake.facts import METADATA_KEY, LoadFacts
from d365_pm.lake.newest import ARRIVAL
from d365_pm.lake.table import RawTable, quoted
from d365_pm.lake.views import literal, paths, typed_read


class Merger:
    """A connection for merging that is opened when it is first needed, since most loads never need it."""

    def __init__(self, work: Path) -> None:
        self._spill = work / "spill"

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """DuckDB with bounded memory and its spill space inside the load's folder."""
        connection = duckdb.connect(config={"memory_limit": "512MB", "threads": 2, "temp_directory": str(self._spill)})
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set enable_progress_bar = false")  # It would be drawn into the log of a step.
        return connection

    def close(self) -> None:
        """Close the connection, if there is one."""
        if "connection" in self.__dict__:
            self.connection.close()


def write_newest(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    *,
    parts: Sequence[Path],
    kept: Path | None,
    facts: LoadFacts,
    target: Path,
) -> int:
    """Write one row per key to a new file: the newest of the parts and of the file that is there.

    Rows of the old file that the parts do not have stay: a row that has changed since lies in a later day, so that
    reading an old day again returns fewer rows than the first time.

    Args:
        connection: That of a `Merger`.
        table: Shape of the rows.
        parts: Temporary files of the load, with the column `_arrival`.
        kept: File of an earlier load to carry over; None replaces whatever is there.
        facts: Written into the file's metadata.
        target: New file.

    Returns:
        Number of rows in the new file.

    Raises:
        LakeError: The file that is there is damaged.
    """
    stored = table.filed
    # The parts were written with exactly these columns and types; casting them again would double the time of a day.
    sources = [f"select * from read_parquet([{paths(parts)}], hive_partitioning = false)"]
    if kept is not None:
        _require_readable(kept)
        sources.append(f"select *, -1 as {ARRIVAL} from ({typed_read([kept], stored)})")
    columns = ", ".join(quoted(name) for name in stored.names)
    keys = ", ".join(quoted(name) for name in table.key)
    sort = ", ".join(quoted(name) for name in (*filter(None, [table.window]), *table.key))
    newest = (
        f"select {columns} from ({' union all '.join(sources)}) "
        f"qualify row_number() over (partition by {keys} order by {table.order()}, {ARRIVAL} desc) = 1 order by {sort}"
    )
    metadata = f"{{{literal(METADATA_KEY)}: {literal(facts.to_json())}}}"
    options = f"format parquet, compression zstd, use_tmp_file false, kv_metadata {metadata}"
    cursor = connection.execute(f"copy ({newest}) to {literal(str(target))} ({options})")
    (rows,) = cursor.fetchone() or (0,)
    return int(rows)


def _require_readable(path: Path) -> None:
    try:
        pq.read_metadata(path)
    except (pa.ArrowInvalid, OSError):
        raise LakeError(f"{path} is no readable Parquet file; delete it and load its day again.") from None
