"""What a load leaves behind: files, merges, facts."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from d365_pm.lake import Window, loads_sql, open_load, record_missing
from d365_pm_tests.lake.desk import FORGETFUL, INCIDENT, QUEUE, incidents, load, moment, rows, visible


def titles(root: Path) -> list[tuple[str, int, str]]:
    return visible(root, INCIDENT, "incidentid, versionnumber, title")


def test_a_row_is_filed_under_its_own_utc_day(tmp_path: Path) -> None:
    committed = load(
        tmp_path,
        INCIDENT,
        incidents(("b", 2, moment(5, 23), "x"), ("a", 1, moment(4), "y")),
        incidents(("c", 3, moment(4, 23), "z")),
    )
    assert [(file.day.isoformat(), file.rows) for file in committed.files if file.day] == [
        ("2024-03-04", 2),
        ("2024-03-05", 1),
    ]
    stored = pq.read_table(tmp_path / "incident/day=2024-03-04/data.parquet", partitioning=None)
    assert stored.column("incidentid").to_pylist() == ["a", "c"]
    assert str(stored.schema.field("modifiedon").type) == "timestamp[us, tz=UTC]"
    assert stored.column("_window").to_pylist() == ["../..", "../.."]
    assert set(stored.column("_extracted_at").to_pylist()) == {moment(1)}


def test_reading_an_old_day_again_keeps_rows_that_moved_on(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, incidents(("a", 1, moment(4), "old"), ("b", 2, moment(4), "stays")), at=moment(5))
    load(tmp_path, INCIDENT, incidents(("a", 9, moment(6), "new")), at=moment(7))
    # The source no longer answers `a` for the fourth: its latest change is on the sixth.
    load(tmp_path, INCIDENT, incidents(("b", 2, moment(4), "stays")), at=moment(8))
    assert titles(tmp_path) == [("a", 9, "new"), ("b", 2, "stays")]
    kept = pq.read_table(tmp_path / "incident/day=2024-03-04/data.parquet", partitioning=None)
    assert kept.column("incidentid").to_pylist() == ["a", "b"]


def test_an_empty_answer_for_a_day_keeps_its_file(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, incidents(("a", 1, moment(4), "kept")))
    load(tmp_path, INCIDENT, incidents(), window=Window(moment(4), moment(5)))
    assert titles(tmp_path) == [("a", 1, "kept")]


def test_the_newest_version_wins_whichever_page_or_load_brings_it(tmp_path: Path) -> None:
    load(
        tmp_path,
        INCIDENT,
        incidents(("a", 5, moment(4, 9), "second"), ("a", 4, moment(4, 8), "first")),
        incidents(("a", 4, moment(4, 8), "first")),
        at=moment(6),
    )
    load(tmp_path, INCIDENT, incidents(("a", 3, moment(4, 7), "late and old")), at=moment(7))
    assert titles(tmp_path) == [("a", 5, "second")]


def test_of_equal_versions_the_later_extraction_and_the_later_page_win(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, incidents(("a", 1, moment(4), None)), at=moment(5))
    load(
        tmp_path,
        INCIDENT,
        incidents(("a", 1, moment(4), "page one")),
        incidents(("a", 1, moment(4), "page two")),
        at=moment(6),
        buffer_bytes=0,
    )
    assert titles(tmp_path) == [("a", 1, "page two")]


def test_pages_in_any_order_with_a_tiny_buffer_give_the_same_files(tmp_path: Path) -> None:
    pages = [
        incidents(*((f"{page}-{row:02}", page * 100 + row, moment(1 + row % 9, page), "t") for row in range(40)))
        for page in range(8)
    ]
    load(tmp_path / "calm", INCIDENT, *pages)
    load(tmp_path / "tight", INCIDENT, *reversed(pages), buffer_bytes=1)
    assert titles(tmp_path / "calm") == titles(tmp_path / "tight")
    assert len(titles(tmp_path / "calm")) == 320
    assert not list((tmp_path / "tight/incident").glob(".load-*"))


def test_leaving_without_commit_changes_nothing(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, incidents(("a", 1, moment(4), "good")))
    with pytest.raises(RuntimeError), open_load(tmp_path, INCIDENT, extracted_at=moment(5), buffer_bytes=0) as one:
        one.write(incidents(("b", 2, moment(4), "bad")))
        raise RuntimeError
    assert titles(tmp_path) == [("a", 1, "good")]
    assert not list((tmp_path / "incident").glob(".load-*"))
    assert rows(f"select count(*) from ({loads_sql(tmp_path)})") == [(1,)]


def test_a_snapshot_that_keeps_no_deleted_rows_forgets_what_the_source_no_longer_has(tmp_path: Path) -> None:
    first = QUEUE.schema.empty_table().from_pydict({"queueid": ["q1", "q2", "q2"], "name": ["N1", "N2", "N2b"]})
    load(tmp_path, FORGETFUL, first)
    assert visible(tmp_path, FORGETFUL, "queueid, name") == [("q1", "N1"), ("q2", "N2b")]
    load(tmp_path, FORGETFUL, first.slice(0, 1))
    assert visible(tmp_path, FORGETFUL, "queueid, name") == [("q1", "N1")]
    load(tmp_path, FORGETFUL)
    assert visible(tmp_path, FORGETFUL, "queueid, name") == []


def test_a_table_that_the_environment_lacks_is_empty_and_typed(tmp_path: Path) -> None:
    committed = record_missing(tmp_path, QUEUE, extracted_at=moment(3))
    assert committed.facts.is_missing
    assert pq.read_schema(tmp_path / "queue/snapshot/data.parquet").names == [
        "queueid",
        "name",
        "_extracted_at",
        "_window",
    ]
    record_missing(tmp_path, INCIDENT, extracted_at=moment(3), window=Window(moment(1), moment(2)))
    assert titles(tmp_path) == []
    query = f"select table_name, is_missing, row_count from ({loads_sql(tmp_path)}) order by all"
    assert rows(query) == [("incident", True, 0), ("queue", True, 0)]


def test_every_extraction_leaves_its_facts_even_one_without_rows(tmp_path: Path) -> None:
    page = incidents(("a", 1, moment(4), "t"), ("b", 1, moment(5), "t"))
    load(tmp_path, INCIDENT, page, at=moment(7), window=Window(moment(4), moment(6)))
    load(tmp_path, INCIDENT, at=moment(8), window=Window(moment(6), moment(7)))
    load(tmp_path, INCIDENT, at=moment(2, month=4), window=Window(moment(7), None))
    query = f"select extracted_at, window_start, window_end, row_count from ({loads_sql(tmp_path)}) order by all"
    assert rows(query) == [
        (moment(7), moment(4), moment(6), 2),
        (moment(8), moment(6), moment(7), 0),
        (moment(2, month=4), moment(7), None, 0),
    ]


def test_the_facts_travel_in_the_data_file(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, incidents(("a", 1, moment(4), "t")), at=moment(7), window=Window(moment(4), moment(6)))
    metadata = pq.read_metadata(tmp_path / "incident/day=2024-03-04/data.parquet").metadata
    assert json.loads(metadata[b"d365_pm.load"]) == {
        "table_name": "incident",
        "extracted_at": "2024-03-07T00:00:00Z",
        "window_start": "2024-03-04T00:00:00Z",
        "window_end": "2024-03-06T00:00:00Z",
        "row_count": 1,
        "is_missing": False,
        "kind": "window",
    }


def test_rows_merged_in_memory_and_by_way_of_files_are_the_same(tmp_path: Path) -> None:
    versions = [(3, "c"), (5, "e"), (None, "none"), (5, "later page"), (4, "d")]
    pages = [
        incidents(*((f"{row:02}", number, moment(1 + row % 3, 9), f"{title} {row}") for row in range(30)))
        for number, title in versions
    ]
    load(tmp_path / "memory", INCIDENT, *pages)
    load(tmp_path / "files", INCIDENT, *pages, buffer_bytes=0)
    for day in ("01", "02", "03"):
        path = f"incident/day=2024-03-{day}/data.parquet"
        first, second = (pq.read_table(tmp_path / root / path, partitioning=None) for root in ("memory", "files"))
        assert first.select(["incidentid", "title"]).to_pylist() == [
            {"incidentid": f"{row:02}", "title": f"later page {row}"} for row in range(30) if 1 + row % 3 == int(day)
        ]
        assert first.to_pylist() == second.to_pylist()
