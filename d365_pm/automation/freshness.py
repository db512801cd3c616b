"""How old data may be, and the sensor that follows `LastDataUpdate`.

Dagster's freshness policy looks at when an asset was last materialized; it cannot see how old the data are, and in open
source it tells nobody. The sensor closes both gaps: it reads the `LastDataUpdate` of the published log and asks for a
refresh when that instant is too old.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from d365_pm.automation.jobs import QUIET, range_tags, refresh
from d365_pm.automation.schedules import missing_range
from d365_pm.settings import Settings

EVENT_LOG = dg.AssetKey(["marts", "event_log"])
LAST_DATA_UPDATE = "LastDataUpdate"
"""Metadata key of the event log that holds its as-of instant in seconds since 1970."""

_CHECK_EVERY_SECONDS = 300


def freshness_policy(settings: Settings) -> dg.FreshnessPolicy:
    """Warn after the allowed age, fail after one and a half times of it."""
    allowed = timedelta(hours=settings.max_age_hours)
    return dg.FreshnessPolicy.time_window(fail_window=allowed * 1.5, warn_window=allowed)


def build_last_data_update_sensor(settings: Settings, partitions: dg.DailyPartitionsDefinition) -> dg.SensorDefinition:
    """Ask for one refresh per stale `LastDataUpdate`; never a second one for the same instant."""

    @dg.sensor(
        name="last_data_update_sensor",
        job=refresh,
        minimum_interval_seconds=_CHECK_EVERY_SECONDS,
        description=f"Refreshes the log when its LastDataUpdate is older than {settings.max_age_hours:g} hours.",
    )
    def last_data_update_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        as_of = last_data_update(context.instance)
        if as_of is None:
            return dg.SkipReason("The event log has never been built: run the job `refresh` once.")
        age = (datetime.now(UTC) - as_of).total_seconds() / 3600
        if age <= settings.max_age_hours:
            return dg.SkipReason(f"LastDataUpdate {as_of:%Y-%m-%d %H:%M:%S} UTC is {age:.1f} hours old: fresh.")
        first, last = missing_range(context.instance, partitions)
        return dg.RunRequest(run_key=f"stale-{as_of:%Y%m%dT%H%M%SZ}", run_config=QUIET, tags=range_tags(first, last))

    return last_data_update_sensor


def last_data_update(instance: dg.DagsterInstance) -> datetime | None:
    """`LastDataUpdate` of the last published event log, from its materialization's metadata."""
    event = instance.get_latest_materialization_event(EVENT_LOG)
    if event is None or event.asset_materialization is None:
        return None
    value = event.asset_materialization.metadata.get(LAST_DATA_UPDATE)
    return datetime.fromtimestamp(value.value, UTC) if isinstance(value, dg.TimestampMetadataValue) else None
