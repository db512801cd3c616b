"""A published table as one Parquet file, the same bytes for the same rows.

Belongs here: what makes the bytes depend on the rows alone: the order of rows, the size of row groups and pages, the
compression, and metadata without a time or a place. Does not belong here: other columns than the table's own.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from d365_pm.exports.errors import ExportError

MARTS: dict[str, str] = {
    "event_log": "e.ServiceRequest, e.SeqInCase",
    "events": "e.ServiceRequest, e.SeqInCase",
    "cases": "c.ServiceRequest",
}
"""Tables that can be exported, with the order of their rows: case by case, and inside one as its events follow each
other, which the 21 columns of the log cannot tell where events share a second."""

_ROW_GROUP = 122_880
"""Rows that one thread of most engines reads at a time."""

_INSTANT = pa.timestamp("us", tz="UTC")


def write_parquet(warehouse: Path, mart: str, target: Path, *, memory_limit: str = "1GB") -> int:
    """Write a table of schema `marts` to one Parquet file, replacing what is there in one step.

    Two databases with the same rows give files with the same bytes, however the rows lie in them.

    Args:
        warehouse: Published database; it is opened for reading only.
        mart: Name of the table, one of `MARTS`.
        target: The file.
        memory_limit: What sorting may use, such as `1GB`; the rest goes to a folder beside the file.

    Returns:
        Number of rows.

    Raises:
        ExportError: There is no such table, or the file cannot be written; an old file is then what it was.
    """
    if mart not in MARTS:
        raise ExportError(f"There is no table marts.{mart} to export; choose one of {', '.join(MARTS)}.")
    with _explained(warehouse, mart, target), _beside(target) as copy:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "temp_directory": f"{copy}.spill",
        }
        with duckdb.connect(str(warehouse), read_only=True, config=config) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set enable_progress_bar = false")
            reader = connection.sql(_query(connection, mart)).to_arrow_reader(_ROW_GROUP)
            rows = _write(reader, copy)
        copy.replace(target)
    return rows


def _query(connection: duckdb.DuckDBPyConnection, mart: str) -> str:
    """SELECT of the table's own columns in their order, each from where the order of the rows is known as well.

    The log is events joined with their cases, and has every column from one of the two.
    """
    columns, events = (_columns(connection, name) for name in (mart, "events"))
    selected = ", ".join(f'{"c" if mart == "cases" or name not in events else "e"}."{name}"' for name in columns)
    joined = "marts.events as e inner join marts.cases as c on e.CaseGuid = c.CaseGuid"
    source = {"cases": "marts.cases as c", "events": "marts.events as e"}.get(mart, joined)
    return f"select {selected} from {source} order by {MARTS[mart]}"


def _columns(connection: duckdb.DuckDBPyConnection, mart: str) -> list[str]:
    return [str(name) for name, *_ in connection.execute(f"describe marts.{mart}").fetchall()]


def _write(reader: pa.RecordBatchReader, target: Path) -> int:
    schema = pa.schema([_portable(field) for field in reader.schema])
    written = 0
    with pq.ParquetWriter(target, schema, version="2.6", compression="zstd", compression_level=3) as writer:
        for rows in _row_groups(reader):
            writer.write_table(rows.cast(schema), row_group_size=_ROW_GROUP)
            written += rows.num_rows
    _sync(target)
    return written


def _portable(field: pa.Field) -> pa.Field:
    """DuckDB names the zone `Etc/UTC` where every other tool says `UTC`."""
    return field.with_type(_INSTANT) if pa.types.is_timestamp(field.type) and field.type.tz else field


def _row_groups(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Tables of exactly one row group each; DuckDB cuts its batches as its threads come by."""
    waiting = reader.schema.empty_table()
    for batch in reader:
        waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch])])
        while waiting.num_rows >= _ROW_GROUP:
            yield waiting.slice(0, _ROW_GROUP).combine_chunks()
            waiting = waiting.slice(_ROW_GROUP)
    if waiting.num_rows:
        yield waiting.combine_chunks()


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A hidden name on the target's file system; whatever has it is removed at the end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    copy = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)


@contextmanager
def _explained(warehouse: Path, mart: str, target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportError(
            f"{target} cannot be written ({error.strerror}); free some space or change the folder's owner."
        ) from None
    except duckdb.CatalogException:
        raise ExportError(f"{warehouse} has no table marts.{mart}; run the pipeline first.") from None
    except duckdb.Error as error:
        raise ExportError(
            f"marts.{mart} cannot be read from {warehouse} ({type(error).__name__}); run the pipeline first, or raise "
            "the memory limit."
        ) from None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
