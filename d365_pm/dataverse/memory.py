"""What is kept of an environment's metadata between runs: a file that is believed only while the schema stays.

Belongs here: the file, when it is good, and its form. Does not belong here: reading metadata (`catalogue.py`). It
holds names and switches of tables and columns and labels of options, no rows.
"""

import hashlib
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from d365_pm.dataverse.environment import EnvironmentFacts
from d365_pm.dataverse.metadata import Definition
from d365_pm.dataverse.registry import EVERY_TABLE, Table
from d365_pm.dataverse.shape import RAW_TYPES, ColumnShape, TableShape

logger = logging.getLogger(__name__)

LIFETIME = timedelta(hours=24)
"""Rights and security profiles move without a change of the schema's version."""

_FORM = 1
_WIRE = {str(each): each for each in (*RAW_TYPES.values(), pa.float64(), pa.null())}


class KeptColumn(msgspec.Struct, frozen=True, array_like=True):
    """A column of a shape: the property that it is read from and the type of its JSON values."""

    source: str | None
    wire: str


class KeptShape(msgspec.Struct, frozen=True):
    """A shape without what the registry says itself."""

    entity_set: str
    columns: dict[str, KeptColumn]
    secured: tuple[str, ...]
    is_missing: bool
    is_tracked: bool

    @classmethod
    def of(cls, shape: TableShape) -> "KeptShape":
        """A shape as it is kept."""
        columns = {each.column.name: KeptColumn(each.source, str(each.wire)) for each in shape.columns}
        return cls(shape.entity_set, columns, shape.secured, shape.is_missing, shape.is_tracked)

    def of_table(self, table: Table) -> TableShape:
        """The shape that was kept."""
        kept = [(column, self.columns[column.name]) for column in table.columns]
        columns = tuple(ColumnShape(column, each.source, _WIRE[each.wire]) for column, each in kept)
        return TableShape(table, self.entity_set, columns, self.secured, self.is_missing, self.is_tracked)


class Snapshot(msgspec.Struct):
    """Metadata of one environment in one state.

    Attributes:
        definitions: By table; None for tables that the environment does not define.
        shapes: By table.
        labels: Rows of `labels.OPTION_LABEL`, by the tables that were asked for.
        notes: Anything else that was found out once, such as the audit route.
    """

    definitions: dict[str, Definition | None] = msgspec.field(default_factory=dict)
    shapes: dict[str, KeptShape] = msgspec.field(default_factory=dict)
    labels: dict[str, list[dict[str, Any]]] = msgspec.field(default_factory=dict)
    notes: dict[str, str] = msgspec.field(default_factory=dict)


class _File(msgspec.Struct):
    form: int
    registry: str
    url: str
    organization_id: str
    metadata_version: str
    saved_at: datetime
    snapshot: Snapshot


class Memory:
    """The file of one environment.

    Args:
        path: Where it is, or will be.
        url: Address of the environment.
    """

    def __init__(self, path: Path, url: str) -> None:
        self._path = path
        self._url = url
        self._saved_at: datetime | None = None
        self._content = b""

    def recall(self, facts: EnvironmentFacts, *, now: datetime | None = None) -> Snapshot | None:
        """What was kept, if it is of this environment and its schema has not moved since."""
        try:
            content = self._path.read_bytes()
            kept = msgspec.json.decode(content, type=_File)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
            logger.warning("%s cannot be read; the metadata is read anew.", self._path.name)
            return None
        age = (now or datetime.now(UTC)) - kept.saved_at
        same = (kept.form, kept.registry, kept.url, kept.organization_id, kept.metadata_version)
        wanted = (_FORM, _registry(), self._url, facts.organization_id, facts.metadata_version)
        if same != wanted or not timedelta(0) <= age < LIFETIME:
            return None
        self._saved_at, self._content = kept.saved_at, msgspec.json.encode(kept.snapshot)
        return kept.snapshot

    def keep(self, facts: EnvironmentFacts, snapshot: Snapshot, *, now: datetime | None = None) -> None:
        """Write what was learned; nothing where the schema's version is not known, since it could not be trusted."""
        if facts.metadata_version is None or msgspec.json.encode(snapshot) == self._content:
            return
        # What was recalled keeps its age, so that no use of it makes it live for ever.
        saved_at = self._saved_at or now or datetime.now(UTC)
        kept = _File(_FORM, _registry(), self._url, facts.organization_id, facts.metadata_version, saved_at, snapshot)
        waiting = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            waiting.write_bytes(msgspec.json.encode(kept))
            waiting.replace(self._path)
        except OSError as error:
            logger.warning("%s cannot be written (%s); the next run reads the metadata anew.", self._path.name, error)

    def drop(self) -> None:
        """Forget everything, because it is no more true."""
        self._path.unlink(missing_ok=True)


def _registry() -> str:
    """Fingerprint of what we want; a shape belongs to the columns that were wanted when it was found."""
    return hashlib.sha256(repr(sorted(EVERY_TABLE.items())).encode()).hexdigest()
