"""The SELECTs through which DuckDB reads the raw layer.

Belongs here: SQL text over the files of `load.py`. The text holds absolute paths and is made anew for every connection;
a published database must not contain it.
"""

import glob
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from d365_pm.lake import facts, ledger, tombstones
from d365_pm.lake.table import DELETED_AT, EXTRACTED_AT, MOMENT, RawTable, quoted, sql_type
from d365_pm.lake.versions import current_version

DATA_FILE = "data.parquet"
SNAPSHOT = "snapshot"
DAY = "day="


@dataclass(frozen=True, slots=True)
class _View:
    """A table as its files of one moment have it.

    Attributes:
        every: SELECT of every version of every row.
        newest: SELECT of the newest version of each row.
        repeats: Condition that holds if a key has several rows, and hardly ever otherwise; None where none can have.
    """

    every: str
    newest: str
    repeats: str | None


def views_sql(connection: duckdb.DuckDBPyConnection, root: Path, tables: Iterable[RawTable]) -> dict[str, str]:
    """Build the SELECTs of `raw.<table>` by table, as `view_sql` does one, for readers that read a table several times.

    Looking for rows of one key again in each reading takes as long as the reading: here it is done once, and a table
    that has none is read as it stands.

    Args:
        connection: Any connection; it looks into the files.
        root: Folder of the raw layer.
        tables: Shapes that the results have.
    """
    views = {table.name: _view(root, table) for table in tables}
    asked = [(name, view.repeats) for name, view in views.items() if view.repeats is not None]
    repeated = _holding(connection, asked)
    return {name: view.newest if name in repeated else view.every for name, view in views.items()}


def _holding(connection: duckdb.DuckDBPyConnection, conditions: Sequence[tuple[str, str]]) -> set[str]:
    """Names of the conditions that hold."""
    if not conditions:
        return set()
    asked = " union all ".join(f"select {literal(name)} where {condition}" for name, condition in conditions)
    try:
        return {str(name) for (name,) in connection.execute(asked).fetchall()}
    except duckdb.Error:
        # A damaged file is told, with its table, by whoever reads it; a file of another shape is theirs to fit.
        return {name for name, _ in conditions}


def view_sql(root: Path, table: RawTable) -> str:
    """Build the SELECT of `raw.<table>`: every column, typed, and only the newest version of each row.

    A column that old files lack is null there, and a table without files is an empty, typed result. Rows that the
    source has deleted are there too, with `_deleted_at`; one that was extracted after that is alive again. The text
    names the files of this moment: a load that commits later neither disturbs nor changes what is read through it.

    Args:
        root: Folder of the raw layer.
        table: Shape that the result has, whatever the files have.
    """
    return _view(root, table).newest


def _view(root: Path, table: RawTable) -> _View:
    folder = root.resolve() / table.name
    files = [current_version(file) for file in data_files(folder, table)]
    select, order = typed_read(files, table.filed) if files else _nothing(table.filed), table.order()
    if table.marks_deleted and (folder / tombstones.FILE).exists():
        columns = ", ".join(f"r.{quoted(name)}" for name in table.filed.names)
        dead = typed_read([current_version(folder / tombstones.FILE)], tombstones.SCHEMA)
        order = f"{DELETED_AT} is not null, {order}"
        select = (
            f"select {columns}, t.deleted_at as {DELETED_AT}\nfrom ({select}) as r\nleft join ({dead}) as t\n"
            f"on r.{quoted(table.key[0])} = t.id and r.{EXTRACTED_AT} <= t.noticed_at"
        )
    else:
        select = f"select *, null::{sql_type(MOMENT)} as {DELETED_AT}\nfrom ({select})"
    # Unique in any case: a file never holds a key twice, a snapshot is one file, and a row that cannot change cannot
    # move to the file of another day.
    if table.is_snapshot or table.append_only or len(files) < 2:
        return _View(select, select, repeats=None)
    return _View(select, _newest(select, table, order), _repeats(files, table))


def data_file(folder: Path, day: date | None) -> Path:
    """The file of a day, or of a table that is read whole."""
    return folder / (SNAPSHOT if day is None else f"{DAY}{day}") / DATA_FILE


def data_files(folder: Path, table: RawTable) -> list[Path]:
    """Every file of a table, oldest day first."""
    return sorted(folder.glob(f"{SNAPSHOT if table.is_snapshot else DAY + '*'}/{DATA_FILE}"))


def loads_sql(root: Path) -> str:
    """Build the SELECT of `raw._loads`: one row per extraction of any table.

    Args:
        root: Folder of the raw layer.
    """
    files = [current_version(file) for file in sorted(root.resolve().glob(f"*/{ledger.FOLDER}/*.parquet"))]
    return typed_read(files, facts.VISIBLE) if files else _nothing(facts.VISIBLE)


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


def _nothing(schema: pa.Schema) -> str:
    return f"select {_nulls(schema)} where false"


def _repeats(files: Iterable[Path], table: RawTable) -> str:
    """A condition on digests of the keys, which are smaller than they; two keys rarely share one."""
    keys = ", ".join(quoted(column) for column in table.key)
    files_sql = f"read_parquet([{paths(files)}], hive_partitioning = false)"
    return f"exists (select 1 from {files_sql} group by hash({keys}) having count(*) > 1)"


def _newest(select: str, table: RawTable, order: str) -> str:
    """Leave the first of the rows that share a key.

    Few keys have several rows, so those are found first: ranking every row would sort the whole table by its ids.
    """
    keys = ", ".join(quoted(column) for column in table.key)
    return (
        f"with version as not materialized ({select}),\n"
        f"repeated as (select {keys} from version group by {keys} having count(*) > 1)\n"
        f"select * from version where ({keys}) not in (select ({keys}) from repeated)\n"
        f"union all\n"
        f"select * from version where ({keys}) in (select ({keys}) from repeated)\n"
        f"qualify row_number() over (partition by {keys} order by {order}) = 1"
    )


def _nulls(schema: pa.Schema) -> str:
    return ", ".join(f"null::{sql_type(field.type)} as {quoted(field.name)}" for field in schema)
