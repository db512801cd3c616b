"""Models in order, and the folder that reads as one table."""

from pathlib import Path

import duckdb
import pytest

from d365_pm.warehouse import ModelError, TableName
from d365_pm_tests.warehouse.folder import CASE, activity, project

EVENTS = """-- Every event.

select
    e.case_id as CaseGuid,  -- The case.
    e.event_time as EventTime -- Its time.
from activities as e
"""


def test_models_come_after_what_they_read(tmp_path: Path) -> None:
    reads = "-- A.\n\nselect\n    o.case_id as case_id  -- The case.\nfrom {} as o\n"
    loaded = project(
        tmp_path,
        staging__a=reads.format("staging.z"),
        staging__m=reads.format("staging.a"),
        staging__z=CASE,
        activities__b=reads.format("staging.m"),
        marts__a=reads.format("marts.b"),
        marts__b=reads.format("activities.b"),
    )
    assert [str(model.table) for model in loaded.models] == [
        "staging.z",
        "staging.a",
        "staging.m",
        "activities.b",
        "marts.b",
        "marts.a",
    ]
    assert loaded.layers == ("staging", "activities", "marts")
    assert [model.table.name for model in loaded.of("marts")] == ["b", "a"]


@pytest.mark.parametrize(
    "use", ["from activities as e", "from activities e", "from (select 1 as x) as o, activities as e"]
)
def test_the_folder_of_activities_reads_as_one_table(tmp_path: Path, use: str) -> None:
    loaded = project(
        tmp_path,
        staging__incident=CASE,
        activities__case_created=activity("case_created"),
        activities__case_closed=activity("case_closed"),
        marts__events=EVENTS.replace("from activities as e", use),
    )
    events = loaded.models[-1]
    assert [str(table) for table in events.upstream] == ["activities.case_closed", "activities.case_created"]
    with duckdb.connect() as connection:
        connection.execute("create schema activities")
        for number, name in enumerate(("case_created", "case_closed")):
            # Another order of columns than the files have: only a union by explicit names gets them right.
            connection.execute(f"create table activities.{name} as select 't{number}' as event_time, 'c' as case_id")
        assert sorted(connection.execute(events.sql).fetchall()) == [("c", "t0"), ("c", "t1")]


def test_the_folder_without_an_alias_keeps_its_name(tmp_path: Path) -> None:
    loaded = project(
        tmp_path,
        staging__incident=CASE,
        activities__case_created=activity("case_created"),
        marts__events=EVENTS.replace(" e.", " activities.").replace(" as e\n", "\n"),
    )
    assert "as activities" in loaded.models[-1].sql
    columns = {column.name: column.description for column in loaded.models[-1].columns}
    assert columns == {"CaseGuid": "The case.", "EventTime": "Its time."}


def test_an_empty_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="it reads the folder 'activities', which has no models"):
        project(tmp_path, marts__events=EVENTS)


def test_a_noun_may_have_the_name_of_a_folder(tmp_path: Path) -> None:
    text = "-- A.\n\nwith activities as (\n    select i.incidentid as id from raw.incident as i\n)\n\n"
    text += "select\n    a.id as id  -- The id.\nfrom activities as a\n"
    (model,) = project(tmp_path, marts__x=text).models
    assert model.upstream == (TableName("raw", "incident"),)
