"""What a run costs when nothing has changed: requests per table, and seconds for all tables.

`python -m d365_pm_tests.reliability.nothing_changed [CASES]`; the sandbox is a process of its own.
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from d365_pm.assets.extraction import extract
from d365_pm.assets.tables import ENVIRONMENT_TABLES
from d365_pm.dataverse import TABLES
from d365_pm.lake import Window
from d365_pm.sandbox.process import start_sandbox
from d365_pm.settings import Settings

READ = [*TABLES, *ENVIRONMENT_TABLES]
"""What is read unless a setting asks for more."""


async def _load(settings: Settings) -> tuple[int, float]:
    """Rows that a load of all tables brought, and its seconds."""
    window = Window(None, datetime.now(UTC) + timedelta(days=1))
    clock = time.perf_counter()
    rows = [loaded.rows async for loaded in extract(settings, READ, window)]
    return sum(rows), time.perf_counter() - clock


def main(cases: int = 1000) -> int:
    """Load, load again three times and print what that took; 1 if a table was asked more than once."""
    console = Console()
    with start_sandbox(cases=cases) as sandbox, tempfile.TemporaryDirectory() as folder:
        own = {name.removeprefix("D365_").lower(): value for name, value in sandbox.env.items()}
        settings = Settings(_env_file=None, **own, D365_PM_DATA_DIR=Path(folder))  # type: ignore[call-arg]
        rows, seconds = asyncio.run(_load(settings))
        console.print(f"first load: {rows:,} rows in {seconds:.1f} s")
        most = 0
        for _ in range(3):
            sandbox.control.clear_log()
            rows, seconds = asyncio.run(_load(settings))
            asked = Counter(entry.table for entry in sandbox.control.log() if entry.table not in {None, "token"})
            # One question to the environment itself, which also has a row in a table of its own.
            asked["organizations"] -= 1
            most = max(most, *asked.values())
            console.print(
                f"nothing changed: {seconds:.1f} s for {len(READ)} tables, {rows:,} rows of tables that are read "
                f"whole, {asked.total() + 1} requests, at most {max(asked.values())} per table"
            )
    return int(most > 1)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
