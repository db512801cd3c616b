"""The reader that is ours: `extract` into a raw layer, as production does it, and that layer's rows as SQL shows them.

Belongs here: settings, shortened pauses, a time bound and reading back. Does not belong here: what the rows should be.
"""

import asyncio
import datetime as dt
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import duckdb

from d365_pm.assets.extraction import extract
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.dataverse import connection
from d365_pm.dataverse.retry import RetryPolicy
from d365_pm.lake import Window, view_sql
from d365_pm.sandbox.serving import RunningSandbox
from d365_pm.settings import Settings
from d365_pm_tests.reliability.fault_desk import START
from d365_pm_tests.reliability.fault_verdict import Row

TIME_BOUND = 30.0
"""Seconds after which a read counts as endless; an undisturbed one takes less than one."""

_HASTY = functools.partial(RetryPolicy, first_pause=0.01, longest_pause=0.02, exhausted_pause=0.02)


@contextmanager
def hasty() -> Iterator[None]:
    """Let faults be met again at once; the number of attempts stays that of production."""
    with mock.patch.object(connection, "RetryPolicy", _HASTY):
        yield


def settings_of(sandbox: RunningSandbox, data_dir: Path) -> Settings:
    """Settings as production has them, for a data directory of their own."""
    given = {name.removeprefix("D365_").lower(): value for name, value in sandbox.env.items()}
    return Settings(_env_file=None, **given, D365_PM_DATA_DIR=data_dir, D365_PM_START_DATE=START.date())


def read(sandbox: RunningSandbox, data_dir: Path, table: str) -> None:
    """Extract one table, with the window of a nightly run.

    Raises:
        D365PMError: What `extract` raises.
        TimeoutError: The bound is reached.
    """
    settings = settings_of(sandbox, data_dir)
    window = Window(START, dt.datetime.now(dt.UTC) + dt.timedelta(days=1))

    async def run() -> None:
        async with asyncio.timeout(TIME_BOUND):
            async for _ in extract(settings, [table], window):
                pass

    asyncio.run(run())


def rows_of(data_dir: Path, table: str) -> list[tuple[object, Row]]:
    """Living rows of the raw layer by key, every column of the table."""
    definition = RAW_TABLES[table]
    columns = ", ".join(f'"{name}"' for name in definition.schema.names)
    with duckdb.connect() as database:
        database.execute("set TimeZone = 'UTC'")
        view = view_sql(data_dir / "raw", definition)
        found = database.execute(f"select {columns} from ({view}) where _deleted_at is null").fetchall()
    key = definition.schema.names.index(definition.key[0])
    return [(row[key], row) for row in found]
