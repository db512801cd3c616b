"""Running models on the working database."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from d365_pm.contracts.seed_spec import SeedColumn, SeedSpec
from d365_pm.lake.merge import Merger
from d365_pm.warehouse import Seed, TableName, Warehouse, WarehouseError
from d365_pm_tests.warehouse.folder import CASE, project

INCIDENT = (
    "select 'a' as incidentid, timestamptz '2024-03-04 13:05:10+00' as createdon, '7' as title, 'o' as _ownerid_value"
)


def opened(tmp_path: Path, **options: object):
    return Warehouse.open(tmp_path / "work.duckdb", **{"memory_limit": "256MB", "threads": 1, **options})


def test_a_model_becomes_a_table_with_its_types_and_comments(tmp_path: Path) -> None:
    (model,) = project(tmp_path / "sql", marts__cases=CASE.replace("One row", "It's one row")).models
    with opened(tmp_path) as warehouse:
        warehouse.attach_raw({"incident": INCIDENT})
        run = warehouse.run(model)
        assert (run.model, run.rows) == (model, 1)
        assert run.columns == (("case_id", "VARCHAR"), ("created_at", "TIMESTAMP WITH TIME ZONE"))
        comments = warehouse.connection.execute(
            "select comment from duckdb_columns() where table_name = 'cases' order by column_index"
        ).fetchall()
        assert comments == [("The case.",), ("When it was made.",)]
        described = warehouse.connection.execute("select comment from duckdb_tables() where table_name = 'cases'")
        assert described.fetchall() == [("It's one row per case.",)]
        assert warehouse.connection.execute("select current_setting('TimeZone')").fetchone() == ("UTC",)
    with opened(tmp_path) as warehouse:
        warehouse.attach_raw({"incident": f"{INCIDENT} union all {INCIDENT}"})
        assert warehouse.run(model).rows == 2


def test_long_work_draws_no_bar_into_the_log_of_a_step(tmp_path: Path) -> None:
    merger = Merger(tmp_path)
    with opened(tmp_path) as warehouse, closing(merger):
        for connection in (warehouse.connection, merger.connection):
            drawn = connection.execute("select current_setting('enable_progress_bar')").fetchone()
            assert drawn == (False,)


VIEW = """-- Cases again.
--
-- stored: view

select
    c.case_id as case_id  -- The case.
