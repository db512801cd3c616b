"""Every rule for SQL files, broken by one file each: the message has file, line and remedy."""

from pathlib import Path

import pytest

from d365_pm.warehouse import ModelError
from d365_pm_tests.warehouse.folder import CASE, activity, project

HEAD = "-- One row per case.\n\n"


def select(columns: str = "i.incidentid as case_id", rest: str = "from raw.incident as i") -> str:
    return f"{HEAD}select\n    {columns}\n{rest}\n"


ONE_FILE = {
    "no description": ("select i.incidentid as case_id from raw.incident as i", 1, "no description"),
    "only keys": ("-- rule: R1\n\nselect i.incidentid as case_id from raw.incident as i", 1, "no description"),
    "unknown key": (f"-- A.\n--\n-- rules: R1\n\n{CASE}", 3, "unknown header key 'rules'; the keys are rule, unique"),
    "key twice": (f"-- A.\n--\n-- owner: a\n-- owner: b\n\n{CASE}", 4, "'owner' is there twice"),
    "key too early": (f"-- A.\n-- rule: R1\n--\n-- More.\n{CASE}", 2, "'rule' belongs into the last paragraph"),
    "other way to store": (
        f"-- A.\n--\n-- stored: cache\n\n{CASE}",
        3,
        "'stored' can only be one of table, view, step",
    ),
    "view onto raw": (f"-- A.\n--\n-- stored: view\n\n{CASE}", 10, "a view must not read raw.incident"),
    "key without column": (f"-- A.\n--\n-- unique: nothing\n\n{CASE}", 1, "'unique' names 'nothing'"),
    "star": (select("*"), 5, "list the columns instead of *"),
    "star of a table": (select("i.*"), 4, "list the columns instead of *"),
    "star in a noun": (
        f"{HEAD}with a as (\n    select * from raw.incident\n)\nselect a.x as x from a",
        4,
        "instead of *",
    ),
    "columns()": (select("columns('id')"), 5, "list the columns instead of *"),
    "from first": (f"{HEAD}from raw.incident", 3, "list the columns instead of *"),
    "semicolon": (select(rest="from raw.incident as i;"), 5, "no semicolons"),
    "second statement": (select(rest="from raw.incident as i; select 1 as x"), 5, "no semicolons"),
    "not a select": (f"{HEAD}create table x as select 1 as y", 1, "a model is one SELECT"),
    "nothing": (HEAD, 1, "a model is one SELECT"),
    "not sql": (f"{HEAD}select\n    from where\n", 4, "this is not SQL"),
    "open quote": (select("'open as case_id"), 1, "never closed"),
    "template": (select("{{ var }} as case_id"), 4, "templates are not filled in here"),
    "capitals": (select(rest="FROM raw.incident as i"), 5, "write keywords in lower case: from"),
    "no schema": (select(rest="from incident as i"), 5, "'incident' needs its schema, such as staging.incident"),
    "other schema": (select(rest="from lake.incident as i"), 5, "there is no schema 'lake'; the schemas are raw"),
    "a file": (select("i.x as case_id", "from read_parquet('x.parquet') as i"), 5, "table function reads outside"),
    "unknown table": (select(rest="from raw.incidents as i"), 5, "there is no table raw.incidents"),
    "unknown column": (select("i.ticket as case_id"), 4, "ticket"),
    "no name": (select("i.incidentid || 'x'"), 4, "column 1 has no name; write 'as name'"),
    "same name": (select("i.incidentid as a,\n    i.title as A"), 5, "the column 'A' is there twice"),
    "by name": (
        select(rest="from raw.incident as i\nunion all by name\nselect i.incidentid as case_id from raw.incident as i"),
        4,
        "no 'union by name'",
    ),
    "later layer": (select("m.case_id as case_id", "from marts.cases as m"), 5, "staging must not read marts.cases"),
}


@pytest.mark.parametrize(("text", "line", "words"), ONE_FILE.values(), ids=ONE_FILE.keys())
def test_a_broken_rule_names_file_line_and_remedy(tmp_path: Path, text: str, line: int, words: str) -> None:
    cases = "-- A case.\n\nselect\n    i.incidentid as case_id -- Its id.\nfrom raw.incident as i\n"
    with pytest.raises(ModelError) as caught:
        project(tmp_path, staging__case=text, marts__cases=cases)
    message = str(caught.value)
    assert message.startswith(f"staging/case.sql:{line}: ")
    assert words in message


STEP = "-- A.\n--\n-- stored: step\n\nselect\n    i.incidentid as case_id\nfrom raw.incident as i\n"
OF_STEP = "-- B.\n--\n-- stored: {}\n\nselect\n    a.case_id as case_id  -- The case.\nfrom staging.a as a\n"


@pytest.mark.parametrize(
    ("reader", "text", "words"),
    [
        ("marts__b", OF_STEP.format("table"), "staging.a lives only while its own layer is built; store it, or read"),
        ("staging__b", OF_STEP.format("view"), "a view must not read staging.a: the published database does not have"),
    ],
)
def test_a_step_is_read_by_its_own_layer_only_and_by_no_lasting_view(
    tmp_path: Path, reader: str, text: str, words: str
) -> None:
    with pytest.raises(ModelError, match=words):
        project(tmp_path, staging__a=STEP, **{reader: text})


