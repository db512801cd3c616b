"""A small windowed table and a small table read whole, with rows that tests write by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from d365_pm.lake import Committed, RawTable, Window, open_load, view_sql

MOMENT = pa.timestamp("us", tz="UTC")

INCIDENT = RawTable(
    name="incident",
    schema=pa.schema(
        [("incidentid", pa.string()), ("versionnumber", pa.int64()), ("modifiedon", MOMENT), ("title", pa.string())]
    ),
    key=("incidentid",),
    version=("versionnumber", "modifiedon"),
    window="modifiedon",
)
QUEUE = RawTable(
    name="queue",
    schema=pa.schema([("queueid", pa.string()), ("name", pa.string())]),
    key=("queueid",),
)
FORGETFUL = replace(QUEUE, keeps_deleted=False)
"""The same without tombstones: each load is all there is."""


def moment(day: int, hour: int = 0, *, month: int = 3) -> datetime:
    """An instant of 2024."""
    return datetime(2024, month, day, hour, tzinfo=UTC)


def incidents(*rows: tuple[str, int | None, datetime, str | None]) -> pa.Table:
    """A page of incidents from (id, version, modified, title)."""
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    return pa.table(
        [pa.array(values, field.type) for values, field in zip(columns, INCIDENT.schema, strict=True)],
        schema=INCIDENT.schema,
    )


def load(
    root: Path,
    table: RawTable,
    *pages: pa.Table,
    at: datetime | None = None,
    window: Window | None = None,
    **options: Any,
) -> Committed:
    """Load pages and commit them."""
    with open_load(root, table, extracted_at=at or moment(1), window=window, **options) as open_one:
        for page in pages:
            open_one.write(page)
        return open_one.commit()


def rows(sql: str) -> list[tuple[Any, ...]]:
    """Run a query on a fresh connection."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()


def visible(root: Path, table: RawTable, columns: str) -> list[tuple[Any, ...]]:
    """What SQL sees of the table, sorted."""
    return sorted(rows(f"select {columns} from ({view_sql(root, table)})"))
