"""The one job that schedules, sensors and the command line run.

The whole graph, from raw tables to the event log, over a range of days. Single assets are materialized from the UI
without any job of ours.
"""

import dagster as dg

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
FULL = "d365_pm/full"
"""Run tag with which every table is read whole again, although what has changed would do."""
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Run configuration that keeps Dagster's own lines off a terminal that shows our progress."""

refresh = dg.define_asset_job(
    "refresh",
    # The doctor is asked by a person; its questions have no place in a nightly load.
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("preflight"),
    description="Load a range of days of every table, rebuild all models and publish the event log.",
)


def range_tags(first: str, last: str, *, full: bool = False) -> dict[str, str]:
    """Run tags that load the partitions `first` to `last`, both included, as one window in one run.

    Args:
        first: Partition key.
        last: Partition key.
        full: Read every table whole again.
    """
    return {RANGE_START: first, RANGE_END: last} | ({FULL: "true"} if full else {})
