"""The facts of an extraction: which table, which window, when, how many rows.

Belongs here: the facts, their text in file metadata, and the ledger `<table>/loads/` that SQL reads as `raw._loads`.
The ledger also knows of windows that had no rows, which no data file could tell.
"""

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from d365_pm.lake.errors import LakeError
from d365_pm.lake.table import MOMENT
from d365_pm.lake.versions import commit_version

FOLDER = "loads"
METADATA_KEY = "d365_pm.load"
SCHEMA = pa.schema(
    [
        ("table_name", pa.string()),
        ("extracted_at", MOMENT),
        ("window_start", MOMENT),
        ("window_end", MOMENT),
        ("row_count", pa.int64()),
        ("is_missing", pa.bool_()),
    ]
)


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of UTC time; an end that is None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if any(end is not None and end.tzinfo is None for end in (self.start, self.end)):
            raise ValueError("a window needs instants with a time zone")

    def __str__(self) -> str:
        """ISO 8601 interval; two dots mark an open end."""
        return f"{_text(self.start) or '..'}/{_text(self.end) or '..'}"


@dataclass(frozen=True, slots=True)
class LoadFacts:
    """What one extraction did.

    Attributes:
        table_name: Logical name of the table.
        extracted_at: Instant at which the extraction started.
        window_start: Start of the window that was read; None is open.
        window_end: End of the window, itself excluded; None is open.
        row_count: Rows that the source returned.
        is_missing: The environment does not have this table.
    """

    table_name: str
    extracted_at: datetime
    window_start: datetime | None
    window_end: datetime | None
    row_count: int
    is_missing: bool = False

    def __post_init__(self) -> None:
        if self.extracted_at.tzinfo is None:
            raise ValueError("extracted_at needs a time zone")

    def to_json(self) -> str:
        """Text for the metadata of a data file."""
        values = asdict(self)
        return json.dumps({k: _text(v) if isinstance(v, datetime) else v for k, v in values.items()})


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
    ledger = pa.concat_tables([_ledger(target), row])
    temporary = work / "ledger.tmp"
    pq.write_table(ledger, temporary, compression="zstd")
    commit_version(temporary, target)


def _ledger(path: Path) -> pa.Table:
    if not path.exists():
        return SCHEMA.empty_table()
    try:
        return pq.read_table(path, schema=SCHEMA, partitioning=None)
    except (pa.ArrowInvalid, OSError):
        raise LakeError(f"{path} is damaged; delete it and load its month again.") from None


def _text(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
