"""A published table as a Parquet file: all its rows, in the order of the cases, the same bytes for the same rows."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from d365_pm.exports import ExportError, write_parquet

_EVENTS = [
    ("CAS-2", "b", 1, "Caso Criado"),
    ("CAS-1", "a", 1, "Caso Criado"),
    ("CAS-1", "a", 2, "Timer do SLA iniciado"),
    ("CAS-1", "a", 3, "Caso Atribuído"),
]
"""Case number, case id, place in the case, activity; those of a case share a second, as an automation's do."""

_AT = datetime(2026, 3, 2, 12, 0, 1, tzinfo=UTC)


def published(folder: Path, *, events: list[tuple[str, str, int, str]] = _EVENTS, channel: str = "Email") -> Path:
    """A database as readers find it, with as many columns as matter here."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'America/Sao_Paulo'; create schema marts")
        connection.execute(
            "create table marts.events (ServiceRequest varchar, CaseGuid varchar, SeqInCase integer, "
            "ActivityName varchar, EventTime timestamptz)"
        )
        connection.executemany(f"insert into marts.events values (?, ?, ?, ?, '{_AT.isoformat()}')", events)
        connection.execute(
            "create table marts.cases as select distinct ServiceRequest, CaseGuid, "
            f"'{channel}' as Channel from marts.events"
        )
        connection.execute(
            "create table marts.event_log as select e.ServiceRequest, e.ActivityName, e.EventTime, c.Channel "
            "from marts.events as e inner join marts.cases as c on e.CaseGuid = c.CaseGuid"
        )
    return path


def test_the_file_has_the_columns_and_rows_of_the_table(tmp_path):
    rows = write_parquet(published(tmp_path), "event_log", tmp_path / "log.parquet")

    table = pq.read_table(tmp_path / "log.parquet")
    assert rows == len(_EVENTS)
    assert table.column_names == ["ServiceRequest", "ActivityName", "EventTime", "Channel"]
    assert table.schema.field("EventTime").type == pa.timestamp("us", tz="UTC")
    assert set(table.column("EventTime").to_pylist()) == {_AT}


def test_events_of_one_second_stand_in_the_order_of_the_case(tmp_path):
    write_parquet(published(tmp_path, events=_EVENTS[::-1]), "event_log", tmp_path / "log.parquet")

    table = pq.read_table(tmp_path / "log.parquet")
    assert table.column("ActivityName").to_pylist() == [
        "Caso Criado",
        "Timer do SLA iniciado",
        "Caso Atribuído",
        "Caso Criado",
    ]


@pytest.mark.parametrize("mart", ["event_log", "events", "cases"])
def test_rows_that_lie_otherwise_give_the_same_bytes(mart, tmp_path):
    write_parquet(published(tmp_path / "one"), mart, tmp_path / "one.parquet")
    write_parquet(published(tmp_path / "two", events=_EVENTS[::-1]), mart, tmp_path / "two.parquet")

    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_one_other_value_gives_other_bytes(tmp_path):
    write_parquet(published(tmp_path / "one"), "event_log", tmp_path / "one.parquet")
    write_parquet(published(tmp_path / "two", channel="Web"), "event_log", tmp_path / "two.parquet")

    assert (tmp_path / "one.parquet").read_bytes() != (tmp_path / "two.parquet").read_bytes()


def test_a_long_table_is_cut_into_row_groups_of_one_size(tmp_path):
    events = [(f"CAS-{number:07}", str(number), 1, "Caso Criado") for number in range(3)]
    path = published(tmp_path, events=events)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "insert into marts.events select 'CAS-9', '9', range, 'Caso Criado', now() from range(250_000)"
        )

    rows = write_parquet(path, "events", tmp_path / "events.parquet")

    metadata = pq.read_metadata(tmp_path / "events.parquet")
    assert rows == 250_003
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [122_880, 122_880, 4243]


def test_nothing_but_the_file_is_left(tmp_path):
    write_parquet(published(tmp_path / "data"), "cases", tmp_path / "out" / "cases.parquet")

    assert [file.name for file in (tmp_path / "out").iterdir()] == ["cases.parquet"]


def test_without_a_published_log_the_old_file_stays_and_the_reason_is_said(tmp_path):
    (tmp_path / "log.parquet").write_text("old")

    with pytest.raises(ExportError, match="run the pipeline first"):
        write_parquet(tmp_path / "warehouse.duckdb", "event_log", tmp_path / "log.parquet")

    assert (tmp_path / "log.parquet").read_text() == "old"


def test_a_database_without_the_table_is_told_apart(tmp_path):
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")):
        pass

    with pytest.raises(ExportError, match=r"has no table marts\.event_log"):
        write_parquet(tmp_path / "warehouse.duckdb", "event_log", tmp_path / "log.parquet")


def test_a_table_that_is_not_exported_is_named(tmp_path):
    with pytest.raises(ExportError, match=r"marts\.secrets.*event_log, events, cases"):
        write_parquet(tmp_path / "warehouse.duckdb", "secrets", tmp_path / "log.parquet")


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ExportError, match="cannot be written"):
        write_parquet(published(tmp_path / "data"), "event_log", tmp_path / "file" / "log.parquet")
