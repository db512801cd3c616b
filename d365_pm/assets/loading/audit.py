"""What an audit load has brought: how whole its rows are, and the deletes that they tell of."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from d365_pm.assets.loading.run import Run
from d365_pm.lake import CommittedFile

_COLUMNS = ["operation", "action", "objecttypecode", "_objectid_value", "createdon", "_payload", "_extracted_at"]
_DELETE = 3
"""`audit.operation` of a delete."""
_SWITCHES = range(105, 114)
"""`audit.action` of auditing that is switched on or off."""


def note_audit(run: Run, files: Iterable[CommittedFile], *, extracted_at: datetime) -> dict[str, int | str]:
    """Look at the rows of a load once it is durable.

    Args:
        run: Remembers the deletes until all tables are loaded.
        files: Files of the raw table `audit` that the load has written.
        extracted_at: Start of the load; other rows of the files came earlier.

    Returns:
        Facts for the asset's metadata: rows by how whole their values are, switches of auditing, the oldest row.
    """
    payloads: Counter[str] = Counter()
    switches: Counter[int] = Counter()
    earliest: datetime | None = None
    for rows in _loaded(files, extracted_at):
        payloads.update(_counts(rows.column("_payload")))
        switches.update({code: n for code, n in _counts(rows.column("action")).items() if code in _SWITCHES})
        oldest = pc.min(rows.column("createdon")).as_py()
        earliest = min(filter(None, (earliest, oldest)), default=None)
        _note_deletes(run, rows)
    facts: dict[str, int | str] = {f"audit_rows_{payload}": count for payload, count in sorted(payloads.items())}
    facts |= {f"audit_switches_{action}": count for action, count in sorted(switches.items())}
    return facts | ({"audit_earliest": earliest.isoformat()} if earliest else {})


def _loaded(files: Iterable[CommittedFile], extracted_at: datetime) -> Iterator[pa.Table]:
    for file in files:
        rows = pq.read_table(file.path, columns=_COLUMNS, partitioning=None)
        yield rows.filter(pc.equal(rows.column("_extracted_at"), pa.scalar(extracted_at)))


def _counts(column: pa.ChunkedArray) -> Mapping[Any, int]:
    return {
        item["values"]: item["counts"] for item in pc.value_counts(column).to_pylist() if item["values"] is not None
    }


def _note_deletes(run: Run, rows: pa.Table) -> None:
    for row in rows.filter(pc.equal(rows.column("operation"), _DELETE)).to_pylist():
        times = run.deletes.setdefault(row["objecttypecode"], {})
        key, deleted_at = row["_objectid_value"], row["createdon"]
        if key:
            times[key] = max(deleted_at, times.get(key, deleted_at))
