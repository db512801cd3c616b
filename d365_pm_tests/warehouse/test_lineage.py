"""Where columns come from, on the constructs that mislead tracers."""

from pathlib import Path

import pytest

from d365_pm.warehouse import ColumnName, ModelError, TableName
from d365_pm_tests.warehouse.folder import CASE, activity, project


def sources(tmp_path: Path, columns: str, rest: str, nouns: str = "") -> dict[str, list[str]]:
    """Direct sources of each column of a model over raw tables."""
    loaded = project(tmp_path, staging__x=f"-- X.\n\n{nouns}select\n    {columns}\n{rest}\n")
    return {name: [str(s) for s in found] for name, found in loaded.lineage.direct[loaded.models[-1].table].items()}


@pytest.mark.parametrize(
    ("columns", "rest", "expected"),
    [
        ("i.title as t", "from raw.incident as i", ["raw/incident.title"]),
        ("title as t", "from raw.incident", ["raw/incident.title"]),
        ("'x' as t", "from raw.incident as i", []),
        ("count(*) as t", "from raw.incident as i", []),
        ("coalesce(i.title, a.auditid) as t", "from raw.incident as i cross join raw.audit as a",
         ["raw/audit.auditid", "raw/incident.title"]),
        ("i.incidentid as t", "from raw.incident as i where i.title = 'x'", ["raw/incident.incidentid"]),
        ("row_number() over (partition by i.title order by i.createdon) as t", "from raw.incident as i",
         ["raw/incident.createdon", "raw/incident.title"]),
        ("row_number() over w as t", "from raw.incident as i window w as (partition by i.title order by i.createdon)",
         ["raw/incident.createdon", "raw/incident.title"]),
        ("lag(i.incidentid) over w as t", "from raw.incident as i window w as (order by i.createdon)",
         ["raw/incident.createdon", "raw/incident.incidentid"]),
        ("(select max(a.auditid) from raw.audit as a) as t", "from raw.incident as i", ["raw/audit.auditid"]),
        ("max(i.title) filter (where i._ownerid_value is null) as t", "from raw.incident as i",
         ["raw/incident._ownerid_value", "raw/incident.title"]),
        ("i.title as t", "from raw.incident as i qualify row_number() over (order by i.createdon) = 1",
         ["raw/incident.title"]),
    ],
)  # fmt: skip
def test_the_sources_of_one_column(tmp_path: Path, columns: str, rest: str, expected: list[str]) -> None:
    assert sources(tmp_path, columns, rest) == {"t": expected}


def test_branches_of_a_union_are_matched_by_place_as_sql_does(tmp_path: Path) -> None:
    rest = "from raw.incident as i\nunion all\nselect a.auditid as b, a.changedata as a from raw.audit as a"
    assert sources(tmp_path, "i.incidentid as a,\n    i.title as b", rest) == {
        "a": ["raw/audit.auditid", "raw/incident.incidentid"],
        "b": ["raw/audit.changedata", "raw/incident.title"],
    }


def test_nouns_are_seen_through(tmp_path: Path) -> None:
    nouns = (
        "with a as (\n    select i.incidentid as id, i.title as t from raw.incident as i\n),\n\n"
        "b as (\n    select x.id as key, upper(x.t) as t from a as x\n)\n\n"
    )
    assert sources(tmp_path, "b.key as k,\n    b.t as t", "from b", nouns) == {
        "k": ["raw/incident.incidentid"],
        "t": ["raw/incident.title"],
    }


@pytest.mark.parametrize(
    "rest",
    [
        "from (select unnest({list}) as c, a.auditid as id from raw.audit as a) as d",
        "from (select u.c as c, a.auditid as id from raw.audit as a cross join unnest({list}) as u(c)) as d",
    ],
    ids=["in select", "in from"],
)
def test_what_lies_inside_a_document_comes_from_its_column(tmp_path: Path, rest: str) -> None:
    changes = "try_cast(try_cast(a.changedata as json) as struct(x struct(name varchar, old varchar)[])).x"
    found = sources(tmp_path, "d.id as id,\n    lower(d.c.name) as name", rest.format(list=changes))
    assert found == {"id": ["raw/audit.auditid"], "name": ["raw/audit.changedata"]}


def test_a_column_is_followed_through_layers_and_the_folder_union(tmp_path: Path) -> None:
    events = "-- E.\n\nselect\n    e.case_id as CaseGuid,  -- The case.\n    s.language as Language  -- Theirs.\n"
    loaded = project(
        tmp_path,
        staging__incident=CASE,
        activities__a=activity("a"),
        activities__b=activity("b"),
        marts__events=f"{events}from activities as e\ncross join seeds.settings as s\n",
        marts__log=events.replace("e.case_id", "e.CaseGuid").replace("s.lang", "e.Lang") + "from marts.events as e\n",
    )
    table = TableName("marts", "events")
    assert [str(source) for source in loaded.lineage.direct[table]["CaseGuid"]] == [
        "activities/a.case_id",
        "activities/b.case_id",
    ]
    log = TableName("marts", "log")
    assert [str(source) for source in loaded.lineage.direct[log]["CaseGuid"]] == ["marts/events.CaseGuid"]
    assert [str(o) for o in loaded.lineage.origins(ColumnName(log, "CaseGuid"))] == ["raw/incident.incidentid"]
    assert [str(o) for o in loaded.lineage.origins(ColumnName(log, "Language"))] == ["seeds/settings.language"]


def test_a_column_that_an_earlier_model_does_not_make_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"staging/b\.sql:3: .*title"):
        project(tmp_path, staging__a=CASE, staging__b="-- B.\n\nselect a.title as title from staging.a as a\n")


def test_a_column_that_two_tables_have_needs_its_table(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"staging/b\.sql:\d+: .*case_id"):
        project(
            tmp_path,
            staging__a=CASE,
            staging__b="-- B.\n\nselect case_id as x from staging.a as a cross join staging.a as b\n",
        )
