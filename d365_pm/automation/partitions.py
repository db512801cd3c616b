"""The days that windowed raw tables are partitioned by.

A partition is one UTC day of a table's window column (`modifiedon`, or `createdon` for audit). The running day
belongs to the set, so that a run can load up to now.
"""

from datetime import UTC, date, datetime, timedelta

import dagster as dg

from d365_pm.settings import Settings


def daily_partitions(settings: Settings) -> dg.DailyPartitionsDefinition:
    """Days from D365_PM_START_DATE, or from the first of last month, to today."""
    return dg.DailyPartitionsDefinition(start_date=_first_day(settings).isoformat(), end_offset=1)


def window_of(settings: Settings, start: datetime, end: datetime) -> tuple[datetime | None, datetime | None]:
    """The window that a run asks Dataverse for: half-open, UTC, None where it is open.

    Without a start date the first partition takes everything older, so that a newcomer's history is whole.
    """
    is_first = settings.start_date is None and start.date() <= _first_day(settings)
    return (None if is_first else start.astimezone(UTC)), end.astimezone(UTC)


def _first_day(settings: Settings) -> date:
    if settings.start_date is not None:
        return settings.start_date
    last_month = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
    return last_month.replace(day=1)
