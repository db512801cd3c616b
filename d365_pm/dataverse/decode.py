"""From the texts of rows to typed Arrow rows with the raw layer's columns.

Raises on a value that does not fit, never turns it into null. A message names table, column and key, not the value.
"""

import re
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from d365_pm.dataverse.errors import ContentError, DataverseError, ProtocolError
from d365_pm.dataverse.registry import Column, Kind
from d365_pm.dataverse.shape import RAW_TYPES, UTC_INSTANT, ColumnShape, TableShape

_BLOCK = 1 << 22

# Storage keeps 100 ns, and day columns have no time; Arrow wants at most microseconds, and a whole instant.
_FRACTION = r"(\.\d{6})\d+"
_DAY_ONLY = r"^(\d{4}-\d\d-\d\d)$"


_GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_IDS = (Kind.ID, Kind.LOOKUP)

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_NUMBERS = (int, Decimal)


def decode_rows(rows: list[msgspec.Raw], shape: TableShape) -> pa.Table:
    """Decode the rows of one page.

    Args:
        rows: JSON objects without line breaks; the list is empty afterwards.
        shape: What to take from them; everything else is ignored.

    Returns:
        Rows with `shape.schema`; a property that a row lacks is null.

    Raises:
        ContentError: A value does not fit its column; ids are GUIDs, and leave in lower case.
        ProtocolError: A row has no key.
    """
    if not rows:
        return shape.schema.empty_table()
    count = len(rows)
    wire = _parse(rows, shape)
    if wire.num_rows != count or wire.column(shape.key).null_count:
        raise ProtocolError("The server sent rows without their key.", table=shape.table.name)
    columns = [array for column in shape.columns for array in _raw_columns(wire, column, shape)]
    return pa.Table.from_arrays(columns, schema=shape.schema)


def _parse(rows: list[msgspec.Raw], shape: TableShape) -> pa.Table:
    text = b"\n".join(rows)
    longest = max(memoryview(row).nbytes for row in rows)
    # With them goes the page that they are parts of, before Arrow needs as much again.
    rows.clear()
    try:
        return pj.read_json(
            pa.BufferReader(text),
            # Arrow refuses a row that does not fit into a block.
            read_options=pj.ReadOptions(block_size=max(_BLOCK, 2 * longest)),
            parse_options=pj.ParseOptions(explicit_schema=shape.wire_schema, unexpected_field_behavior="ignore"),
        )
    except pa.ArrowInvalid:
        raise _misfit(text, shape) from None


def _raw_columns(wire: pa.Table, shape: ColumnShape, table: TableShape) -> list[pa.ChunkedArray]:
    if shape.source is None:
        return [pa.chunked_array([pa.nulls(wire.num_rows, field.type)]) for field in shape.raw_fields]
    try:
        own = _cast(wire.column(shape.source), shape.column)
    except pa.ArrowInvalid:
        raise _unfit(wire, shape, table) from None
    if shape.column.kind in _IDS:
        own = _ids(own, wire, shape, table)
    if not shape.column.polymorphic:
        return [own]
    return [own, wire.column(shape.target_source)]


def _cast(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    if column.kind is Kind.DAY:
        return pc.cast(pc.utf8_slice_codeunits(values, 0, 10), pa.date32())
    if column.kind is not Kind.MOMENT:
        return pc.cast(values, RAW_TYPES[column.kind])
    try:
        return pc.cast(values, UTC_INSTANT)
    except pa.ArrowInvalid:
        whole = pc.replace_substring_regex(values, _DAY_ONLY, r"\1T00:00:00Z")
        return pc.cast(pc.replace_substring_regex(whole, _FRACTION, r"\1"), UTC_INSTANT)


def _misfit(rows: bytes, shape: TableShape) -> DataverseError:
    """Find the value that Arrow could not take, row by row: slow, and only on the way to an error."""
    for text in rows.split(b"\n"):
        row = _DECODER.decode(text)
        if not isinstance(row, dict):
            return ProtocolError("The server sent a row that is no object.", table=shape.table.name)
        for field in shape.wire_schema:
            if not _fits(row.get(field.name), field.type):
                name = field.name.partition("@")[0]
                return ContentError(
                    f"The column {name} of the row {_printable(row.get(shape.key))} holds {_sort(row[field.name])} "
                    f"instead of {field.type}: its definition may have changed during the run, so run it again.",
                    table=shape.table.name,
                )
    return ContentError("The server sent rows that cannot be read as their table.", table=shape.table.name)


def _fits(value: Any, wanted: pa.DataType) -> bool:
    if value is None or (pa.types.is_floating(wanted) and type(value) in _NUMBERS):
        return True
    expected = {pa.bool_(): (bool,), pa.string(): (str,), pa.int32(): (int,), pa.int64(): (int,)}
    if type(value) not in expected.get(wanted, _NUMBERS):
        return False
    try:
        pa.array([value], wanted)
    except (pa.ArrowInvalid, OverflowError):
        return False
    return True


def _sort(value: Any) -> str:
    names = {
        bool: "a truth value",
        int: "a number",
        Decimal: "a number",
        str: "text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "another value")


def _printable(key: Any) -> str:
    return key if isinstance(key, str) and re.fullmatch(_GUID, key) else "without a readable key"


def _unfit(wire: pa.Table, shape: ColumnShape, table: TableShape) -> ContentError:
    """Find the first row whose value cannot be cast: slow, and only on the way to an error."""
    values = wire.column(shape.source)
    for place in range(len(values)):
        try:
            _cast(values.slice(place, 1), shape.column)
        except pa.ArrowInvalid:
            return _unreadable(wire, place, shape.column, table, str(RAW_TYPES[shape.column.kind]))
    return _unreadable(wire, 0, shape.column, table, str(RAW_TYPES[shape.column.kind]))


def _ids(values: pa.ChunkedArray, wire: pa.Table, shape: ColumnShape, table: TableShape) -> pa.ChunkedArray:
    """Ids as they are compared everywhere behind: 36 letters in lower case, without braces.

    Models hold ids in 16 bytes, so that one which is none would stop a model with every case in it. Most columns name
    few records many times, and looking at each different text once costs a tenth of looking at all.
    """
    if _are_guids(values):
        return values
    plain = pc.ascii_lower(pc.ascii_trim(values, characters="{}"))
    if _are_guids(plain):
        return plain
    wrong = pc.fill_null(pc.invert(pc.match_substring_regex(plain, f"^{_GUID}$")), fill_value=False)
    place: int = pc.index(wrong, value=True).as_py()
    raise _unreadable(wire, place, shape.column, table, "a GUID")


def _are_guids(values: pa.ChunkedArray) -> bool:
    matched: bool | None = pc.all(pc.match_substring_regex(pc.unique(values), f"^{_GUID}$")).as_py()
    return matched is not False


def _unreadable(wire: pa.Table, place: int, column: Column, table: TableShape, wanted: str) -> ContentError:
    key = _printable(wire.column(table.key)[place].as_py())
    return ContentError(
        f"The column {column.wire_name} of the row {key} holds a value that cannot be read as {wanted}; correct that "
        "row in the environment, or tell whoever runs it what its Web API sends.",
        table=table.table.name,
    )
