"""Failing rows stay findable: of a layer that was kept, of one that was rolled back, and until the promise holds."""

import shutil
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from d365_pm.assets import build
from d365_pm.assets.build import Build, quarantine_file, read_project, run_layer
from d365_pm.assets.checks import check_result
from d365_pm.contracts.catalogue import contracts
from d365_pm.contracts.contract import Comparison
from d365_pm.settings import Settings, load_settings

_EVENTS = "select count(*) from marts.events"


@pytest.fixture
def settings(published: Path, tmp_path: Path) -> Settings:
    shutil.copytree(published.parent, tmp_path / "data")
    return load_settings(
        _env_file=None, D365_PM_DATA_DIR=tmp_path / "data", D365_PM_LANGUAGE="pt-BR", D365_PM_SEEDS_DIR=None
    )


def _promise(*, blocking: bool) -> Comparison:
    return Comparison(
        name="never_kept",
        table="marts.events",
        description="A promise that nothing keeps.",
        section="9",
        keys=("EventId",),
        blocking=blocking,
        query="select e.EventId as EventId, 'never kept' as reason from marts.events as e",
    )


def _run_marts(settings: Settings, monkeypatch: pytest.MonkeyPatch, *more: Comparison) -> Build:
    monkeypatch.setattr(build, "contracts", lambda: (*contracts(), *more))
    project = read_project()
    return run_layer(settings, project, project.of("marts"))


def _kept(path: Path) -> list[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute("select table_name from duckdb_tables() where schema_name = 'quarantine'").fetchall()
    return [name for (name,) in found]


def _one(path: Path, query: str) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        [(value,)] = connection.execute(query).fetchall()
    return int(value)


def test_rows_that_block_a_layer_are_kept_although_it_is_rolled_back(settings, monkeypatch):
    before = settings.warehouse.read_bytes()
    events = _one(settings.warehouse, _EVENTS)

    result = _run_marts(settings, monkeypatch, _promise(blocking=True))

    assert not result.is_kept
    assert settings.warehouse.read_bytes() == before
    assert quarantine_file(settings).parent == settings.warehouse.parent
    assert _kept(quarantine_file(settings)) == ["never_kept"]
    assert _one(quarantine_file(settings), "select count(distinct EventId) from quarantine.never_kept") == events


def test_rows_of_a_warning_are_published_with_the_log_and_go_when_the_promise_holds(settings, monkeypatch):
    _run_marts(settings, monkeypatch, _promise(blocking=False))
    warned = (_kept(settings.warehouse), _kept(quarantine_file(settings)))
    _run_marts(settings, monkeypatch)

    assert warned == (["never_kept"], ["never_kept"])
    assert (_kept(settings.warehouse), _kept(quarantine_file(settings))) == ([], [])


def test_whoever_reads_the_quarantine_does_not_stop_a_build(settings, monkeypatch):
    _run_marts(settings, monkeypatch, _promise(blocking=False))

    with duckdb.connect(str(quarantine_file(settings)), read_only=True):
        assert _run_marts(settings, monkeypatch).is_kept


def test_a_check_in_the_ui_names_its_table_its_file_the_count_and_five_examples(settings, monkeypatch):
    events = _one(settings.warehouse, _EVENTS)
    outcomes = _run_marts(settings, monkeypatch, _promise(blocking=False)).outcomes
    [outcome] = [each for each in outcomes if each.contract.name == "never_kept"]

    result = check_result(outcome, quarantine_file(settings))

    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.metadata["quarantine_table"].value == "quarantine.never_kept"
    assert result.metadata["quarantine_file"].value == str(quarantine_file(settings))
    assert result.metadata["rows_failed"].value == events
    assert result.metadata["failing_rows"].value.count("never kept") == 5
