"""From the values that somebody brought to the type of their column.

Belongs here: one column at a time, text or typed, to the engine's type, and guessing the type of a column that the
schema does not know. Does not belong here: files (`rows.py`) and what a table consists of (`environment.py`).
"""

import polars as pl

from d365_pm.sandbox.schema import AttributeType, Column

MOMENT = pl.Datetime("us", "UTC")
_GUID = r"^\{?[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\}?$"
_LOCAL_FORMATS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M")
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_SMALLEST, _LARGEST = -(2**31), 2**31 - 1

_WHOLE_TYPES = {
    AttributeType.INTEGER: pl.Int32,
    AttributeType.PICKLIST: pl.Int32,
    AttributeType.STATE: pl.Int32,
    AttributeType.STATUS: pl.Int32,
    AttributeType.BIG_INTEGER: pl.Int64,
}
_EXPECTED = {
    AttributeType.BOOLEAN: "true or false",
    AttributeType.DATE_TIME: "a date and time such as 2026-02-09T12:14:03Z",
    AttributeType.DECIMAL: "a number",
    AttributeType.DOUBLE: "a number",
    AttributeType.UNIQUEIDENTIFIER: "a GUID",
}


class UnfitValueError(Exception):
    """A value that its column cannot hold; carries the row's position, never the value."""

    def __init__(self, row: int, expected: str) -> None:
        super().__init__(expected)
        self.row = row
        self.expected = expected


def engine_type(column: Column) -> pl.DataType:
    """Type of a column in the query engine."""
    if column.type is AttributeType.DATE_TIME:
        return pl.Date() if column.is_day else MOMENT
    if column.type in _WHOLE_TYPES:
        return _WHOLE_TYPES[column.type]()
    others: dict[AttributeType, pl.DataType] = {
        AttributeType.BOOLEAN: pl.Boolean(),
        AttributeType.DECIMAL: pl.Decimal(38, 10),
        AttributeType.DOUBLE: pl.Float64(),
    }
    return others.get(column.type, pl.String())


def expected_value(column: Column) -> str:
    """What a column wants, in words."""
    if column.type.is_lookup:
        return "a GUID"
    if column.type in _WHOLE_TYPES:
        return "a whole number"
    return _EXPECTED.get(column.type, "text")


def conform(values: pl.Series, column: Column) -> pl.Series:
    """Cast values to a column's type.

    Raises:
        UnfitValueError: A value cannot be read as that type.
    """
    wanted = engine_type(column)
    is_guid = column.type.is_lookup or column.type is AttributeType.UNIQUEIDENTIFIER
    if is_guid:
        fitted = _guids(values.cast(pl.String))
    elif values.dtype == wanted:
        return values
    elif values.dtype == pl.String:
        fitted = _from_text(values.replace("", None), wanted)
        values = values.replace("", None)
    else:
        fitted = _from_typed(values, wanted)
    lost = fitted.is_null() & values.is_not_null()
    if lost.any():
        raise UnfitValueError(int(lost.arg_true()[0]), expected_value(column))
    return fitted


def _guids(values: pl.Series) -> pl.Series:
    name = values.name
    column = pl.col(name)
    fitted = pl.when(column.str.contains(_GUID)).then(column.str.strip_chars("{}").str.to_lowercase())
    return values.to_frame().select(fitted.alias(name)).to_series()


def _from_typed(values: pl.Series, wanted: pl.DataType) -> pl.Series:
    if wanted == pl.String and values.dtype != pl.Binary:
        return values.cast(pl.String)
    if wanted == MOMENT and isinstance(values.dtype, pl.Datetime):
        zoned = values.dt.replace_time_zone("UTC") if values.dtype.time_zone is None else values
        return zoned.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    if wanted == MOMENT and values.dtype == pl.Date:
        return values.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if values.dtype.is_float() and wanted.is_integer():
        return (
            values.to_frame()
            .select(pl.when(pl.first() == pl.first().round()).then(pl.first()))
            .to_series()
            .cast(wanted, strict=False)
        )
    return values.cast(wanted, strict=False)


def _from_text(values: pl.Series, wanted: pl.DataType) -> pl.Series:
    text = values.str.strip_chars()
    if wanted == MOMENT:
        return _moments(text)
    if wanted == pl.Date:
        return _moments(text).dt.date()
    if wanted == pl.Boolean:
        return text.str.to_lowercase().replace_strict(_TRUTHS, default=None, return_dtype=pl.Boolean)
    return text.cast(wanted, strict=False)


def _moments(text: pl.Series) -> pl.Series:
    """Instants from ISO text; without an offset they are UTC, as everywhere in the Web API."""
    column = pl.first()
    zoned = column.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    local = [
        column.str.to_datetime(pattern, time_unit="us", strict=False).dt.replace_time_zone("UTC")
        for pattern in _LOCAL_FORMATS
    ]
    day = column.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return text.to_frame().select(pl.coalesce(zoned, *local, day)).to_series()


def infer_column(wire_name: str, values: pl.Series, targets: tuple[str, ...]) -> Column:
    """A custom column for values that the schema does not know.

    Args:
        wire_name: Property name in the rows; `_x_value` makes a lookup.
        values: The values as brought.
        targets: Tables that a lookup may point to.
    """
    if wire_name.startswith("_") and wire_name.endswith("_value"):
        return Column(wire_name[1:-6], AttributeType.LOOKUP, targets=targets, is_custom=True)
    return Column(wire_name, _infer_type(values), is_custom=True)


def _infer_type(values: pl.Series) -> AttributeType:
    kind = values.dtype
    if kind == pl.Boolean:
        return AttributeType.BOOLEAN
    if kind.is_integer():
        bounds = (values.min() or 0, values.max() or 0)
        return AttributeType.INTEGER if _fits(bounds) else AttributeType.BIG_INTEGER
    if kind.is_decimal():
        return AttributeType.DECIMAL
    if kind.is_float():
        return AttributeType.DOUBLE
    if isinstance(kind, (pl.Datetime, pl.Date)):
        return AttributeType.DATE_TIME
    return _infer_from_text(values.cast(pl.String))


def _fits(bounds: tuple[object, object]) -> bool:
    return all(isinstance(bound, int) and _SMALLEST <= bound <= _LARGEST for bound in bounds)


def _infer_from_text(values: pl.Series) -> AttributeType:
    present = values.drop_nulls()
    if present.is_empty():
        return AttributeType.STRING
    if present.str.contains(_GUID).all():
        return AttributeType.UNIQUEIDENTIFIER
    if present.str.contains(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d").all() and _moments(present).is_not_null().all():
        return AttributeType.DATE_TIME
    longest = present.str.len_chars().max()
    return AttributeType.MEMO if isinstance(longest, int) and longest > 4000 else AttributeType.STRING
