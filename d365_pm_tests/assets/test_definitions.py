"""The definitions: they load without any setting, and the graph is what the registry and the SQL files say."""

import os
from pathlib import Path

import dagster as dg
import pytest

from d365_pm.contracts.catalogue import contracts
from d365_pm.contracts.optional_tables import OPTIONAL_TABLES
from d365_pm.contracts.seeds import ACTIVITY_CODES, EXTENDED_ACTIVITIES
from d365_pm.dataverse import EVERY_TABLE, TABLES
from d365_pm.definitions import build_defs
from d365_pm.paths import sql_root
from d365_pm.settings import Settings, load_settings


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_defs(Settings(_env_file=None))


@pytest.fixture(scope="module")
def specs(definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def test_definitions_load_without_any_setting(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith("D365_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    dg.Definitions.validate_loadable(build_defs())


def test_every_registry_table_and_every_sql_file_is_an_asset_and_nothing_else_is(specs):
    raw = {f"raw/{name}" for name in (*TABLES, "attribute_metadata", "option_label")}
    files = {f"{path.parent.name}/{path.stem}" for path in sql_root().rglob("*.sql")}
    models = files - {f"activities/{code}" for code in EXTENDED_ACTIVITIES}

    assert set(specs) == raw | models | {"doctor"}


def test_the_thirteen_activities_are_assets_and_the_events_are_made_of_them(specs):
    activities = {name for name in specs if name.startswith("activities/")}
    readers = {
        dep.asset_key.to_user_string() for name in specs if name.startswith("marts/") for dep in specs[name].deps
    }

    assert activities == {f"activities/{code}" for code in ACTIVITY_CODES}
    assert activities <= readers


def test_extended_activities_are_assets_only_where_they_are_switched_on():
    settings = load_settings(_env_file=None, D365_PM_ACTIVITIES="case_on_hold, email_sent")
    keys = {spec.key.to_user_string() for spec in build_defs(settings).resolve_all_asset_specs()}

    assert {f"activities/{code}" for code in EXTENDED_ACTIVITIES} & keys == {
        "activities/case_on_hold",
        "activities/email_sent",
    }


def test_optional_tables_are_assets_only_where_something_reads_them():
    named = {"D365_PM_ACTIVITIES": "note_added", "D365_PM_TABLES": "post", "D365_PM_SURVEY_LINKS": "forms.example/r"}
    settings = load_settings(_env_file=None, **named)
    keys = {spec.key.to_user_string() for spec in build_defs(settings).resolve_all_asset_specs()}

    assert {f"raw/{name}" for name in OPTIONAL_TABLES} & keys == {
        "raw/annotation",
        "raw/post",
        "raw/survey_email",
    }


def test_optional_tables_have_their_entries():
    assert EVERY_TABLE.keys() - TABLES.keys() == OPTIONAL_TABLES


def test_layers_look_backwards(specs):
    order = ["raw", "staging", "activities", "marts"]
    forward = [
        (name, dep.asset_key.to_user_string())
        for name, spec in specs.items()
        for dep in spec.deps
        if order.index(dep.asset_key.path[0]) > order.index(name.split("/")[0])
    ]

    assert forward == []


def test_raw_tables_with_a_time_column_are_partitioned_by_day_and_the_rest_is_not(definitions):
    graph = definitions.resolve_asset_graph()
    partitioned = {
        key.path[-1]
        for key in graph.get_all_asset_keys()
        if isinstance(graph.get(key).partitions_def, dg.DailyPartitionsDefinition)
    }

    assert partitioned == {name for name, table in TABLES.items() if table.window}


def test_every_asset_is_grouped_owned_described_and_has_its_kinds(specs):
    bare = [
        name
        for name, spec in specs.items()
        if not (
            spec.group_name == {"doctor": "preflight"}.get(name, name.split("/")[0])
            and spec.owners
            and spec.description
            and spec.kinds
        )
    ]

    assert bare == []


def test_the_refresh_does_not_ask_the_doctor(definitions):
    selected = definitions.resolve_job_def("refresh").asset_layer.executable_asset_keys

    assert dg.AssetKey(["doctor"]) not in selected
    assert dg.AssetKey(["marts", "event_log"]) in selected


def test_the_mandatory_promises_are_blocking_checks(definitions):
    graph = definitions.resolve_asset_graph()
    blocking = {(key.asset_key.to_user_string(), key.name) for key in graph.asset_check_keys if graph.get(key).blocking}

    assert {
        ("marts/event_log", "mandatory_attributes"),
        ("marts/event_log", "column_types"),
        ("marts/event_log", "known_activities"),
        ("marts/event_log", "event_time_not_after_last_update"),
        ("marts/event_log", "constant_case_attributes"),
        ("marts/events", "unique_event_id"),
        ("marts/events", "one_case_created"),
    } <= blocking


def test_every_promise_is_a_check_on_the_asset_that_makes_its_table(definitions):
    graph = definitions.resolve_asset_graph()
    checks = {(key.asset_key.to_user_string(), key.name): graph.get(key).blocking for key in graph.asset_check_keys}
    promised = {(each.table.replace(".", "/"), each.name): each.blocking for each in contracts()}

    assert promised.items() <= checks.items()
    assert len(promised) >= 40


def test_the_list_of_checks_tells_every_promise_as_it_is():
    listed = (Path(__file__).parents[2] / "docs" / "checks.md").read_text()
    lines = [
        f"| `{each.name}` | `{each.table}` | {'blocks' if each.blocking else 'warns'} | {each.description} | "
        f"{each.section} |"
        for each in contracts()
    ]

    assert [line for line in lines if line not in listed] == []
    assert listed.count("\n| `") == len(lines)


def test_the_readme_lists_every_asset_group(specs):
    readme = (Path(__file__).parents[2] / "README.md").read_text()

    missing = [name for name in specs if name.startswith(("raw/", "activities/")) and f"`{name}`" not in readme]
    assert missing == []
