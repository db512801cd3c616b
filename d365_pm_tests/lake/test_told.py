"""Deletes that another table tells of, what is noted without reading, and the newest row."""

from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa

from d365_pm.lake import RawTable, mark_deleted, newest_instant, open_load, record_unchanged, state, view_sql

MOMENT = pa.timestamp("us", tz="UTC")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CASES = RawTable(
    "incident",
    pa.schema([("incidentid", pa.string()), ("modifiedon", MOMENT)]),
    key=("incidentid",),
    window="modifiedon",
)
QUEUES = RawTable("queue", pa.schema([("queueid", pa.string())]), key=("queueid",))


def loaded(root, table, columns, *, at):
    with open_load(root, table, extracted_at=at) as load:
        load.write(pa.table(columns, schema=table.schema))
        load.commit()


def deleted(root):
    found = duckdb.sql(f"select incidentid from ({view_sql(root, CASES)}) where _deleted_at is not null").fetchall()
    return {key for (key,) in found}


def test_a_row_that_changed_after_its_deletion_was_restored(tmp_path):
    loaded(tmp_path, CASES, {"incidentid": ["a", "b"], "modifiedon": [NOON - HOUR, NOON + HOUR]}, at=NOON + HOUR)

    marked = mark_deleted(tmp_path, CASES, {"a": NOON, "b": NOON, "never seen": NOON}, noticed_at=NOON + 2 * HOUR)

    assert marked == 1
    assert deleted(tmp_path) == {"a"}


def test_a_row_that_comes_again_is_alive(tmp_path):
    loaded(tmp_path, CASES, {"incidentid": ["a"], "modifiedon": [NOON - HOUR]}, at=NOON)
    mark_deleted(tmp_path, CASES, {"a": NOON}, noticed_at=NOON + HOUR)

    loaded(tmp_path, CASES, {"incidentid": ["a"], "modifiedon": [NOON + HOUR]}, at=NOON + 2 * HOUR)

    assert deleted(tmp_path) == set()


def test_a_deletion_is_counted_once(tmp_path):
    loaded(tmp_path, CASES, {"incidentid": ["a"], "modifiedon": [NOON - HOUR]}, at=NOON)
    mark_deleted(tmp_path, CASES, {"a": NOON}, noticed_at=NOON + HOUR)

    assert mark_deleted(tmp_path, CASES, {"a": NOON}, noticed_at=NOON + 2 * HOUR) == 0


def test_deletes_in_a_table_that_was_never_loaded_mark_nothing(tmp_path):
    assert mark_deleted(tmp_path, CASES, {"a": NOON}, noticed_at=NOON) == 0


def test_a_table_that_has_not_changed_counts_as_read_again(tmp_path):
    loaded(tmp_path, QUEUES, {"queueid": ["q"]}, at=NOON)

    record_unchanged(tmp_path, QUEUES, extracted_at=NOON + HOUR)

    known = state(tmp_path, QUEUES)
    assert (known.full_at, known.read_until) == (NOON, NOON + HOUR)
    assert duckdb.sql(f"select queueid from ({view_sql(tmp_path, QUEUES)})").fetchall() == [("q",)]


def test_the_newest_instant_is_that_of_the_newest_row(tmp_path):
    assert newest_instant(tmp_path, CASES) is None
    days = [NOON - 48 * HOUR, NOON, NOON - HOUR]
    loaded(tmp_path, CASES, {"incidentid": ["a", "b", "c"], "modifiedon": days}, at=NOON + HOUR)

    assert newest_instant(tmp_path, CASES) == NOON
    assert newest_instant(tmp_path, QUEUES) is None
