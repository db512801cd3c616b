"""Which rows of the raw layer the source no longer has, seen from a list of the keys that it has.

Belongs here: comparing keys, on DuckDB because it spills to disk. Does not belong here: what is done about it.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from d365_pm.lake.table import DELETED_AT, EXTRACTED_AT, RawTable, quoted
from d365_pm.lake.views import data_files, paths, view_sql


def has_files(folder: Path, table: RawTable) -> bool:
    """Whether a table has any rows that were loaded before."""
    return bool(data_files(folder, table))


def lacks_no_key(file: Path, keys: pa.Table) -> bool:
    """Whether every row of a small file has its key among those given."""
    (name,) = keys.column_names
    try:
        old = pq.read_table(file, columns=[name], partitioning=None).column(name)
    except pa.ArrowInvalid:
        # Merging says more about a file that it cannot read.
        return False
    return old.type == keys.column(name).type and bool(pc.all(pc.is_in(old, keys.column(name)), min_count=0).as_py())


def absent_keys(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: RawTable, *, present: Sequence[Path], before: datetime
) -> set[str]:
    """Find the living rows that the source had no more when it was asked.

    Args:
        connection: That of a `Merger`.
        folder: Folder of the table.
        table: Its shape; its key is one text column.
        present: Parquet files with the keys that the source has.
        before: When the source was asked; rows that were extracted since may well be new.

    Returns:
        Their keys.
    """
    (key,) = map(quoted, table.key)
    query = (
        f"select {key} from ({view_sql(folder.parent, table)}) "
        f"where {DELETED_AT} is null and {EXTRACTED_AT} < ? "
        f"and {key} not in (select {key} from read_parquet([{paths(present)}], hive_partitioning = false))"
    )
    return {str(found) for (found,) in connection.execute(query, [before]).fetchall()}
