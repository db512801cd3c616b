"""A case table of any length for the sandbox to serve: a generated desk's cases, again and again.

Belongs here: fresh ids, version numbers and instants for each copy, so that no row repeats and days stay evenly full.
Only the case table is written; the rows of other tables would only slow the sandbox down.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from d365_pm.sandbox.desk import generate

TABLE = "incident"
_CASES = 20_000
_SPAN = timedelta(days=1000)
"""Over how many days the copies are spread, at most."""


@dataclass(frozen=True, slots=True)
class LongTable:
    """What was written.

    Attributes:
        folder: For `sandbox serve --data`.
        rows: Rows of the table.
        start: An instant before every row, ISO 8601.
        end: An instant after every row.
    """

    folder: Path
    rows: int
    start: str
    end: str


def write_cases(folder: Path, rows: int) -> LongTable:
    """Write a case table.

    Args:
        folder: Made here.
        rows: How many.
    """
    desk = generate(cases=min(rows, _CASES))
    cases = desk.tables[TABLE]
    folder.mkdir(parents=True)
    copies = -(-rows // cases.num_rows)
    left = rows
    with pq.ParquetWriter(folder / f"{TABLE}.parquet", cases.schema) as writer:
        for number in range(copies):
            writer.write_table(_copy(cases.slice(0, left), number, _SPAN * number / copies))
            left -= min(left, cases.num_rows)
    start = datetime.fromisoformat(desk.start.isoformat()) - _SPAN - timedelta(days=1)
    return LongTable(folder, rows, start.isoformat(), (desk.end + timedelta(days=1)).isoformat())


def _copy(cases: pa.Table, number: int, back: timedelta) -> pa.Table:
    """The cases once more: other ids, later version numbers, earlier instants."""
    columns = [_fresh(field, cases.column(field.name), number, back) for field in cases.schema]
    return pa.table(columns, schema=cases.schema)


def _fresh(field: pa.Field, values: pa.ChunkedArray, number: int, back: timedelta) -> pa.ChunkedArray:
    if field.name == f"{TABLE}id":
        return pc.binary_replace_slice(values, 0, 8, f"{number:08x}") if number else values
    if field.name == "versionnumber":
        return pc.add(values, number * (pc.max(values).as_py() + 1)).cast(field.type)
    if pa.types.is_timestamp(field.type):
        whole = timedelta(seconds=int(back.total_seconds()))
        return pc.subtract(values, pa.scalar(whole, pa.duration(field.type.unit))).cast(field.type)
    return values
