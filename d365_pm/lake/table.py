"""The shape of a raw table: its columns and types, its key, and what makes one version of a row newer than another.

Belongs here: types and the fitting of a page to them. Does not belong here: which tables there are (`dataverse/`).
"""

import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.lake.errors import LakeError

EXTRACTED_AT = "_extracted_at"
WINDOW = "_window"
DELETED_AT = "_deleted_at"

MOMENT = pa.timestamp("us", tz="UTC")
LINEAGE = pa.schema([(EXTRACTED_AT, MOMENT), (WINDOW, pa.string())])

_GUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

_SQL_TYPES: dict[pa.DataType, str] = {
    pa.string(): "varchar",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    MOMENT: "timestamp with time zone",
}


@dataclass(frozen=True, slots=True)
class RawTable:
    """One table of the raw layer.

    Attributes:
        name: Logical name; folder of the table and name of its view `raw.<name>`.
        schema: Columns without the lineage columns; text, int32, int64, float64, bool, date32, decimal128 and
            timestamp[us, UTC] only, so that DuckDB, Polars and Spark read the same.
        key: Columns that together identify a row.
        version: Columns by which a higher value is the newer version of a row, most telling first.
        window: Timestamp column whose UTC day decides the file of a row; None for a table that is read whole.
        append_only: Rows never change after they were written, hence neither does their window column; what the source
            deletes, such as audit rows at the end of their retention, stays.
        has_guids: Every row is known by one GUID, in 36 letters and lower case.
        keeps_deleted: Rows that the source has deleted stay, with `_deleted_at`, where `marks_deleted` allows it.
    """

    name: str
    schema: pa.Schema
    key: tuple[str, ...]
    version: tuple[str, ...] = ()
    window: str | None = None
    append_only: bool = False
    keeps_deleted: bool = True
    has_guids: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9_]+", self.name):
            raise ValueError(f"{self.name!r} is not a table name")
        unknown = {*self.key, *self.version, *filter(None, [self.window])} - set(self.schema.names)
        if unknown or not self.key:
            raise ValueError(f"key, version or window of {self.name} is not in its schema: {sorted(unknown)}")
        if self.window is not None and self.schema.field(self.window).type != MOMENT:
            raise ValueError(f"{self.name}.{self.window} is no timestamp[us, UTC]")
        for field in self.schema:
            sql_type(field.type)

    @property
    def marks_deleted(self) -> bool:
        """Whether the table has tombstones: they name a row by one text, and rows that never change never go."""
        return (
            self.keeps_deleted
            and not self.append_only
            and len(self.key) == 1
            and self.schema.field(self.key[0]).type == pa.string()
        )

    @property
    def filed(self) -> pa.Schema:
        """Every column of the files: the table's own, then those that tell where a row comes from."""
        return pa.schema([*self.schema, *LINEAGE])

    @property
    def stored(self) -> pa.Schema:
        """Every column that SQL sees: those of the files, then `_deleted_at`, which the tombstones tell."""
        return self.filed.append(pa.field(DELETED_AT, MOMENT))

    @property
    def is_snapshot(self) -> bool:
        """Whether the table has one file instead of one per day."""
        return self.window is None

    def order(self) -> str:
        """SQL order that puts the newest version of a row first.

        Each load of a table that is read whole is the truth of its moment, whatever versions an earlier one knew.
        """
        columns = (EXTRACTED_AT, *self.version) if self.is_snapshot else (*self.version, EXTRACTED_AT)
        return ", ".join(f"{quoted(column)} desc nulls last" for column in columns)


def sql_type(arrow: pa.DataType) -> str:
    """Name the DuckDB type that holds a raw column of this Arrow type.

    Raises:
        ValueError: The raw layer does not use this type.
    """
    if pa.types.is_decimal128(arrow):
        return f"decimal({arrow.precision}, {arrow.scale})"
    try:
        return _SQL_TYPES[arrow]
    except KeyError:
        raise ValueError(f"the raw layer has no columns of type {arrow}") from None


def quoted(identifier: str) -> str:
    """Quote an identifier for SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def fitted(page: pa.Table, table: RawTable) -> pa.Table:
    """Give a page exactly the table's columns, in order and typed; a column that the page lacks is null.

    Raises:
        LakeError: The page has a column that the table does not know, a value that does not fit, or a row without key
            or with one that is no GUID where it has to be.
    """
    unknown = sorted(set(page.column_names) - set(table.schema.names))
    if unknown:
        raise LakeError(
            f"Rows of {table.name} came with columns that its schema does not have ({', '.join(unknown)}); "
            "add them to the table's registry entry or leave them out of the query."
        )
    columns = [_column(page, field, table.name) for field in table.schema]
    result = pa.Table.from_arrays(columns, schema=table.schema)
    for name in (*table.key, *filter(None, [table.window])):
        if result.column(name).null_count:
            raise LakeError(f"Rows of {table.name} came without a value in {name}; they cannot be told apart or filed.")
    # Of no rows at all Arrow says neither.
    if table.has_guids and pc.all(pc.match_substring_regex(result.column(table.key[0]), _GUID)).as_py() is False:
        raise LakeError(
            f"Rows of {table.name} came with a value in {table.key[0]} that is no GUID; no model can hold it, "
            "so correct whatever wrote them."
        )
    return result


def _column(page: pa.Table, field: pa.Field, table: str) -> pa.ChunkedArray | pa.Array:
    if field.name not in page.column_names:
        return pa.nulls(page.num_rows, field.type)
    try:
        return page.column(field.name).cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # Arrow's own message quotes the value.
        raise LakeError(
            f"{table}.{field.name} came with a value that is no {field.type}; "
            "compare the column's type in the environment with the table's registry entry."
        ) from None
