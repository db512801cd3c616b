"""Deletes in tables that do not track their changes: from the audit history, and by comparing ids now and then.

A row that is gone at the source never comes in a window again, so without this it would stay for ever.
"""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from d365_pm.assets.loading.run import Run
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.dataverse import TableShape
from d365_pm.lake import TableState, mark_absent, mark_deleted

COMPARE_EVERY = timedelta(days=7)
"""How often the ids of an untracked table are compared: one request per 5,000 rows."""


async def compare_ids(run: Run, shape: TableShape, known: TableState) -> int:
    """Mark the rows that the source no longer has, if that was last looked at long ago; returns their number."""
    now = datetime.now(UTC)
    last = known.reconciled_at or known.first_at
    if last is None or now - last < COMPARE_EVERY or shape.is_missing:
        return 0
    async with run.slots, aclosing(run.client.keys(shape)) as pages:
        present = [ids async for ids in pages]
    table = RAW_TABLES[shape.table.name]
    return await asyncio.to_thread(mark_absent, run.root, table, present, extracted_at=now)


def mark_audited_deletes(run: Run) -> int:
    """Mark the rows that the audit history says were deleted, in the tables that have no other witness."""
    marked, now = 0, datetime.now(UTC)
    for name, times in run.deletes.items():
        table = RAW_TABLES.get(name)
        if table is None or not table.marks_deleted or name not in run.untracked:
            continue
        marked += mark_deleted(run.root, table, times, noticed_at=now)
    return marked
