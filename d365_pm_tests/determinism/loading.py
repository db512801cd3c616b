"""Rows on another way into the raw layer: in another order, on other pages, in several extractions and files."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from d365_pm.assets.tables import RAW_TABLES
from d365_pm.lake import RawTable, open_load, record_missing
from d365_pm_tests.determinism.variant import Variant

_REPEATED = 0.03
"""Share of rows that come twice, as rows do where windows overlap."""

_SMALL_GROUP = 200
"""Rows of a row group of a scattered file, so that threads share out the files of a small desk too."""


def fill(raw: Path, tables: dict[str, pa.Table], variant: Variant, *, extracted_at: datetime) -> None:
    """Load every table; one without rows of its own is missing in the environment."""
    random = np.random.default_rng(variant.order)
    for name, table in RAW_TABLES.items():
        if name not in tables:
            record_missing(raw, table, extracted_at=extracted_at)
            continue
        rows = _ordered(tables[name], variant, random)
        for part in _parts(rows, 1 if table.is_snapshot else variant.loads):
            _load(raw, table, part, variant.page_rows, extracted_at)
    if variant.is_scattered:
        for file in sorted(raw.glob("*/*/data.parquet")):
            _scatter(file, random)


def _ordered(rows: pa.Table, variant: Variant, random: np.random.Generator) -> pa.Table:
    if not variant.order:
        return rows
    again = random.choice(rows.num_rows, int(rows.num_rows * _REPEATED), replace=False)
    return rows.take(random.permutation(np.concatenate([np.arange(rows.num_rows), again])))


def _parts(rows: pa.Table, number: int) -> list[pa.Table]:
    size = -(-rows.num_rows // number) or 1
    return [rows.slice(start, size) for start in range(0, rows.num_rows or 1, size)]


def _load(raw: Path, table: RawTable, rows: pa.Table, page_rows: int, extracted_at: datetime) -> None:
    with open_load(raw, table, extracted_at=extracted_at) as load:
        for start in range(0, rows.num_rows or 1, page_rows):
            load.write(rows.slice(start, page_rows))
        load.commit()


def _scatter(file: Path, random: np.random.Generator) -> None:
    rows = pq.read_table(file, partitioning=None)
    pq.write_table(rows.take(random.permutation(rows.num_rows)), file, row_group_size=_SMALL_GROUP)
