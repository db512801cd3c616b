"""The rows of which one log must come: a desk in which many things happen in one second.

Belongs here: making them and keeping them in files, so that every build reads the same ones.
"""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from d365_pm.assets.tables import RAW_TABLES
from d365_pm.sandbox.desk import generate
from d365_pm_tests.recount.odd import records, ties, work
from d365_pm_tests.recount.pipeline import environment_rows
from d365_pm_tests.recount.raw import rows_of

END = datetime(2026, 3, 2, 12, tzinfo=UTC)
_ODDITIES = (
    ties.two_owners_in_a_second,
    ties.there_and_back_in_a_second,
    ties.resolved_and_reopened_in_a_second,
    ties.over_in_a_second,
    ties.handed_to_and_fro,
    ties.moved_in_bulk,
    records.odd_numbers,
    records.odd_clocks,
    records.odd_satisfaction,
    records.odd_surveys,
    records.odd_articles,
    work.moved_items,
    work.escalated_again,
)
"""What has the most ties, repeated numbers and chains to choose from."""


def write_rows(folder: Path, *, cases: int, seed: int) -> int:
    """Keep the rows of an odd desk as one Parquet file per table; returns their number."""
    folder.mkdir(parents=True)
    rows = rows_of(generate(cases=cases, seed=seed, days=30, end=END).tables)
    for oddity in _ODDITIES:
        oddity(rows, Random(f"{oddity.__name__} {seed}"))
    rows |= environment_rows()
    for name, each in rows.items():
        if name in RAW_TABLES:
            schema = RAW_TABLES[name].schema
            plain = [{column: row.get(column) for column in schema.names} for row in each]
            pq.write_table(pa.Table.from_pylist(plain, schema=schema), folder / f"{name}.parquet")
    return sum(len(each) for name, each in rows.items() if name in RAW_TABLES)


def read_rows(folder: Path) -> dict[str, pa.Table]:
    """Rows by table."""
    return {file.stem: pq.read_table(file) for file in sorted(folder.glob("*.parquet"))}
