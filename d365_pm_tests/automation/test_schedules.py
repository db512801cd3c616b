"""The nightly refresh asks for what is missing, and reads yesterday again."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from d365_pm.automation.schedules import missing_range

_TODAY = datetime.now(UTC).date()
_PARTITIONS = dg.DailyPartitionsDefinition(start_date=(_TODAY - timedelta(days=9)).isoformat(), end_offset=1)


def _day(back: int) -> str:
    return (_TODAY - timedelta(days=back)).isoformat()


def _loaded(instance: dg.DagsterInstance, days_back: list[int]) -> None:
    @dg.asset(key=["raw", "incident"], partitions_def=_PARTITIONS)
    def incident() -> dg.MaterializeResult:
        return dg.MaterializeResult()

    for back in days_back:
        assert dg.materialize([incident], instance=instance, partition_key=_day(back)).success


def test_a_new_instance_loads_the_whole_history():
    with dg.instance_for_test() as instance:
        assert missing_range(instance, _PARTITIONS) == (_day(9), _day(0))


def test_after_an_outage_the_gap_is_loaded():
    with dg.instance_for_test() as instance:
        _loaded(instance, [9, 8, 7, 6, 5, 4])

        assert missing_range(instance, _PARTITIONS) == (_day(3), _day(0))


def test_a_complete_history_still_reads_yesterday_again():
    with dg.instance_for_test() as instance:
        _loaded(instance, list(range(10)))

        assert missing_range(instance, _PARTITIONS) == (_day(1), _day(0))
