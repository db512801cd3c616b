"""Raw rows in the form that the SQL models read: every column of the registry, typed, plus lineage columns.

Belongs here: the types of the raw views and the tables beside the registry's. Does not belong here: what a row means
(`desk.py`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from d365_pm.dataverse.registry import TABLES, Column, Kind, Table

Row = dict[str, Any]

_MOMENT = pa.timestamp("us", tz="UTC")
_TYPES: Mapping[Kind, pa.DataType] = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.LOOKUP: pa.string(),
    Kind.WHOLE: pa.int32(),
    Kind.CHOICE: pa.int32(),
    Kind.BIG: pa.int64(),
    Kind.DECIMAL: pa.decimal128(38, 10),
    Kind.MOMENT: _MOMENT,
    Kind.DAY: pa.date32(),
    Kind.FLAG: pa.bool_(),
}
_LINEAGE = {"_extracted_at": _MOMENT, "_window": pa.string()}
_ATTRIBUTE_METADATA = {
    "table_name": pa.string(),
    "column_name": pa.string(),
    "attribute_type": pa.string(),
    "is_table_audited": pa.bool_(),
    "is_audited": pa.bool_(),
    "is_change_tracked": pa.bool_(),
    "is_custom": pa.bool_(),
}
_OPTION_LABEL = {
    "table_name": pa.string(),
    "column_name": pa.string(),
    "code": pa.int32(),
    "language": pa.int32(),
    "label": pa.string(),
    "state": pa.int32(),
}
_LOADS = {
    "table_name": pa.string(),
    "extracted_at": _MOMENT,
    "window_start": _MOMENT,
    "window_end": _MOMENT,
    "row_count": pa.int64(),
    "is_missing": pa.bool_(),
}


def raw_schema(table: Table) -> pa.Schema:
    """Columns and types of one raw view."""
    columns: dict[str, pa.DataType] = {}
    for column in table.columns:
        columns[column.wire_name] = _TYPES[column.kind]
        if column.polymorphic:
            columns[column.type_name] = pa.string()
    return pa.schema(columns | _LINEAGE)


def column_of(table: str, name: str) -> Column:
    """The registry's entry of one column; a misspelt name fails the test that wrote it."""
    return next(column for column in TABLES[table].columns if column.name == name)


def write_raw(
    connection: duckdb.DuckDBPyConnection,
    *,
    rows: Mapping[str, Iterable[Row]],
    metadata: Iterable[Row],
    labels: Iterable[Row],
    loads: Iterable[Row],
    extracted_at: datetime,
) -> None:
    """Create the schema `raw` with every table, empty ones included."""
    lineage = {"_extracted_at": extracted_at, "_window": "all"}
    connection.execute("create schema raw")
    for name, table in TABLES.items():
        _create(connection, name, raw_schema(table), [row | lineage for row in rows.get(name, ())])
    for name, columns, extra in (
        ("attribute_metadata", _ATTRIBUTE_METADATA, metadata),
        ("option_label", _OPTION_LABEL, labels),
    ):
        _create(connection, name, pa.schema(columns | _LINEAGE), [row | lineage for row in extra])
    _create(connection, "_loads", pa.schema(_LOADS), list(loads))


def _create(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: list[Row]) -> None:
    connection.register("rows_of_test", pa.Table.from_pylist(rows, schema=schema))
    connection.execute(f'create table raw."{name}" as select * from rows_of_test')
    connection.unregister("rows_of_test")
