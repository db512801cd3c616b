"""What a full load would cost, from counts and measured pages."""

from dataclasses import replace

import pytest

from d365_pm.doctor.facts import Facts, PageTiming
from d365_pm.doctor.load import forecast_load
from d365_pm_tests.doctor.environment import NOW, healthy, table


def environment(*, hint: int | None = 8, timings: tuple[PageTiming, ...] = (), **rows: int | None) -> Facts:
    tables = {name: replace(table(name), rows=number) for name, number in rows.items()}
    return Facts(asked_at=NOW, tables=tables, requests_hint=hint, timings=timings)


@pytest.mark.parametrize(("rows", "pages"), [(0, 1), (1, 1), (5000, 1), (5001, 2), (812_345, 163), (None, 1)])
def test_a_table_takes_one_request_for_every_5_000_rows_and_one_at_least(rows: int | None, pages: int):
    assert forecast_load(environment(incident=rows)).requests == pages


def test_measured_tables_take_their_own_time_and_others_the_mean():
    timings = (PageTiming("incident", 5000, 3.0), PageTiming("audit", 5000, 1.0))
    load = forecast_load(environment(timings=timings, incident=10_000, audit=5_000, email=15_000))

    assert {each.table: each.seconds for each in load.tables} == {"incident": 6.0, "audit": 1.0, "email": 6.0}
    assert (load.seconds, load.parallel_seconds) == (13.0, 13.0 / 8)


@pytest.mark.parametrize(("hint", "used"), [(None, 1), (8, 8), (64, 40)])
def test_parallelism_follows_the_hint_up_to_forty(hint: int | None, used: int):
    assert forecast_load(environment(hint=hint, incident=1)).parallelism == used


def test_without_a_measured_page_the_time_is_unknown():
    load = forecast_load(environment(incident=1))

    assert (load.seconds, load.parallel_seconds, load.seconds_per_page) == (None, None, None)


def test_tables_that_the_server_does_not_count_are_named():
    assert forecast_load(environment(incident=1, audit=None)).uncounted == ("audit",)


def test_tables_that_cannot_be_read_cost_nothing():
    facts = healthy()
    tables = {name: replace(each, is_missing=name != "incident") for name, each in facts.tables.items()}

    assert [each.table for each in forecast_load(replace(facts, tables=tables)).tables] == ["incident"]
