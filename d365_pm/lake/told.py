"""Deletes that another table tells of, such as the audit history: for tables whose changes the source does not track.

Belongs here: turning ids and instants into tombstones. Does not belong here: who told.
"""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from d365_pm.lake.errors import explained
from d365_pm.lake.files import work_folder
from d365_pm.lake.merge import Merger
from d365_pm.lake.table import DELETED_AT, MOMENT, RawTable, quoted
from d365_pm.lake.tombstones import add_tombstones
from d365_pm.lake.views import literal, view_sql


def mark_deleted(root: Path, table: RawTable, deleted: Mapping[str, datetime], *, noticed_at: datetime) -> int:
    """Mark rows as deleted; a row that has changed since its deletion was restored and stays.

    Args:
        root: Folder of the raw layer.
        table: Where the rows are; it has a window column, by which a restored row is told.
        deleted: When each id was deleted, by the clock of the source.
        noticed_at: When that was learnt.

    Returns:
        How many rows were marked.

    Raises:
        LakeError: The folder cannot be used.
    """
    if not deleted or not (root / table.name).exists():
        return 0
    folder = root / table.name
    schema = pa.schema([("id", pa.string()), ("deleted_at", MOMENT)])
    with work_folder(folder) as work, explained(folder):
        told = work / "told.parquet"
        rows = [{"id": key, "deleted_at": instant} for key, instant in deleted.items()]
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), told)
        query = (
            f"select t.id from read_parquet({literal(str(told))}) as t "
            f"inner join ({view_sql(root, table)}) as r on r.{quoted(table.key[0])} = t.id "
            f"where r.{DELETED_AT} is null and r.{quoted(str(table.window))} <= t.deleted_at"
        )
        with closing(Merger(work)) as merger:
            ids = sorted(str(found) for (found,) in merger.connection.execute(query).fetchall())
        add_tombstones(folder, pa.array(ids, pa.string()), noticed_at=noticed_at, work=work)
    return len(ids)
