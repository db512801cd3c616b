"""What the ledger of a table adds up to."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from d365_pm.lake import LoadKind, TableState, Window, loads_sql, mark_absent, open_load, record_missing, state
from d365_pm_tests.lake.desk import INCIDENT, QUEUE, incidents, load, moment, rows


def read(root: Path, at: datetime, kind: LoadKind, cursor: str | None = None, fingerprint: str = "") -> None:
    with open_load(root, INCIDENT, extracted_at=at, kind=kind, fingerprint=fingerprint) as one:
        one.commit(cursor=cursor, source_count=7)


def test_a_table_that_nobody_read_has_no_state(tmp_path: Path) -> None:
    assert state(tmp_path, INCIDENT) == TableState()
    record_missing(tmp_path, INCIDENT, extracted_at=moment(3))
    assert state(tmp_path, INCIDENT) == TableState()


def test_the_newest_load_with_a_cursor_tells_where_to_go_on(tmp_path: Path) -> None:
    read(tmp_path, moment(3), LoadKind.DELTA, "second", "columns B")
    read(tmp_path, moment(2), LoadKind.BASELINE, "first", "columns A")
    load(tmp_path, INCIDENT, at=moment(4), window=Window(moment(3), moment(4)))
    known = state(tmp_path, INCIDENT)
    assert (known.cursor, known.fingerprint, known.cursor_at) == ("second", "columns B", moment(3))
    assert (known.extracted_at, known.full_at) == (moment(4), moment(2))


def test_a_cursor_is_not_known_before_the_commit(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), open_load(tmp_path, INCIDENT, extracted_at=moment(2), kind=LoadKind.DELTA) as one:
        one.stream().write(incidents(), cursor="next page")
        raise RuntimeError
    assert state(tmp_path, INCIDENT) == TableState()


def window(start: int | None, end: int | None, at: int) -> tuple[Window, datetime]:
    return Window(*(None if day is None else moment(day) for day in (start, end))), moment(at)


@pytest.mark.parametrize(
    ("loads", "until"),
    [
        pytest.param([window(1, 2, 9), window(2, 3, 9), window(3, 4, 9)], 4, id="windows that meet"),
        pytest.param([window(3, 4, 9), window(1, 2, 9), window(2, 3, 9)], 4, id="in any order"),
        pytest.param([window(1, 2, 9), window(3, 4, 9)], 2, id="a gap ends it"),
        pytest.param([window(1, 5, 9), window(2, 3, 9)], 5, id="one inside another"),
        pytest.param([window(1, 2, 9), window(2, None, 6)], 6, id="an open end reaches to the reading"),
        pytest.param([window(1, 9, 4)], 4, id="a window that was read before its end"),
        pytest.param([window(1, 4, 3), window(4, 5, 9)], 3, id="what happened after the reading is a gap"),
        pytest.param([window(None, None, 6), window(6, 7, 8)], 7, id="from the beginning"),
        pytest.param([window(3, 4, 9), window(None, 2, 9)], 2, id="the beginning is the earliest"),
    ],
)
def test_a_table_is_read_until_the_first_gap(tmp_path: Path, loads: list[tuple[Window, datetime]], until: int) -> None:
    for span, at in loads:
        load(tmp_path, INCIDENT, at=at, window=span)
    assert state(tmp_path, INCIDENT).read_until == moment(until)


def test_a_baseline_and_its_deltas_cover_up_to_their_beginning(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, at=moment(9), window=Window(moment(5), moment(6)))
    assert state(tmp_path, INCIDENT).read_until == moment(6)
    read(tmp_path, moment(10), LoadKind.BASELINE, "one")
    assert state(tmp_path, INCIDENT).read_until == moment(10)
    read(tmp_path, moment(11), LoadKind.DELTA, "two")
    assert state(tmp_path, INCIDENT).read_until == moment(11)


def test_deletes_are_known_from_whole_reads_and_comparisons(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, incidents(("a", 1, moment(1), "t")), at=moment(2))
    assert state(tmp_path, INCIDENT).reconciled_at is None
    mark_absent(tmp_path, INCIDENT, [pa.array(["a"])], extracted_at=moment(3))
    known = state(tmp_path, INCIDENT)
    # Comparing ids reads no rows.
    assert (known.reconciled_at, known.extracted_at, known.read_until) == (moment(3), moment(2), moment(2))
    read(tmp_path, moment(4), LoadKind.BASELINE)
    assert state(tmp_path, INCIDENT).reconciled_at == moment(4)
    load(tmp_path, QUEUE, at=moment(5))
    assert state(tmp_path, QUEUE).reconciled_at == state(tmp_path, QUEUE).full_at == moment(5)


def test_a_ledger_from_before_cursors_is_read_and_goes_on(tmp_path: Path) -> None:
    old = pa.table(
        {
            "table_name": ["incident"],
            "extracted_at": pa.array([moment(2)], pa.timestamp("us", tz="UTC")),
            "window_start": pa.array([moment(1)], pa.timestamp("us", tz="UTC")),
            "window_end": pa.array([moment(3)], pa.timestamp("us", tz="UTC")),
            "row_count": pa.array([5], pa.int64()),
            "is_missing": [False],
        }
    )
    path = tmp_path / "incident/loads/2024-03.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(old, path)
    known = state(tmp_path, INCIDENT)
    assert (known.cursor, known.read_until, known.extracted_at) == (None, moment(2), moment(2))
    read(tmp_path, moment(4), LoadKind.BASELINE, "one")
    query = f"select extracted_at, row_count, kind, source_count from ({loads_sql(tmp_path)}) order by all"
    assert rows(query) == [(moment(2), 5, None, None), (moment(4), 0, "baseline", 7)]
    assert state(tmp_path, INCIDENT).cursor == "one"


def test_a_cursor_stays_out_of_sql_and_of_texts(tmp_path: Path) -> None:
    with open_load(tmp_path, INCIDENT, extracted_at=moment(2), kind=LoadKind.BASELINE) as one:
        one.stream().write(incidents(("a", 1, moment(1), "t")), cursor=None)
        committed = one.commit(cursor="https://secret.example/link")
    known = state(tmp_path, INCIDENT)
    assert known.cursor == "https://secret.example/link"
    described = str(rows(f"select * from ({loads_sql(tmp_path)})"))
    metadata = pq.read_metadata(committed.files[0].path).metadata
    assert "secret" not in f"{known} {committed} {described} {metadata}"
