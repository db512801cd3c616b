"""Deletes in tables that do not track their changes: from the audit history, and by comparing ids now and then.

A row that is gone at the source never comes in a window again, so without this it would stay for ever.
"""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pyarrow.compute as pc
import pyarrow.parquet as pq

from d365_pm.assets.loading.run import Run
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.dataverse import TableShape
from d365_pm.lake import CommittedFile, TableState, mark_absent, mark_deleted

COMPARE_EVERY = timedelta(days=7)
"""How often the ids of an untracked table are compared: one request per 5,000 rows."""

_DELETE = 3
"""`audit.operation` of a delete."""


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


def note_audited_deletes(run: Run, files: Iterable[CommittedFile]) -> None:
    """Remember the deletes that audit rows tell of.

    Args:
        run: Keeps them until all tables are loaded.
        files: Files of the raw table `audit` that the run has written.
    """
    columns = ["operation", "objecttypecode", "_objectid_value", "createdon"]
    for file in files:
        rows = pq.read_table(file.path, columns=columns, partitioning=None)
        for row in rows.filter(pc.equal(rows.column("operation"), _DELETE)).to_pylist():
            times = run.deletes.setdefault(row["objecttypecode"], {})
            if row["_objectid_value"]:
                times[row["_objectid_value"]] = max(
                    row["createdon"], times.get(row["_objectid_value"], row["createdon"])
                )


def mark_audited_deletes(run: Run) -> int:
    """Mark the rows that the audit history says were deleted, in the tables that have no other witness."""
    marked, now = 0, datetime.now(UTC)
    for name, times in run.deletes.items():
        table = RAW_TABLES.get(name)
        if table is None or not table.marks_deleted or name not in run.untracked:
            continue
        marked += mark_deleted(run.root, table, times, noticed_at=now)
    return marked
