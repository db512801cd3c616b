"""Rows that somebody brings: one Parquet or JSON-lines file per table in a directory.

Belongs here: reading files and saying where a bad value stands. Does not belong here: types (`conform.py`) and what the
rows mean (`environment.py`). Messages name file, line and column, never a value: rows are somebody's data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from d365_pm.errors import D365PMError
from d365_pm.sandbox.schema import TABLES

JSON_SUFFIXES = frozenset({".jsonl", ".ndjson", ".json"})


class DataFileError(D365PMError):
    """A file of `--data` cannot be served as it is."""


@dataclass(frozen=True, slots=True)
class RawRows:
    """The rows of one table as they were brought.

    Attributes:
        table: Logical name.
        origin: File name, for messages.
        columns: Values by property name, all of one length.
        lines: Line in the file of each row; None where rows have no lines.
    """

    table: str
    origin: str
    columns: Mapping[str, pl.Series]
    lines: Sequence[int] | None = None

    def place(self, row: int) -> str:
        """Where a row stands, in words."""
        return f"{self.origin}, row {row + 1}" if self.lines is None else f"{self.origin}, line {self.lines[row]}"


def from_arrow(name: str, rows: pa.Table) -> RawRows:
    """Rows that are already in memory."""
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)
    return RawRows(name, name, {column: _plain(frame[column]) for column in frame.columns})


def read_directory(directory: Path) -> dict[str, RawRows]:
    """Read every table file of a directory.

    Raises:
        DataFileError: The directory is missing, empty, names an unknown table, or a file cannot be read.
    """
    if not directory.is_dir():
        raise DataFileError(f"{directory} is not a directory; give --data a folder with one file per table.")
    rows: dict[str, RawRows] = {}
    for path in sorted(directory.iterdir()):
        if path.suffix != ".parquet" and path.suffix not in JSON_SUFFIXES:
            continue
        table = _table_of(path)
        if table in rows:
            raise DataFileError(f"{path.name} and {rows[table].origin} both hold the table {table}; keep one of them.")
        rows[table] = _read_parquet(table, path) if path.suffix == ".parquet" else _read_json_lines(table, path)
    if not rows:
        raise DataFileError(
            f"{directory} holds no .parquet, .jsonl, .ndjson or .json file; put one file per table there."
        )
    return rows


def _table_of(path: Path) -> str:
    if path.stem in TABLES:
        return path.stem
    for table in TABLES.values():
        if table.entity_set == path.stem:
            return table.name
    raise DataFileError(
        f"{path.name} is named after no table of the sandbox; name it by logical name or entity set, "
        "such as incident.parquet or incidents.jsonl."
    )


def _read_parquet(table: str, path: Path) -> RawRows:
    try:
        rows = pq.read_table(path)
    except (pa.ArrowException, OSError):
        raise DataFileError(f"{path.name} is not a readable Parquet file; write it again.") from None
    brought = from_arrow(table, rows)
    return RawRows(table, path.name, brought.columns)


def _plain(values: pl.Series) -> pl.Series:
    """Values without dictionary encoding."""
    return values.cast(pl.String) if values.dtype in (pl.Categorical, pl.Enum) else values


def _read_json_lines(table: str, path: Path) -> RawRows:
    decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            records.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise DataFileError(f"{path.name}, line {number}: not a JSON object; write one row per line.") from None
        lines.append(number)
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: _series(name, [record.get(name) for record in records]) for name in names}
    return RawRows(table, path.name, columns, lines)


def _series(name: str, values: list[Any]) -> pl.Series:
    """A column of JSON values: typed where all agree, text where they do not."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pl.Series(name, values, dtype=pl.Boolean)
    if kinds == {int} and all(value is None or abs(value) < 2**63 for value in values):
        return pl.Series(name, values, dtype=pl.Int64)
    if kinds and kinds <= {int, Decimal}:
        return pl.Series(name, [None if value is None else str(value) for value in values]).cast(pl.Decimal(38, 10))
    return pl.Series(name, [None if value is None else _text(value) for value in values], dtype=pl.String)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(value).decode()
    return str(value)
