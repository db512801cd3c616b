"""From the desk's numbers to Arrow columns and tables as the schema wants them.

Belongs here: conversions and the assembly of one table. Does not belong here: which column gets which value.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from d365_pm.sandbox import schema
from d365_pm.sandbox.desk.numbers import BoolArray, IntArray

MOMENT = pa.timestamp("us", tz="UTC")


def moments(at: IntArray) -> pa.Array:
    """Seconds since 1970 as instants; negative ones are null."""
    return pa.array(at * 1_000_000, type=pa.int64(), mask=at < 0).cast(MOMENT)


def whole(values: IntArray) -> pa.Array:
    """Codes and counts; negative ones are null."""
    return pa.array(values, type=pa.int32(), mask=values < 0)


def flags(values: IntArray | BoolArray) -> pa.Array:
    """Booleans from 0 and 1; negative ones are null."""
    if values.dtype == np.bool_:
        return pa.array(values)
    return pa.array(values > 0, mask=values < 0)


def pick(choices: pa.Array | Sequence[str | None], rows: IntArray) -> pa.Array:
    """One of the choices per row; null where the row names none."""
    texts = choices if isinstance(choices, pa.Array) else pa.array(choices, type=pa.string())
    return texts.take(pa.array(rows, type=pa.int64(), mask=rows < 0))


def same(value: object, count: int) -> pa.Array:
    """One value in every row; numbers are codes."""
    return pa.repeat(pa.scalar(value, type=pa.int32() if type(value) is int else None), count)


def assemble(name: str, count: int, columns: dict[str, pa.Array]) -> pa.Table:
    """A table in the form of the schema: its columns in its order and types, null where nothing is given.

    Raises:
        KeyError: A given column is not one of the table's.
    """
    fields = _fields(name)
    unknown = columns.keys() - fields.keys()
    if unknown:
        raise KeyError(f"{name} has no columns {sorted(unknown)}")
    empty = {kind: pa.nulls(count, kind) for kind in set(fields.values())}
    arrays = [columns[column].cast(kind) if column in columns else empty[kind] for column, kind in fields.items()]
    return pa.table(arrays, names=list(fields))


def _fields(name: str) -> dict[str, pa.DataType]:
    fields: dict[str, pa.DataType] = {}
    for column in schema.TABLES[name].columns:
        fields[column.wire_name] = column.arrow_type
        if column.is_polymorphic:
            fields[column.type_name] = pa.string()
    return fields
