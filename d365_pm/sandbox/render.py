"""Rows as JSON text, with the annotations that the request asked for.

Belongs here: one page of one table to JSON objects. Does not belong here: the envelope around them (`answers.py`) and
the wording of formatted values (`formats.py`). Columns are written as a whole, one fragment per row, and joined at the
end: a page of thousands of rows never exists as Python objects. Annotations stand before their property and only where
it has a value (Web API reference 2.1).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.sandbox.formats import Formats
from d365_pm.sandbox.lookup_texts import LookupTexts, Wanted
from d365_pm.sandbox.prefer import FORMATTED_VALUE, Preferences
from d365_pm.sandbox.schema import AttributeType, Column, Table

_TEXT = pa.large_string()
_OPENING, _NOTHING = pa.scalar("{", _TEXT), pa.scalar("", _TEXT)
_ETAG = "@odata.etag"
_MOMENT, _DAY = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"
_UNFORMATTED = frozenset({AttributeType.STRING, AttributeType.MEMO, AttributeType.UNIQUEIDENTIFIER})


@dataclass(frozen=True, slots=True)
class Inserted:
    """A property that is JSON already, such as an expanded row: its key and one value per row."""

    key: str
    values: Sequence[str]


class Renderer:
    """Writes rows for one request."""

    def __init__(self, lookups: LookupTexts, preferences: Preferences) -> None:
        self._environment = lookups.environment
        switches = self._environment.switches
        self._formats = Formats(switches.user_language, switches.user_time_zone)
        self._lookups = lookups
        self._wanted = Wanted.of(preferences)

    def objects(
        self, table: Table, rows: pl.DataFrame, columns: Sequence[Column], inserted: Sequence[Inserted] = ()
    ) -> list[str]:
        """One JSON object per row.

        Args:
            table: The table that the rows come from.
            rows: What `StoredTable.take` gave for these columns.
            columns: The properties to write, in order.
            inserted: Properties to write behind the columns.
        """
        texts: list[str] = self._written(table, rows, columns, inserted, end="}").to_pylist()
        return texts

    def array(self, table: Table, rows: pl.DataFrame, columns: Sequence[Column]) -> memoryview:
        """The inside of a JSON array, one object per row, straight from the buffer that it was written to."""
        written = self._written(table, rows, columns, (), end="},")
        if len(written) == 0:
            return memoryview(b"")
        _, offsets, characters = written.buffers()
        length = int(np.frombuffer(offsets, dtype=np.int64)[len(written)])
        return memoryview(characters)[: length - len(",")]

    def _written(
        self, table: Table, rows: pl.DataFrame, columns: Sequence[Column], inserted: Sequence[Inserted], *, end: str
    ) -> pa.Array:
        if rows.is_empty():
            return pa.array([], type=_TEXT)
        fragments: list[pa.Array] = []
        plain: list[pl.Expr] = [_etag(rows)] if table.table_type == "Standard" else []
        for column in columns:
            if self._is_plain(column):
                plain.append(_plain_value(column))
                continue
            fragments.extend(_plain_fragments(rows, plain))
            plain = []
            fragments.append(self._annotated(table, rows, column))
        fragments.extend(_plain_fragments(rows, plain))
        fragments.extend(_inserted_fragment(each) for each in inserted)
        fragments[0] = _glued(_OPENING, fragments[0])
        fragments[-1] = _glued(fragments[-1], pa.scalar(end, _TEXT))
        return pc.binary_join_element_wise(*fragments, pa.scalar(",", _TEXT))

    def _is_plain(self, column: Column) -> bool:
        """The column needs nothing beside its value."""
        if column.type.is_lookup:
            return self._wanted.nothing
        is_unlabelled = column.type in _UNFORMATTED or not self._wanted.label
        # The encoder would quote decimals.
        return is_unlabelled and column.type is not AttributeType.DECIMAL

    def _annotated(self, table: Table, rows: pl.DataFrame, column: Column) -> pa.Array:
        values = rows[column.wire_name]
        if column.type.is_lookup:
            return self._lookups.write(table, column, self._wanted, values, rows[column.type_name])
        if column.options:
            return _from_distinct(values, lambda value: self._choice_text(column, value))
        if column.type is AttributeType.ENTITY_NAME:
            return _from_distinct(values, lambda value: self._table_text(column, value))
        return self._formatted(column, values)

    def _choice_text(self, column: Column, value: int | bool) -> str:
        label = self._formats.label(column, int(value))
        return f'"{column.name}@{FORMATTED_VALUE}":{_quoted(label)},"{column.name}":{_quoted(value)}'

    def _table_text(self, column: Column, value: str) -> str:
        table = self._environment.tables.get(value)
        label = table.definition.display_name if table else value
        return f'"{column.name}@{FORMATTED_VALUE}":{_quoted(label)},"{column.name}":{_quoted(value)}'

    def _formatted(self, column: Column, values: pl.Series) -> pa.Array:
        """A number or a date, which the encoder alone cannot annotate."""
        name = column.wire_name
        parts = [pl.lit(f'"{name}":'), _raw_text(column)]
        frame = values.to_frame()
        if self._wanted.label:
            frame = frame.with_columns(self._formats.series(column, values).alias("label"))
            parts = [pl.lit(f'"{name}@{FORMATTED_VALUE}":"'), pl.col("label"), pl.lit('",'), *parts]
        return _arrow(frame.select(pl.concat_str(parts).fill_null(f'"{name}":null')).to_series())


def _etag(rows: pl.DataFrame) -> pl.Expr:
    number = pl.col("versionnumber").fill_null(0) if "versionnumber" in rows.columns else pl.lit(0)
    return pl.format('W/"{}"', number).alias(_ETAG)


def _plain_value(column: Column) -> pl.Expr:
    values = pl.col(column.wire_name)
    if column.type is AttributeType.DATE_TIME:
        return values.dt.strftime(_DAY if column.is_day else _MOMENT)
    return values


def _raw_text(column: Column) -> pl.Expr:
    """Values as JSON literals; null stays null."""
    if column.type is AttributeType.DATE_TIME:
        return pl.format('"{}"', _plain_value(column))
    return pl.col(column.wire_name).cast(pl.String)


def _plain_fragments(rows: pl.DataFrame, values: list[pl.Expr]) -> list[pa.Array]:
    """Consecutive plain properties as one fragment; nothing for none."""
    if not values:
        return []
    encoded = rows.select(pl.struct(values).struct.json_encode()).to_series()
    return [_arrow(encoded.str.slice(1).str.head(-1))]


def _inserted_fragment(inserted: Inserted) -> pa.Array:
    key = _quoted(inserted.key)
    return pa.array([f"{key}:{value}" for value in inserted.values], type=_TEXT)


def _glued(*parts: pa.Array | pa.Scalar) -> pa.Array:
    return pc.binary_join_element_wise(*parts, _NOTHING)


def _from_distinct(values: pl.Series, text: Callable[[Any], str]) -> pa.Array:
    """Fragments of a column with few different values."""
    texts = {value: text(value) for value in values.unique().drop_nulls().to_list()}
    missing = f'"{values.name}":null'
    if not texts:
        return pa.repeat(pa.scalar(missing, _TEXT), len(values))
    return _arrow(values.replace_strict(texts, default=missing, return_dtype=pl.String))


def _quoted(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _arrow(values: pl.Series) -> pa.Array:
    return values.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_TEXT)
