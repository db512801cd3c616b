"""The ledger `<table>/loads/`: the facts of every extraction of a table, which SQL reads as `raw._loads`.

Belongs here: appending and reading entries. It also knows of windows that had no rows, which no data file could tell,
and of cursors, which must not be known before the rows that they follow are durable.
"""

from dataclasses import fields
from datetime import UTC
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from d365_pm.lake.errors import LakeError, explained
from d365_pm.lake.facts import SCHEMA, LoadFacts
from d365_pm.lake.versions import commit_version

FOLDER = "loads"


def append_to_ledger(folder: Path, facts: LoadFacts, *, work: Path) -> None:
    """Add facts to the table's ledger, atomically; the caller holds the table's lock.

    Args:
        folder: Folder of the table.
        facts: What the extraction did.
        work: Folder for the temporary file, on the same file system.

    Raises:
        LakeError: The ledger of the month is damaged.
    """
    # One file per month: thousands of one-row files would slow every start, one file for ever would grow.
    target = folder / FOLDER / f"{facts.extracted_at.astimezone(UTC):%Y-%m}.parquet"
    row = pa.Table.from_pylist([{f.name: getattr(facts, f.name) for f in fields(facts)}], schema=SCHEMA)
    ledger = pa.concat_tables([_entries(target), row])
    temporary = work / "ledger.tmp"
    pq.write_table(ledger, temporary, compression="zstd")
    commit_version(temporary, target)


def read_ledger(folder: Path) -> list[LoadFacts]:
    """Read every entry of a table, oldest extraction first; of one instant, in the order in which they were written.

    Args:
        folder: Folder of the table; one that does not exist has no entries.

    Raises:
        LakeError: A file of the ledger is damaged.
    """
    with explained(folder):
        ledgers = [_entries(path) for path in sorted((folder / FOLDER).glob("*.parquet"))]
    entries = [LoadFacts(**_known(row)) for ledger in ledgers for row in ledger.to_pylist()]
    return sorted(entries, key=lambda entry: entry.extracted_at)


def _known(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what an entry does not say, as those from before a column existed do."""
    return {name: value for name, value in row.items() if value is not None or name.startswith("window_")}


def _entries(path: Path) -> pa.Table:
    if not path.exists():
        return SCHEMA.empty_table()
    try:
        return pq.read_table(path, schema=SCHEMA, partitioning=None)
    except (pa.ArrowInvalid, OSError):
        raise LakeError(f"{path} is damaged; delete it and load its month again.") from None
