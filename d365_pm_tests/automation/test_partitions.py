"""Partitions: which days exist, and what window a day or a range asks for."""

from datetime import UTC, date, datetime, timedelta

from d365_pm.automation.partitions import daily_partitions, window_of
from d365_pm.settings import Settings


def _settings(start: date | None) -> Settings:
    return Settings(_env_file=None).model_copy(update={"start_date": start})


def test_days_run_from_the_start_date_to_the_running_day():
    today = datetime.now(UTC).date()

    keys = daily_partitions(_settings(today - timedelta(days=3))).get_partition_keys()

    assert keys == [(today - timedelta(days=back)).isoformat() for back in (3, 2, 1, 0)]


def test_without_a_start_date_the_first_partition_takes_everything_older():
    settings = _settings(None)
    first = daily_partitions(settings).get_first_partition_window()

    assert first.start.day == 1
    assert window_of(settings, first.start, first.end) == (None, first.end.astimezone(UTC))
    assert window_of(settings, first.end, first.end + timedelta(days=1))[0] == first.end.astimezone(UTC)


def test_a_start_date_is_a_lower_bound():
    start = datetime(2026, 3, 4, tzinfo=UTC)

    assert window_of(_settings(start.date()), start, start + timedelta(days=1))[0] == start