def test_a_correct_file_is_loaded_with_all_that_it_says(tmp_path: Path) -> None:
    text = (
        "-- A case, as it is now;\n-- second line.\n--\n-- Full: a free paragraph may look like a key.\n--\n"
        "-- rule: R1 (reference:\n-- 3.2)\n-- rule: R2\n-- unique: case_id, title\n-- not_null: case_id\n"
        "-- owner: desk\n"
        + CASE.replace("-- One row per case.\n", "").replace("i.createdon as created_at", "'--' as title")
    )
    (model,) = project(tmp_path, staging__case=text).models
    assert (
        model.header.description == "A case, as it is now; second line.\n\nFull: a free paragraph may look like a key."
    )
    assert model.header.rules == ("R1 (reference: 3.2)", "R2")
    assert (model.header.unique, model.header.not_null) == (("case_id", "title"), ("case_id",))
    assert model.header.owner == "desk"
    assert [(column.name, column.description) for column in model.columns] == [
        ("case_id", "The case."),
        ("title", "When it was made."),
    ]
    assert model.sql == text
    assert [str(table) for table in model.upstream] == ["raw.incident"]


def test_a_remark_above_a_column_describes_no_column(tmp_path: Path) -> None:
    text = (
        "-- A.\n\nselect\n    i.incidentid as case_id,  -- The case.\n    -- Why the next one is made so.\n"
        "    case\n        when i.title is null then 0  -- A remark inside.\n        else 1\n"
        "    end as flag  -- A flag.\n"
        "from raw.incident as i\n"
    )
    (model,) = project(tmp_path, marts__case=text).models
    assert [column.description for column in model.columns] == ["The case.", "A flag."]


def test_columns_that_people_read_need_a_description(tmp_path: Path) -> None:
    text = "-- A.\n\nselect\n    i.incidentid as case_id,  -- The case.\n    i.title as title\nfrom raw.incident as i\n"
    assert project(tmp_path / "staging", staging__case=text).models
    for layer in ("activities", "marts", "kpis"):
        with pytest.raises(ModelError, match=rf"{layer}/case\.sql:5: describe 'title' in a comment"):
            project(tmp_path / layer, **{f"{layer}__case": text})


@pytest.mark.parametrize(("name", "words"), [("staging/Case", "rename the file"), ("other/case", "move the file")])
def test_a_file_in_the_wrong_place_is_refused(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        project(tmp_path, **{name: CASE})


def test_models_that_read_each_other_in_a_circle_are_named(tmp_path: Path) -> None:
    circle = "-- A.\n\nselect o.case_id as case_id from staging.{other} as o\n"
    with pytest.raises(ModelError, match=r"in a circle: staging\.\w+ -> staging\.\w+ -> staging\.\w+"):
        project(tmp_path, staging__a=circle.format(other="b"), staging__b=circle.format(other="a"))


def test_activities_do_not_read_each_other(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"activities/b\.sql:\d+: activities must not read activities\.a"):
        project(
            tmp_path,
            staging__incident=CASE,
            activities__a=activity("a"),
            activities__b=activity("b", source="activities.a"),
        )


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (("case_id",), "column 2 is missing, in a.sql it is 'event_time'"),
        (("event_time", "case_id"), "column 1 is 'event_time', in a.sql it is 'case_id'"),
        (("case_id", "event_time", "more"), "column 3 is 'more', in a.sql it is missing"),
    ],
)
def test_activities_have_the_same_columns(tmp_path: Path, columns: tuple[str, ...], words: str) -> None:
    with pytest.raises(ModelError) as caught:
        project(tmp_path, staging__incident=CASE, activities__a=activity("a"), activities__b=activity("b", *columns))
    assert str(caught.value).startswith("activities/b.sql:1: ")
    assert words in str(caught.value)


UNPORTABLE = {
    "ordered list": "list(i.title order by i.createdon)",
    "date_diff": "date_diff('day', i.createdon, i.createdon)",
    "epoch": "epoch(i.createdon)",
    "hash": "hash(i.title)",
    "quantile": "quantile_cont(i.lcid, 0.5)",
    "within group": "percentile_cont(0.5) within group (order by i.lcid)",
    "arrow": "i.title -> 'a'",
    "lambda": "list_transform([1], lambda x: x + 1)",
    "clock": "now()",
    "chance": "random()",
    "unordered rank": "row_number() over (partition by i.title)",
}


@pytest.mark.parametrize("expression", UNPORTABLE.values(), ids=UNPORTABLE.keys())
def test_sql_that_other_engines_answer_differently_is_refused(tmp_path: Path, expression: str) -> None:
    with pytest.raises(ModelError, match=r"staging/case\.sql:\d+: .*(use|need|unnest)"):
        project(tmp_path, staging__case=select(f"{expression} as value"))


def test_sql_that_is_the_same_everywhere_is_not_refused(tmp_path: Path) -> None:
    columns = (
        "count(*) as n,\n    string_agg(i.title, ',' order by i.incidentid) as t,\n"
        "    (epoch_us(max(i.createdon)) - epoch_us(min(i.createdon))) // 1000000 as s,\n"
        "    max(try_cast(i.title as json) ->> 'a') as a,\n    md5(max(i.title)) as h"
    )
    assert project(tmp_path, staging__case=select(columns)).models
