"""The facts of an extraction: which table, which span, when, how many rows, where to go on.

Belongs here: the facts and their text in file metadata. Does not belong here: the file that remembers them
(`ledger.py`).
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import pyarrow as pa

from d365_pm.lake.table import MOMENT

METADATA_KEY = "d365_pm.load"
RECONCILIATION = "reconciliation"
"""Kind of an entry that compared ids and read no rows."""

VISIBLE = pa.schema(
    [
        ("table_name", pa.string()),
        ("extracted_at", MOMENT),
        ("window_start", MOMENT),
        ("window_end", MOMENT),
        ("row_count", pa.int64()),
        ("is_missing", pa.bool_()),
        ("kind", pa.string()),
        ("source_count", pa.int64()),
        ("deleted_count", pa.int64()),
    ]
)
"""Columns of `raw._loads`; cursors stay out of SQL, since they are links of the source."""

SCHEMA = pa.schema([*VISIBLE, ("cursor", pa.string()), ("fingerprint", pa.string())])


class LoadKind(StrEnum):
    """What the rows of a load say about the rows that it did not bring.

    Attributes:
        WINDOW: Nothing, unless the table is read whole: rows that it did not bring are then deleted ones.
        BASELINE: The load is the whole table, so rows that it did not bring are deleted ones.
        DELTA: The load is what changed since a cursor, deletes included; all other rows are as they were.
    """

    WINDOW = "window"
    BASELINE = "baseline"
    DELTA = "delta"


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
        kind: A `LoadKind`, or `RECONCILIATION`.
        cursor: Where the next delta goes on; a link of the source, never to be printed.
        fingerprint: Whatever must be the same for the cursor to fit, such as a digest of the columns.
        source_count: Rows that the source says it has, None if it did not say.
        deleted_count: Rows that were marked as deleted.
    """

    table_name: str
    extracted_at: datetime
    window_start: datetime | None
    window_end: datetime | None
    row_count: int
    is_missing: bool = False
    kind: str = LoadKind.WINDOW.value
    cursor: str | None = field(default=None, repr=False)
    fingerprint: str = ""
    source_count: int | None = None
    deleted_count: int = 0

    def __post_init__(self) -> None:
        if self.extracted_at.tzinfo is None:
            raise ValueError("extracted_at needs a time zone")

    def to_json(self) -> str:
        """Text for the metadata of a data file: what is known while the files are written, and never the cursor."""
        known = ("table_name", "extracted_at", "window_start", "window_end", "row_count", "is_missing", "kind")
        values = {name: value for name, value in asdict(self).items() if name in known}
        return json.dumps({k: _text(v) if isinstance(v, datetime) else v for k, v in values.items()})


def _text(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