from staging.cases as c
"""


def test_a_model_may_be_a_view_and_change_its_mind(tmp_path: Path) -> None:
    cases, view = project(tmp_path / "views", staging__cases=CASE, marts__again=VIEW).models
    _, table = project(
        tmp_path / "tables", staging__cases=CASE, marts__again=VIEW.replace("--\n-- stored: view\n", "")
    ).models
    with opened(tmp_path) as warehouse:
        warehouse.attach_raw({"incident": INCIDENT})
        warehouse.run(cases)
        for model in (table, view, view, table, view):
            run = warehouse.run(model)
            assert (run.rows, run.columns) == (1 if model is table else None, (("case_id", "VARCHAR"),))
            comments = warehouse.connection.execute(
                "select comment from duckdb_columns() where table_name = 'again'"
            ).fetchall()
            assert comments == [("The case.",)]
        warehouse.attach_raw({"incident": f"{INCIDENT} union all {INCIDENT}"})
        warehouse.run(cases)
        assert warehouse.connection.execute("select count(*) from marts.again").fetchone() == (2,)
        warehouse.drop_all_but([cases])
        left = warehouse.connection.execute("select table_name from duckdb_columns() where schema_name = 'marts'")
        assert left.fetchall() == []


STEPS = {
    "marts__cases": CASE.replace("\n\nselect", "\n--\n-- stored: step\n\nselect", 1),
    "marts__seen": VIEW.replace("view", "step view").replace("staging", "marts"),
    "marts__again": VIEW.replace("view", "table").replace("staging.cases", "marts.seen"),
}


def test_a_step_is_gone_when_the_database_is_closed_and_made_again_for_who_reads_it(tmp_path: Path) -> None:
    steps = project(tmp_path / "steps", **STEPS)
    cases, seen, again = steps.models
    assert steps.with_steps([again]) == (cases, seen, again)
    assert steps.with_steps([cases]) == (cases,)
    for _ in range(2):
        with opened(tmp_path) as warehouse:
            warehouse.attach_raw({"incident": INCIDENT})
            runs = [warehouse.run(model) for model in steps.with_steps([again])]
            assert [run.rows for run in runs] == [1, None, 1]
            assert runs[0].columns == (("case_id", "VARCHAR"), ("created_at", "TIMESTAMP WITH TIME ZONE"))
    with opened(tmp_path) as warehouse:
        left = warehouse.connection.execute("select table_name from duckdb_columns() where schema_name = 'marts'")
        assert left.fetchall() == [("again",)]


def test_a_table_that_becomes_a_step_leaves_no_rows_of_before(tmp_path: Path) -> None:
    (table,) = project(tmp_path / "tables", marts__cases=CASE).models
    (step,) = project(tmp_path / "steps", marts__cases=STEPS["marts__cases"]).models
    with opened(tmp_path) as warehouse:
        warehouse.attach_raw({"incident": INCIDENT})
        warehouse.run(table)
        warehouse.run(step)
        assert not _stored(warehouse)
        warehouse.run(table)
        warehouse.drop_all_but([step])
        assert not _stored(warehouse)


def _stored(warehouse: Warehouse) -> list[object]:
    tables = "select table_name from duckdb_tables() where schema_name = 'marts'"
    return warehouse.connection.execute(tables).fetchall()


def test_a_layer_that_fails_leaves_the_tables_of_before(tmp_path: Path) -> None:
    (model,) = project(tmp_path / "sql", marts__cases=CASE).models
    with opened(tmp_path) as warehouse:
        warehouse.attach_raw({"incident": INCIDENT})
        warehouse.run(model)
        warehouse.attach_raw({"incident": f"{INCIDENT} union all {INCIDENT}"})
        with pytest.raises(RuntimeError), warehouse.transaction():
            assert warehouse.run(model).rows == 2
            raise RuntimeError
        assert warehouse.connection.execute("select count(*) from marts.cases").fetchone() == (1,)
        with warehouse.transaction():
            warehouse.run(model)
    with opened(tmp_path) as warehouse:
        assert warehouse.connection.execute("select count(*) from marts.cases").fetchone() == (2,)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("cast(i.title as integer)", "Conversion Error"),
        ("cast(i.title || '123456' as tinyint)", "Conversion Error"),
        ("strptime(i.title, '%Y')", "Invalid Input Error"),
        ("cast(i.title as struct(a integer))", "Error"),
    ],
)
def test_an_error_names_the_model_and_never_a_value(tmp_path: Path, expression: str, words: str) -> None:
    text = f"-- A.\n\nselect\n    {expression} as value  -- A value.\nfrom raw.incident as i\n"
    (model,) = project(tmp_path / "sql", marts__bad=text).models
    with opened(tmp_path) as warehouse:
        warehouse.attach_raw({"incident": INCIDENT.replace("'7'", "'Maria 5551 \"x\" it''s'")})
        with pytest.raises(WarehouseError) as caught:
            warehouse.run(model)
    message = str(caught.value)
    assert message.startswith("marts.bad: ")
    assert words in message
    assert not any(secret in message for secret in ("Maria", "5551", "123456"))


def test_raw_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "data.parquet"
    broken.write_bytes(b"broken file that is no parquet")
    with opened(tmp_path) as warehouse, pytest.raises(WarehouseError, match=r"raw\.incident: .*data\.parquet"):
        warehouse.attach_raw({"incident": f"select * from read_parquet('{broken}')"})


def test_seeds_and_settings_become_typed_tables(tmp_path: Path) -> None:
    spec = SeedSpec(
        "roles",
        (SeedColumn("code", "whole"), SeedColumn("name"), SeedColumn("on", "flag"), SeedColumn("x", "decimal")),
        key=("code",),
    )
    with opened(tmp_path) as warehouse:
        for rows in (((1, "a", True, None), (2, "b", None, None)), ((3, "c", False, None),)):
            warehouse.load_seeds([Seed(spec, tmp_path, rows)])
        assert warehouse.connection.execute('select code, name, "on" from seeds.roles').fetchall() == [(3, "c", False)]
        assert warehouse.columns(TableName("seeds", "roles")) == (
            ("code", "INTEGER"),
            ("name", "VARCHAR"),
            ("on", "BOOLEAN"),
            ("x", "DECIMAL(38,10)"),
        )
        for language, lcid in (("pt-BR", 1046), ("en", 1033)):
            warehouse.write_settings(language=language, lcid=lcid)
        assert warehouse.connection.execute("select * from seeds.settings").fetchall() == [("en", 1033, "UTC")]


def test_tables_of_models_that_are_gone_are_dropped(tmp_path: Path) -> None:
    loaded = project(tmp_path / "sql", staging__one=CASE, marts__cases=CASE)
    with opened(tmp_path) as warehouse:
        warehouse.attach_raw({"incident": INCIDENT})
        warehouse.write_settings(language="en", lcid=1033)
        for model in loaded.models:
            warehouse.run(model)
        warehouse.drop_all_but(loaded.of("marts"))
        tables = warehouse.connection.execute("select schema_name, table_name from duckdb_tables() order by all")
        assert tables.fetchall() == [("marts", "cases"), ("seeds", "settings")]


HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


def test_a_database_in_use_by_another_process_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "work.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(WarehouseError, match=r"work\.duckdb is in use by another process"), opened(tmp_path):
            pass
        process.communicate()


def test_a_damaged_database_can_be_deleted(tmp_path: Path) -> None:
    (tmp_path / "work.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(WarehouseError, match="delete it and run again"), opened(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseError, match=r"file cannot be used.*D365_PM_DATA_DIR"), opened(tmp_path / "file"):
        pass


def test_too_little_memory_is_a_sentence(tmp_path: Path) -> None:
    many = "-- A.\n\nselect\n    list(i.title) as value  -- A value.\nfrom raw.incident as i\n"
    (model,) = project(tmp_path / "sql", marts__big=many).models
    with opened(tmp_path, memory_limit="24MB") as warehouse:
        columns = "'id' as incidentid, now() as createdon, md5(range::varchar) as title, '' as _ownerid_value"
        warehouse.attach_raw({"incident": f"select {columns} from range(3000000)"})
        with pytest.raises(WarehouseError, match=r"marts\.big needs more memory.*D365_PM_MEMORY_LIMIT"):
            warehouse.run(model)


def test_no_error_of_duckdb_escapes(tmp_path: Path) -> None:
    (model,) = project(tmp_path / "sql", marts__cases=CASE).models
    with opened(tmp_path) as warehouse:
        with pytest.raises(WarehouseError, match=r"marts\.cases: .*incident"):
            warehouse.run(model)
        assert not isinstance(WarehouseError(), duckdb.Error)
