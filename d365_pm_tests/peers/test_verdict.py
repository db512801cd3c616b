"""The verdict on a peer's rows: what is missing, doubled, strange or different is told."""

import datetime as dt
from typing import Any

import polars as pl

from d365_pm_tests.peers.airbyte import offers
from d365_pm_tests.peers.verdict import judge

MOMENT = dt.datetime(2026, 3, 1, 12, 30, 15, 250_000, dt.UTC)
STORED = pl.DataFrame(
    {
        "id": ["a", "b", "c"],
        "title": ["One", None, "Three"],
        "count": [1, 2, 3],
        "open": [True, False, None],
        "createdon": [MOMENT] * 3,
        "_ownerid_type": ["systemuser"] * 3,
    }
)
WHOLE: list[dict[str, Any]] = [
    {"id": "a", "title": "One", "count": 1, "open": True, "createdon": "2026-03-01T12:30:15Z"},
    {"id": "b", "count": 2, "open": False, "createdon": "2026-03-01T12:30:15+00:00"},
    {"id": "c", "title": "Three", "count": 3.0, "open": None, "createdon": "2026-03-01 12:30:15+00:00"},
]


def test_rows_in_any_order_and_form_are_whole():
    verdict = judge(STORED, "id", reversed(WHOLE))

    assert verdict.is_whole
    assert (verdict.rows, verdict.expected) == (3, 3)


def test_a_row_that_did_not_come_is_missing():
    verdict = judge(STORED, "id", WHOLE[:2])

    assert (verdict.is_whole, verdict.missing) == (False, 1)


def test_a_row_that_came_twice_is_doubled():
    verdict = judge(STORED, "id", [*WHOLE, WHOLE[0]])

    assert (verdict.is_whole, verdict.doubled, verdict.missing) == (False, 1, 0)


def test_a_row_of_nowhere_is_strange():
    verdict = judge(STORED, "id", [*WHOLE, {"id": "z"}, {"title": "no key"}])

    assert (verdict.is_whole, verdict.strange, verdict.doubled) == (False, 2, 0)


def test_a_value_that_changed_is_told_by_its_column():
    changed = [
        {**WHOLE[0], "title": "one", "open": False},
        {**WHOLE[1], "title": ""},
        {**WHOLE[2], "count": 4, "createdon": "2026-03-01T12:30:16Z"},
    ]

    verdict = judge(STORED, "id", changed)

    assert verdict.different == {"title": 2, "open": 1, "count": 1, "createdon": 1}
    assert not verdict.is_whole


def test_a_catalog_offers_a_table_in_the_modes_that_it_names():
    catalog = {
        "streams": [
            {"name": "incident", "supported_sync_modes": ["full_refresh", "incremental"]},
            {"name": "audit", "supported_sync_modes": ["full_refresh"]},
        ]
    }

    assert offers(catalog, "incremental") == {"incident"}
    assert offers(catalog, "full_refresh") == {"incident", "audit"}
