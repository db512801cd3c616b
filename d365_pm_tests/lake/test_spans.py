"""Rows of pages in the order of their days, whatever the order of the pages."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from d365_pm.lake.pages import PageFacts, PageFile, read_columns, read_page, write_page
from d365_pm.lake.spans import in_order

START = datetime(2025, 1, 1, tzinfo=UTC)
SCHEMA = pa.schema([("key", pa.string()), ("at", pa.timestamp("us", tz="UTC"))])
ROWS, PAGES = 200, 30


def written(folder: Path, moments: list[datetime]) -> list[PageFile]:
    """Pages of equal length, in this order."""
    pages = []
    for number in range(PAGES):
        some = moments[number * ROWS : (number + 1) * ROWS]
        rows = pa.table({"key": [f"{number}-{row}" for row in range(ROWS)], "at": some}, schema=SCHEMA)
        facts = PageFacts(None, ROWS, ROWS, ())
        pages.append(write_page(folder, rows, stream="0" * 16, number=number, arrival=number * ROWS, facts=facts))
    return pages


def taken(folder: Path, pages: list[PageFile], *, buffer_bytes: int) -> list[tuple[datetime, pa.Table]]:
    (folder / "work").mkdir()
    found = in_order(
        pages,
        moments=lambda page: read_columns(page, ["at"]),
        read=lambda page: read_page(page)[0],
        work=folder / "work",
        buffer_bytes=buffer_bytes,
    )
    return list(found)


def days(rows: pa.Table) -> list:
    return rows.column("at").cast(pa.date32()).to_pylist()


@pytest.fixture
def anyhow() -> list[datetime]:
    """A year of moments as a chain that follows the ids gives them."""
    chance = Random(5)
    return [START + timedelta(seconds=chance.randrange(365 * 86_400)) for _ in range(ROWS * PAGES)]


@pytest.mark.parametrize("buffer_bytes", [1, 20_000, 1 << 26])
def test_every_row_comes_once_and_none_before_its_day_was_announced(tmp_path, anyhow, buffer_bytes):
    found = taken(tmp_path, written(tmp_path, anyhow), buffer_bytes=buffer_bytes)

    keys = Counter(key for _, rows in found for key in rows.column("key").to_pylist())
    assert keys == Counter(f"{page}-{row}" for page in range(PAGES) for row in range(ROWS))
    moments = {
        key: at
        for _, rows in found
        for key, at in zip(*(rows.column(n).to_pylist() for n in rows.column_names), strict=True)
    }
    assert all(moments[f"{place // ROWS}-{place % ROWS}"] == at for place, at in enumerate(anyhow))
    announced = [first for first, _ in found]
    assert announced == sorted(announced)
    assert all(min(days(rows)) >= first for first, rows in found)
    assert list((tmp_path / "work").iterdir()) == []


def test_rows_of_a_day_wait_for_few_others(tmp_path, anyhow):
    pages = written(tmp_path, anyhow)
    row_bytes = read_page(pages[0])[0].nbytes / ROWS

    found = taken(tmp_path, pages, buffer_bytes=int(1000 * row_bytes))

    spans = Counter()
    for first, rows in found:
        spans[first] += rows.num_rows
    # Half of the memory, and a day more where a span ends within one: 16 rows a day on average.
    assert max(spans.values()) <= 500 + 60
    assert len(spans) >= ROWS * PAGES / 560


def test_pages_that_are_in_order_are_taken_as_they_are(tmp_path):
    moments = [START + timedelta(minutes=number) for number in range(ROWS * PAGES)]
    pages = written(tmp_path, moments)
    row_bytes = read_page(pages[0])[0].nbytes / ROWS

    # A day has 1,440 rows, which wait for each other.
    found = taken(tmp_path, pages[::-1], buffer_bytes=int(10 * ROWS * row_bytes))

    assert [rows.num_rows for _, rows in found] == [ROWS] * PAGES
    assert [pc.min(rows.column("at")).as_py() for _, rows in found] == moments[::ROWS]


def test_no_pages_are_no_rows(tmp_path):
    assert taken(tmp_path, [], buffer_bytes=1) == []
