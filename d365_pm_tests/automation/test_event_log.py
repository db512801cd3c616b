"""The batched event log: the same records as Dagster's own, whole batches or none."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import dagster as dg
import pytest

from d365_pm.automation.event_log import BatchedEventLogStorage
from d365_pm.automation.jobs import range_tags

_PARTITIONS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-01-31")
_KEY = dg.AssetKey(["raw", "incident"])


@dg.multi_asset(
    specs=[dg.AssetSpec(_KEY, skippable=True)],
    check_specs=[dg.AssetCheckSpec("recent", asset=_KEY)],
    partitions_def=_PARTITIONS,
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def _raw() -> dg.MaterializeResult:
    check = dg.AssetCheckResult(passed=True, asset_key=_KEY, check_name="recent")
    return dg.MaterializeResult(asset_key=_KEY, metadata={"rows": 7}, check_results=[check])


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with as_file(files("d365_pm.automation") / "dagster.yaml") as source:
        shutil.copyfile(source, tmp_path / "dagster.yaml")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "10")
    with dg.DagsterInstance.get() as instance:
        yield instance


def _load(instance: dg.DagsterInstance, first: str, last: str) -> dg.ExecuteInProcessResult:
    return dg.materialize([_raw], instance=instance, tags=range_tags(first, last))


def test_our_instance_uses_it(instance):
    assert isinstance(instance.event_log_storage, BatchedEventLogStorage)


def test_a_range_records_every_partition_once(instance):
    run = _load(instance, "2026-01-03", "2026-01-27")

    assert run.success
    assert instance.get_materialized_partitions(_KEY) == {f"2026-01-{day:02}" for day in range(3, 28)}
    events = instance.fetch_materializations(_KEY, limit=100).records
    assert len(events) == 25
    assert {event.asset_materialization.metadata["rows"].value for event in events} == {7}
    assert instance.get_latest_materialization_event(_KEY).run_id == run.run_id
    assert len(instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)) == 25
    assert len(instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)) == 25


def test_a_second_range_adds_to_the_first(instance):
    _load(instance, "2026-01-01", "2026-01-04")
    _load(instance, "2026-01-04", "2026-01-06")

    assert instance.get_materialized_partitions(_KEY) == {f"2026-01-{day:02}" for day in range(1, 7)}
    assert len(instance.fetch_materializations(_KEY, limit=100).records) == 7


def test_a_batch_that_breaks_leaves_nothing_of_itself(instance, monkeypatch):
    run = _load(instance, "2026-01-01", "2026-01-02")
    storage = instance.event_log_storage
    events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    before = len(instance.all_logs(run.run_id))
    one_by_one = iter([storage.store_event, _broken])

    def breaks_at_the_second(event: dg.EventLogEntry) -> None:
        next(one_by_one)(event)

    monkeypatch.setattr(storage, "store_event", breaks_at_the_second)
    with pytest.raises(OSError, match="disk"):
        storage.store_event_batch(events)

    assert len(instance.all_logs(run.run_id)) == before


def _broken(_: object) -> None:
    raise OSError("disk full")
