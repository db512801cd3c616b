"""Stories of desks that a test writes, told from the same tables that a published warehouse has."""

import duckdb

from d365_pm.contracts.seeds import EXTENDED_ACTIVITIES, SEEDS
from d365_pm.explain import Story, explain
from d365_pm.paths import sql_root
from d365_pm_tests.models.desk import Desk


def story_of(desk: Desk, case: str) -> Story:
    """The story of a case by its short name."""
    return explain(warehouse_of(desk), desk.guid(case))


def warehouse_of(desk: Desk) -> duckdb.DuckDBPyConnection:
    """Every model of a desk, without the raw tables, as in the published file."""
    run = desk.run._run
    for layer in ("staging", "activities", "marts"):
        for file in sorted((sql_root() / layer).glob("*.sql")):
            if file.stem not in EXTENDED_ACTIVITIES:
                run.select(f"{layer}.{file.stem}", where="false")
    for name in SEEDS:
        run.select(f"seeds.{name}", where="false")
    run._connection.execute("drop schema if exists raw cascade")
    return run._connection
