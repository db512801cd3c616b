"""dlt's rest_api source as a peer: pages by JSON link, merged by key into DuckDB by way of Parquet."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from d365_pm_tests.benchmarks.dlt_landing import Resource, land
from d365_pm_tests.peers.telling import Row, Task, tell


def rows(task: Task) -> Iterator[tuple[str, Row]]:
    """Every row of every table, as DuckDB holds it afterwards."""
    resources = [Resource(name, task.entity_sets[name], key) for name, key in task.keys.items()]
    with tempfile.TemporaryDirectory(prefix="d365-pm-dlt-") as folder:
        file = land(task.environment, resources, Path(folder), page_size=task.page_size)
        with duckdb.connect(str(file), read_only=True) as database:
            database.execute("set TimeZone = 'UTC'")
            for table in task.keys:
                found = database.execute(f"select * from raw.{table}")
                names = [column[0] for column in found.description]
                while some := found.fetchmany(1000):
                    yield from ((table, dict(zip(names, row, strict=True))) for row in some)


if __name__ == "__main__":
    os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"
    tell(rows)
