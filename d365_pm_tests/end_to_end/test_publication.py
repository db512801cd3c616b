"""Write, audit, publish: a log that breaks a blocking promise is never seen by anybody."""

from dataclasses import replace

import dagster as dg
import duckdb
import pytest

from d365_pm.assets import build
from d365_pm.assets.models import build_model_assets
from d365_pm.commands.refresh import RunFailedError
from d365_pm.contracts.catalogue import contracts
from d365_pm.contracts.contract import Comparison, Contract
from d365_pm.sandbox.process import start_sandbox
from d365_pm_tests.end_to_end.brought_rows import write_worked_example

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    rows = tmp_path_factory.mktemp("brought") / "rows"
    write_worked_example(rows)
    with start_sandbox(data=rows) as process:
        yield process


def test_a_broken_promise_keeps_the_last_good_log_and_shows_the_rows(sandbox, run_pipeline, monkeypatch):
    _, settings = run_pipeline(sandbox.env)
    before = settings.warehouse.read_bytes()
    # The promise is broken by allowing fewer activities, since rows that break it cannot be made from the sandbox.
    monkeypatch.setattr(build, "contracts", lambda: tuple(_narrowed(contract) for contract in contracts()))

    with duckdb.connect(str(settings.warehouse), read_only=True) as reader:
        with pytest.raises(RunFailedError, match=r"known_activities.*16 of 17 rows"):
            run_pipeline(sandbox.env)
        assert reader.execute("select count(*) from marts.event_log").fetchall() == [(17,)]

    assert settings.warehouse.read_bytes() == before
    check = dg.AssetCheckKey(dg.AssetKey(["marts", "event_log"]), "known_activities")
    with dg.DagsterInstance.get() as instance:
        record = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])[check]
        evaluation = record.event.dagster_event.asset_check_evaluation_data
        last_good = instance.get_latest_materialization_event(dg.AssetKey(["marts", "event_log"]))
        assert last_good.run_id != record.run_id
    assert not evaluation.passed
    assert "| Caso Atribuído |" in evaluation.metadata["failing_rows"].value


def _narrowed(contract: Contract) -> Contract:
    if not isinstance(contract, Comparison) or contract.name != "known_activities":
        return contract
    return replace(contract, query=contract.query.replace("a.label\n", "a.label and a.label = 'Caso Criado'\n"))


def test_the_materialization_tells_rows_columns_lineage_and_as_of(sandbox, run_pipeline):
    run, _ = run_pipeline(sandbox.env)

    with dg.DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["marts", "event_log"]))
    metadata = event.asset_materialization.metadata

    assert event.run_id == run.run_id
    assert metadata["dagster/row_count"].value == 17
    assert len(metadata["dagster/column_schema"].value.columns) == 21
    described = {column.name: column.description for column in metadata["dagster/column_schema"].value.columns}
    assert "`raw/incident.ticketnumber`" in described["ServiceRequest"]
    lineage = metadata["dagster/column_lineage"].value.deps_by_column
    assert {dep.asset_key.path[0] for dep in lineage["EventTime"]} == {"marts"}
    assert metadata["LastDataUpdate"].value > 0


def test_a_check_can_be_run_alone(sandbox, run_pipeline):
    _, settings = run_pipeline(sandbox.env)
    key = dg.AssetCheckKey(dg.AssetKey(["marts", "event_log"]), "mandatory_attributes")
    assets = build_model_assets(settings)

    with dg.DagsterInstance.get() as instance:
        result = dg.materialize(assets, selection=dg.AssetSelection.checks(key), instance=instance)

    evaluations = result.get_asset_check_evaluations()
    assert [(evaluation.check_name, evaluation.passed) for evaluation in evaluations] == [(key.name, True)]
    assert evaluations[0].metadata["rows_judged"].value == 17
    assert result.get_asset_materialization_events() == []
