"""When the log is refreshed by the clock.

One schedule, every night. It loads from the first day that is missing, or from yesterday, to today: a gap after an
outage closes itself, and late rows of yesterday are read again.
"""

import dagster as dg

from d365_pm.automation.jobs import QUIET, range_tags, refresh

_WITNESS = dg.AssetKey(["raw", "incident"])


def build_daily_schedule(partitions: dg.DailyPartitionsDefinition) -> dg.ScheduleDefinition:
    """The nightly refresh; off until somebody switches it on in the UI, as all of Dagster's schedules."""

    @dg.schedule(
        name="daily_refresh_schedule",
        job=refresh,
        cron_schedule="0 4 * * *",
        execution_timezone="UTC",
        description="Every night at 04:00 UTC: loads the days since the last complete load, and builds the event log.",
    )
    def daily_refresh_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        first, last = missing_range(context.instance, partitions)
        return dg.RunRequest(run_key=None, run_config=QUIET, tags=range_tags(first, last))

    return daily_refresh_schedule


def missing_range(instance: dg.DagsterInstance, partitions: dg.DailyPartitionsDefinition) -> tuple[str, str]:
    """First and last partition that a refresh has to load.

    Returns:
        From the first day that was never loaded, yesterday at the latest, to the running day.
    """
    keys = partitions.get_partition_keys()
    loaded = instance.get_materialized_partitions(_WITNESS)
    missing = next((key for key in keys if key not in loaded), keys[-1])
    yesterday = keys[-2] if len(keys) > 1 else keys[-1]
    return min(missing, yesterday), keys[-1]
