"""The tombstones of a table: which ids the source has deleted, and when we learnt it.

One small file per table, replaced as a whole. A row that was extracted after its id was found deleted is alive again,
so nothing has to be taken out when an id comes back. Ids may belong to rows that nobody ever read.
"""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from d365_pm.lake.errors import LakeError
from d365_pm.lake.files import locked
from d365_pm.lake.table import MOMENT
from d365_pm.lake.versions import commit_version

FILE = Path("deleted") / "data.parquet"
SCHEMA = pa.schema([("id", pa.string()), ("deleted_at", MOMENT), ("noticed_at", MOMENT)])
"""`deleted_at`: latest instant at which the deletion can have happened; `noticed_at`: start of the load that saw it."""


def add_tombstones(folder: Path, ids: pa.Array, *, noticed_at: datetime, work: Path) -> None:
    """Mark ids as deleted, durably and in one step; a later notice of an id takes the place of an earlier one.

    Args:
        folder: Folder of the table.
        ids: Keys, each once; text.
        noticed_at: Start of the load that noticed.
        work: Folder for the temporary file, on the same file system.

    Raises:
        LakeError: The file that is there is damaged.
    """
    if not len(ids):
        return
    instants = pa.repeat(pa.scalar(noticed_at, MOMENT), len(ids))
    target, temporary = folder / FILE, work / "deleted.tmp"
    with locked(folder):
        every = pa.concat_tables([_read(target), pa.table([ids, instants, instants], schema=SCHEMA)])
        newest = every.sort_by([("noticed_at", "ascending")]).group_by("id", use_threads=False)
        rows = newest.aggregate([("deleted_at", "last"), ("noticed_at", "last")]).rename_columns(SCHEMA.names)
        pq.write_table(rows.sort_by("id"), temporary, compression="zstd")
        commit_version(temporary, target)


def _read(path: Path) -> pa.Table:
    if not path.exists():
        return SCHEMA.empty_table()
    try:
        return pq.read_table(path, schema=SCHEMA, partitioning=None)
    except (pa.ArrowInvalid, OSError):
        raise LakeError(f"{path} is damaged; delete it and read the table whole again.") from None
