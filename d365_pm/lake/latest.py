"""The newest row that the raw layer holds of a table."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from d365_pm.lake.errors import LakeError
from d365_pm.lake.table import RawTable
from d365_pm.lake.views import data_files


def newest_instant(root: Path, table: RawTable) -> datetime | None:
    """Latest value of the window column; None for an empty table and for one that has no such column.

    Raises:
        LakeError: The newest file is damaged.
    """
    if table.window is None:
        return None
    files = sorted(data_files(root / table.name, table))
    if not files:
        return None
    try:
        column = pq.read_table(files[-1], columns=[table.window], partitioning=None).column(table.window)
    except (pa.ArrowInvalid, OSError):
        raise LakeError(f"{files[-1]} is no readable Parquet file; delete it and load its day again.") from None
    latest: datetime | None = pc.max(column).as_py()
    return latest
