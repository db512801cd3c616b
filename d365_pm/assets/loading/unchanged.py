"""Tables of which something cheaper than reading says that they are what they were."""

import asyncio
import time
from datetime import datetime

from d365_pm.assets.loading.loaded import Loaded
from d365_pm.assets.loading.run import Run
from d365_pm.lake import RawTable, record_unchanged


async def note_unchanged(run: Run, table: RawTable, *, now: datetime, clock: float) -> Loaded:
    """Record that a table was looked at and not read.

    Args:
        run: What all tables share.
        table: The table.
        now: When it was looked at.
        clock: `time.perf_counter` when its loading began.
    """
    await asyncio.to_thread(record_unchanged, run.root, table, extracted_at=now)
    return Loaded(table.name, now, 0, time.perf_counter() - clock, None, way="nothing has changed")
