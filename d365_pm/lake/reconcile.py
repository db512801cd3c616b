"""Deletes found by comparing ids: for tables whose changes the source does not track.

Belongs here: turning a list of ids that exist into tombstones for the others. Does not belong here: reading that list.
"""

from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from d365_pm.lake.absent import absent_keys
from d365_pm.lake.errors import explained
from d365_pm.lake.facts import RECONCILIATION, LoadFacts
from d365_pm.lake.files import locked, work_folder
from d365_pm.lake.ledger import append_to_ledger
from d365_pm.lake.merge import Merger
from d365_pm.lake.table import RawTable
from d365_pm.lake.tombstones import add_tombstones


def mark_absent(root: Path, table: RawTable, present: Iterable[pa.Array], *, extracted_at: datetime) -> int:
    """Mark every row as deleted whose key the source no longer has.

    Args:
        root: Folder of the raw layer.
        table: What was compared.
        present: All keys that the source has, in pieces.
        extracted_at: Instant at which the comparison started; rows that were extracted since are left alone.

    Returns:
        How many rows were marked.

    Raises:
        LakeError: The folder cannot be used.
        ValueError: The table does not keep deleted rows.
    """
    if not table.marks_deleted:
        raise ValueError(f"{table.name} does not keep deleted rows, so there is nothing to compare")
    folder = root / table.name
    with work_folder(folder) as work, explained(folder):
        count = _write_keys(work / "keys.part", table.key[0], present)
        with closing(Merger(work)) as merger:
            absent = absent_keys(merger.connection, folder, table, present=[work / "keys.part"], before=extracted_at)
        add_tombstones(folder, pa.array(sorted(absent), pa.string()), noticed_at=extracted_at, work=work)
        facts = LoadFacts(
            table.name, extracted_at, None, None, 0,
            kind=RECONCILIATION, source_count=count, deleted_count=len(absent),
        )  # fmt: skip
        with locked(folder):
            append_to_ledger(folder, facts, work=work)
    return len(absent)


def _write_keys(path: Path, key: str, pieces: Iterable[pa.Array]) -> int:
    schema = pa.schema([(key, pa.string())])
    count = 0
    with pq.ParquetWriter(path, schema, compression="lz4") as writer:
        for piece in pieces:
            writer.write_table(pa.table([piece], schema=schema))
            count += len(piece)
    return count
