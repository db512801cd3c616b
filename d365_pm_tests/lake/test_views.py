"""What SQL sees of the raw layer: the newest version, whatever the files look like."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from d365_pm.lake import RawTable, loads_sql, mark_deleted, view_sql, views_sql
from d365_pm_tests.lake.desk import INCIDENT, MOMENT, incidents, load, moment, rows, visible


def test_the_newest_version_of_a_key_equals_a_count_by_hand(tmp_path: Path) -> None:
    dice = random.Random(7)
    newest: dict[str, tuple[int, str]] = {}
    version = 0
    for number in range(12):
        page = []
        for _ in range(60):
            version += dice.choice([1, 2])
            key = f"case-{dice.randrange(40)}"
            page.append((key, version, moment(1 + version % 20), f"title {version}"))
            newest[key] = (version, f"title {version}")
        dice.shuffle(page)
        load(tmp_path, INCIDENT, incidents(*page), at=moment(1, number))
        expected = sorted((key, *value) for key, value in newest.items())
        assert visible(tmp_path, INCIDENT, "incidentid, versionnumber, title") == expected
        assert rows(f"select incidentid, versionnumber, title from ({known(tmp_path)}) order by all") == expected
    assert known(tmp_path) == view_sql(tmp_path, INCIDENT)


def known(root: Path, table: RawTable = INCIDENT) -> str:
    with duckdb.connect() as connection:
        return views_sql(connection, root, [table])[table.name]


def test_a_table_whose_keys_stand_once_each_is_read_as_it_stands(tmp_path: Path) -> None:
    columns = "incidentid, versionnumber, _deleted_at is null"
    load(tmp_path, INCIDENT, incidents(("a", 1, moment(4), "t"), ("b", 2, moment(5), "t"), ("c", 3, moment(6), "t")))
    mark_deleted(tmp_path, INCIDENT, {"c": moment(7)}, noticed_at=moment(7))
    expected = [("a", 1, True), ("b", 2, True), ("c", 3, False)]
    assert "qualify" in view_sql(tmp_path, INCIDENT)
    assert "qualify" not in known(tmp_path)
    assert rows(f"select {columns} from ({known(tmp_path)}) order by all") == expected

    load(tmp_path, INCIDENT, incidents(("b", 4, moment(6), "t")), at=moment(8))
    assert known(tmp_path) == view_sql(tmp_path, INCIDENT)
    assert rows(f"select {columns} from ({known(tmp_path)}) order by all")[1] == ("b", 4, True)


def test_tables_are_looked_at_each_on_its_own(tmp_path: Path) -> None:
    other = replace(INCIDENT, name="other")
    for table, day in ((INCIDENT, 5), (other, 4)):
        load(tmp_path, table, incidents(("a", 1, moment(4), "t"), ("b", 1, moment(5), "t")))
        load(tmp_path, table, incidents(("a", 2, moment(day), "t")), at=moment(6))
    with duckdb.connect() as connection:
        views = views_sql(connection, tmp_path, [INCIDENT, other, replace(INCIDENT, name="none")])
    assert {name: "qualify" in sql for name, sql in views.items()} == {"incident": True, "other": False, "none": False}
    assert [rows(f"select incidentid, versionnumber from ({sql}) order by all") for sql in views.values()] == [
        [("a", 2), ("b", 1)],
        [("a", 2), ("b", 1)],
        [],
    ]


def test_a_damaged_file_is_told_by_whoever_reads_it(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, incidents(("a", 1, moment(4), "t"), ("b", 1, moment(5), "t")))
    for file in (tmp_path / "incident").rglob("*.parquet*"):
        file.write_bytes(b"damaged")
    assert known(tmp_path) == view_sql(tmp_path, INCIDENT)


def test_a_table_without_files_is_empty_but_typed(tmp_path: Path) -> None:
    described = rows(f"describe {view_sql(tmp_path, INCIDENT)}")
    assert [(name, type_) for name, type_, *_ in described] == [
        ("incidentid", "VARCHAR"),
        ("versionnumber", "BIGINT"),
        ("modifiedon", "TIMESTAMP WITH TIME ZONE"),
        ("title", "VARCHAR"),
        ("_extracted_at", "TIMESTAMP WITH TIME ZONE"),
        ("_window", "VARCHAR"),
        ("_deleted_at", "TIMESTAMP WITH TIME ZONE"),
    ]
    assert rows(view_sql(tmp_path, INCIDENT)) == []
    assert rows(loads_sql(tmp_path)) == []


def test_every_raw_type_survives_the_way_through_a_file(tmp_path: Path) -> None:
    values = {
        "id": ("a", pa.string(), "VARCHAR"),
        "code": (7, pa.int32(), "INTEGER"),
        "big": (2**53 + 1, pa.int64(), "BIGINT"),
        "amount": (Decimal("12.3456789012"), pa.decimal128(38, 10), "DECIMAL(38,10)"),
        "at": (datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC), MOMENT, "TIMESTAMP WITH TIME ZONE"),
        "day": (date(2024, 2, 29), pa.date32(), "DATE"),
        "flag": (True, pa.bool_(), "BOOLEAN"),
        "share": (0.1, pa.float64(), "DOUBLE"),
    }
    table = RawTable("kinds", pa.schema([(name, kind) for name, (_, kind, _) in values.items()]), key=("id",))
    load(tmp_path, table, pa.table({name: pa.array([value], kind) for name, (value, kind, _) in values.items()}))
    described = {name: type_ for name, type_, *_ in rows(f"describe {view_sql(tmp_path, table)}")}
    assert {name: described[name] for name in values} == {name: type_ for name, (_, _, type_) in values.items()}
    assert visible(tmp_path, table, ", ".join(f'"{name}"' for name in values)) == [
        tuple(value for value, _, _ in values.values())
    ]


def test_files_that_lack_a_column_or_have_another_type_are_read_with_todays_shape(tmp_path: Path) -> None:
    yesterday = replace(
        INCIDENT,
        schema=pa.schema(
            [*[INCIDENT.schema.field(i) for i in range(3)], ("urgency", pa.string()), ("dropped", pa.string())]
        ),
    )
    page = incidents(("a", 1, moment(4), None), ("b", 2, moment(4), None)).select(yesterday.schema.names[:3])
    page = page.append_column("urgency", pa.array(["3", "high"])).append_column("dropped", pa.array(["x", "y"]))
    load(tmp_path, yesterday, page)
    today = replace(INCIDENT, schema=INCIDENT.schema.append(pa.field("urgency", pa.int32())))
    newer = incidents(("c", 3, moment(5), "t")).append_column("urgency", pa.array([1], pa.int32()))
    load(tmp_path, today, newer)
    assert visible(tmp_path, today, "incidentid, title, urgency") == [
        ("a", None, 3),
        ("b", None, None),
        ("c", "t", 1),
    ]
    # Merging into the old file brings it to today's shape as well.
    load(tmp_path, today, incidents(("a", 9, moment(4, 5), "again")))
    assert visible(tmp_path, today, "incidentid, title, urgency") == [
        ("a", "again", None),
        ("b", None, None),
        ("c", "t", 1),
    ]


def test_append_only_rows_need_no_window_function_and_stay_unique(tmp_path: Path) -> None:
    audit = replace(INCIDENT, name="audit", append_only=True, version=())
    page = incidents(("a", 1, moment(4), "t"), ("b", 1, moment(5), "t"))
    load(tmp_path, audit, page, page)
    load(tmp_path, audit, page)
    assert "qualify" not in view_sql(tmp_path, audit)
    assert visible(tmp_path, audit, "incidentid") == [("a",), ("b",)]


@pytest.mark.parametrize("name", ["it's here", "a[b]c", "star * and ?", "ação"])
def test_folder_names_with_special_characters_work(tmp_path: Path, name: str) -> None:
    load(tmp_path / name, INCIDENT, incidents(("a", 1, moment(4), "t")))
    load(tmp_path / name, INCIDENT, incidents(("b", 1, moment(4), "t")))
    assert visible(tmp_path / name, INCIDENT, "incidentid") == [("a",), ("b",)]
    assert rows(f"select count(*) from ({loads_sql(tmp_path / name)})") == [(2,)]
