"""Opening a database file: settings that every connection has, and why a file does not open.

Belongs here: what is the same for building and publishing. Does not belong here: what runs on the connection
(`engine.py`, `publish.py`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from d365_pm.warehouse.errors import WarehouseError

_ROW_GROUP = 40_960
"""Rows that one thread writes at a time. With DuckDB's own three times as many, a table of a hundred thousand rows, as
most of ours are, keeps one core busy; measured: a sixth less time for all models."""


@contextmanager
def connected(
    path: Path, *, memory_limit: str = "1GB", threads: int | None = None, spill: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database file for writing, in UTC, with bounded memory.

    Raises:
        WarehouseError: The file is in use, damaged, or cannot be written.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(spill or path.with_name(f".{path.name}.spill")),
    }
    if threads is not None:
        config["threads"] = threads
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(config=config)
    except OSError as error:
        raise WarehouseError(
            f"{path.parent} cannot be used ({error.strerror}); change its owner or mode, or set D365_PM_DATA_DIR."
        ) from None
    with connection:
        try:
            place = str(path).replace("'", "''")
            connection.execute(f"attach '{place}' as working (row_group_size {_ROW_GROUP})")
        except duckdb.Error as error:
            raise WarehouseError(_why_closed(path, error)) from None
        connection.execute("use working")
        connection.execute("set TimeZone = 'UTC'")
        # DuckDB draws its bar into whatever the output is, also into the log of a step.
        connection.execute("set enable_progress_bar = false")
        # Several models read the same raw files; what stands at the end of each is read once.
        connection.execute("set parquet_metadata_cache = true")
        # Nobody may rely on the order of rows in a table; keeping it would cost memory.
        connection.execute("set preserve_insertion_order = false")
        # Tables are replaced as a whole, so that there is nothing to reclaim; each checkpoint would only rewrite those
        # whose last row groups are part-filled, which is every table that two threads wrote.
        connection.execute("set max_vacuum_tasks = 0")
        yield connection


def _why_closed(path: Path, error: duckdb.Error) -> str:
    text = str(error)
    if "lock" in text.lower():
        return f"{path} is in use by another process; wait until that run has ended, or close what has the file open."
    if any(words in text for words in ("Permission denied", "Read-only", "Cannot open file")):
        return f"{path} cannot be written; change its owner or mode, or set D365_PM_DATA_DIR to another folder."
    return f"{path} is no database that this version of DuckDB can open; delete it and run again, it is built anew."
