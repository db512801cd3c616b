"""A finished desk: its tables, its span and its truth.

Belongs here: what callers hold in their hands, and keeping it in files. Does not belong here: how it is made
(`generate.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from d365_pm.sandbox.desk.errors import DeskError
from d365_pm.sandbox.desk.truth import Story

_TRUTH = "truth"
_SPAN = b"d365_pm.desk.span"


@dataclass(frozen=True, slots=True)
class Desk:
    """A service desk's life as rows of Dataverse tables.

    Attributes:
        tables: Rows by logical name; columns are Web API property names, `_x_type` beside polymorphic lookups.
        start: UTC; when auditing was switched on. Nothing is older.
        end: UTC; the moment of the last look. Nothing but deadlines is later.
        story: What was noted while the desk lived.
    """

    tables: dict[str, pa.Table]
    start: datetime
    end: datetime
    story: Story

    def truth(self, as_of: datetime, language: str) -> pa.Table:
        """The event log that is right for this desk; see `Story.tell`."""
        return self.story.tell(as_of, language)

    def write(self, folder: Path) -> None:
        """Keep the desk: one Parquet file per table, and its truth in a folder of its own."""
        _write(folder, self.tables)
        span = {_SPAN: f"{self.start.timestamp():.0f} {self.end.timestamp():.0f}".encode()}
        _write(folder / _TRUTH, {"events": self.story.events.replace_schema_metadata(span), "cases": self.story.cases})


def read(folder: Path) -> Desk:
    """A desk that was kept.

    Raises:
        DeskError: The folder holds none.
    """
    try:
        tables = {file.stem: pq.read_table(file) for file in sorted(folder.glob("*.parquet"))}
        events, cases = (pq.read_table(folder / _TRUTH / f"{name}.parquet") for name in ("events", "cases"))
        start, end = (datetime.fromtimestamp(int(at), UTC) for at in events.schema.metadata[_SPAN].split())
    except (OSError, pa.ArrowInvalid, KeyError, TypeError) as error:
        raise DeskError(f"No desk can be read from {folder}; make one and write it there first.") from error
    return Desk(tables, start, end, Story(events.replace_schema_metadata(None), cases))


def _write(folder: Path, tables: Mapping[str, pa.Table]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
