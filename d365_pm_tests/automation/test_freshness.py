"""The sensor follows `LastDataUpdate`, not the time of the last run."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from d365_pm.automation.freshness import EVENT_LOG, LAST_DATA_UPDATE, build_last_data_update_sensor
from d365_pm.automation.jobs import RANGE_END
from d365_pm.settings import Settings

_SETTINGS = Settings(_env_file=None)
_PARTITIONS = dg.DailyPartitionsDefinition(start_date="2026-01-01", end_offset=1)


def _evaluate(instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    sensor = build_last_data_update_sensor(_SETTINGS, _PARTITIONS)
    return sensor(dg.build_sensor_context(instance=instance))


def _publish(instance: dg.DagsterInstance, *, hours_old: float) -> None:
    as_of = datetime.now(UTC) - timedelta(hours=hours_old)
    metadata = {LAST_DATA_UPDATE: dg.MetadataValue.timestamp(as_of)}
    instance.report_runless_asset_event(dg.AssetMaterialization(EVENT_LOG, metadata=metadata))


def test_a_log_that_was_never_built_asks_for_a_first_run():
    with dg.instance_for_test() as instance:
        answer = _evaluate(instance)

    assert isinstance(answer, dg.SkipReason)
    assert "never been built" in str(answer.skip_message)


@pytest.mark.parametrize(("hours_old", "is_stale"), [(25.9, False), (26.1, True), (300, True)])
def test_only_an_old_last_data_update_asks_for_a_refresh(hours_old, is_stale):
    with dg.instance_for_test() as instance:
        _publish(instance, hours_old=hours_old)

        answer = _evaluate(instance)

    assert isinstance(answer, dg.RunRequest) is is_stale


def test_one_stale_instant_gives_one_run_key_and_loads_up_to_today():
    with dg.instance_for_test() as instance:
        _publish(instance, hours_old=40)

        first, second = _evaluate(instance), _evaluate(instance)

    assert isinstance(first, dg.RunRequest)
    assert isinstance(second, dg.RunRequest)
    assert first.run_key == second.run_key
    assert first.tags[RANGE_END] == datetime.now(UTC).date().isoformat()
