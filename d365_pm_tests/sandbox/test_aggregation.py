"""`$apply` and total counts (Web API reference 2.5)."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import polars as pl
import pytest

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.sandbox.conftest import API, CASES, case_rows, client_of, desk, error_of, guid, values

CASES_APPLIED = "incidents?$apply="
TOTALS = 'RetrieveTotalRecordCount(EntityNames=@p)?@p=["incident","email"]'


def test_rows_are_counted(web: httpx.Client) -> None:
    answer = web.get(f"{CASES_APPLIED}aggregate($count as n)").json()
    assert answer == {"@odata.context": f"{API}/$metadata#incidents", "value": [{"n": CASES}]}


def test_bounds_of_dates_and_numbers(web: httpx.Client) -> None:
    rows = case_rows()
    held = [row["onholdtime"] for row in rows if row["onholdtime"] is not None]
    terms = "createdon with min as lo,createdon with max as hi,onholdtime with sum as held,onholdtime with average as a"
    [found] = values(web.get(f"{CASES_APPLIED}aggregate({terms})"))
    assert found.pop("a") == pytest.approx(sum(held) / len(held))
    assert found == {
        "lo": min(row["createdon"] for row in rows).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "hi": max(row["createdon"] for row in rows).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "held": sum(held),
    }


def test_groups_leave_out_what_is_null(web: httpx.Client) -> None:
    found = values(web.get(f"{CASES_APPLIED}groupby((statecode,prioritycode),aggregate($count as n))"))
    expected = Counter((row["statecode"], row["prioritycode"]) for row in case_rows())
    assert {(row["statecode"], row.get("prioritycode")): row["n"] for row in found} == expected
    assert any("prioritycode" not in row for row in found)


def test_groups_without_an_aggregate_are_the_distinct_values(web: httpx.Client) -> None:
    found = values(web.get(f"{CASES_APPLIED}groupby((statuscode))"))
    assert sorted(row["statuscode"] for row in found) == [1, 5, 6]


def test_a_group_behind_a_lookup_is_called_after_its_table(web: httpx.Client) -> None:
    found = values(web.get(f"{CASES_APPLIED}groupby((owninguser/fullname),aggregate($count as n))"))
    assert found == [{"n": CASES}], "no case has an owning user, so there is one group of nulls"
    named = values(web.get("emails?$apply=groupby((regardingobjectid_incident_email/ticketnumber))"))
    assert {row["incident_ticketnumber"] for row in named} == {f"CAS-0000{n}" for n in range(4)}


def test_filters_go_before(web: httpx.Client) -> None:
    expected = sum(row["statecode"] == 0 and row["title"] == "it's slow" for row in case_rows())
    condition = "filter(statecode eq 0)/filter(title eq 'it''s slow')"
    assert values(web.get(f"{CASES_APPLIED}{condition}/aggregate($count as n)")) == [{"n": expected}]
    assert expected > 0


@pytest.mark.parametrize(
    "query",
    [
        "aggregate(onholdtime with countdistinct as n)",
        "aggregate(title with max as t)",
        "aggregate($count)",
        "groupby((createdon))",
        "groupby((new_foo))",
        "filter(statecode eq 0)",
        "topcount(3,onholdtime)",
        "aggregate($count as n)&$orderby=n",
        "aggregate($count as n)/filter(n gt 1)",
    ],
)
def test_what_the_platform_does_not_know_is_refused(web: httpx.Client, query: str) -> None:
    assert error_of(web.get(f"{CASES_APPLIED}{query}"))[:2] == (400, "0x80060888")


def test_more_than_fifty_thousand_rows_are_not_aggregated(web: httpx.Client) -> None:
    environment = Environment({"audit": desk()["audit"]})
    client = client_of(environment)
    numbers = pl.int_range(50_000, eager=True)
    calls = pl.DataFrame({"activityid": [guid("call", n) for n in numbers], "statecode": numbers % 2})
    environment.upsert("phonecall", calls)
    assert values(client.get("phonecalls?$apply=aggregate($count as n)")) == [{"n": 50_000}]
    environment.upsert("phonecall", [{"activityid": guid("call", 50_000), "statecode": 0}])
    message = "AggregateQueryRecordLimit exceeded. Cannot perform this operation."
    assert error_of(client.get("phonecalls?$apply=aggregate($count as n)")) == (400, "0x8004e023", message)
    halves = values(client.get("phonecalls?$apply=filter(statecode eq 0)/aggregate($count as n)"))
    assert halves == [{"n": 25_001}]


def totals(client: httpx.Client) -> list[int]:
    found: list[int] = client.get(TOTALS).json()["EntityRecordCountCollection"]["Values"]
    return found


@pytest.mark.parametrize(("age", "later"), [(0, CASES - 1), (24, CASES)])
def test_total_counts_may_be_a_day_old(age: float, later: int) -> None:
    environment = Environment(desk(), Switches(total_count_age=age))
    start = dt.datetime(2026, 2, 9, tzinfo=dt.UTC)
    environment.clock = lambda: start
    client = client_of(environment)
    assert totals(client) == [CASES, 10]
    environment.delete("incident", [guid("case", 0)])
    assert totals(client) == [later, 10]
    environment.clock = lambda: start + dt.timedelta(hours=24)
    assert totals(client) == [CASES - 1, 10]


def test_total_counts_may_be_zero(switched: Callable[..., httpx.Client]) -> None:
    client: Any = switched(total_counts_are_zero=True)
    assert totals(client) == [0, 0]
