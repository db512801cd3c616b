"""The SELECTs through which DuckDB reads the raw layer.

Belongs here: SQL text over the files of `load.py`. The text holds absolute paths and is made anew for every connection;
a published database must not contain it.
"""

import glob
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from d365_pm.lake import facts
from d365_pm.lake.table import RawTable, quoted, sql_type
from d365_pm.lake.versions import current_version

DATA_FILE = "data.parquet"
SNAPSHOT = "snapshot"
DAY = "day="


def view_sql(root: Path, table: RawTable) -> str:
    """Build the SELECT of `raw.<table>`: every column, typed, and only the newest version of each row.

    A column that old files lack is null there, and a table without files is an empty, typed result. The text names the
    files of this moment: a load that commits later neither disturbs nor changes what is read through it.

    Args:
        root: Folder of the raw layer.
        table: Shape that the result has, whatever the files have.
    """
    pattern = f"{SNAPSHOT if table.window is None else DAY + '*'}/{DATA_FILE}"
    select = _typed_select(root, f"{table.name}/{pattern}", table.stored)
    if table.window is None or table.append_only:
        # Already unique: a file never holds a key twice, a snapshot is one file, and a row that cannot change
        # cannot move to the file of another day.
        return select
    keys = ", ".join(quoted(column) for column in table.key)
    return f"{select}\nqualify row_number() over (partition by {keys} order by {table.order()}) = 1"


def loads_sql(root: Path) -> str:
    """Build the SELECT of `raw._loads`: one row per extraction of any table.

    Args:
        root: Folder of the raw layer.
    """
    return _typed_select(root, f"*/{facts.FOLDER}/*.parquet", facts.SCHEMA)


def typed_read(files: Iterable[Path], schema: pa.Schema) -> str:
    """Build a SELECT over Parquet files that has exactly the columns of a schema.

    The empty first branch gives a column that no file has its type. Dataverse cannot change the type of a column: it is
    dropped and made again, and with that its old values are gone at the source too, so a value of the old type that
    does not fit becomes null.
    """
    casts = ", ".join(f"try_cast({quoted(f.name)} as {sql_type(f.type)}) as {quoted(f.name)}" for f in schema)
    files_sql = f"select * from read_parquet([{paths(files)}], union_by_name = true, hive_partitioning = false)"
    return f"select {casts}\nfrom (select {_nulls(schema)} where false union all by name {files_sql})"


def paths(files: Iterable[Path]) -> str:
    """Write files as a list of SQL literals, so that DuckDB takes brackets and stars for what they are."""
    return ", ".join(literal(glob.escape(str(file))) for file in files)


def literal(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _typed_select(root: Path, pattern: str, schema: pa.Schema) -> str:
    files = sorted(root.resolve().glob(pattern))
    if not files:
        return f"select {_nulls(schema)} where false"
    return typed_read([current_version(file) for file in files], schema)


def _nulls(schema: pa.Schema) -> str:
    return ", ".join(f"null::{sql_type(field.type)} as {quoted(field.name)}" for field in schema)
