"""Raw rows in the form that the SQL models read: every column of the registry, typed, plus lineage columns.

Belongs here: types of the raw tables, those beside the registry's. Does not belong here: what a row means
(`desk.py`).
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from d365_pm.dataverse.registry import EVERY_TABLE, TABLES, Column, Kind, Table

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
_LINEAGE = {"_extracted_at": _MOMENT, "_window": pa.string(), "_deleted_at": _MOMENT}
_BESIDE_THE_REGISTRY: dict[str, dict[str, pa.DataType]] = {
    "attribute_metadata": {
        "table_name": pa.string(),
        "column_name": pa.string(),
        "attribute_type": pa.string(),
        "is_table_audited": pa.bool_(),
        "is_audited": pa.bool_(),
        "is_change_tracked": pa.bool_(),
        "is_custom": pa.bool_(),
        **_LINEAGE,
    },
    "option_label": {
        "table_name": pa.string(),
        "column_name": pa.string(),
        "code": pa.int32(),
        "language": pa.int32(),
        "label": pa.string(),
        "state": pa.int32(),
        **_LINEAGE,
    },
    "_loads": {
        "table_name": pa.string(),
        "extracted_at": _MOMENT,
        "window_start": _MOMENT,
        "window_end": _MOMENT,
        "row_count": pa.int64(),
        "is_missing": pa.bool_(),
        "kind": pa.string(),
        "source_count": pa.int64(),
        "deleted_count": pa.int64(),
    },
}


def _columns(table: Table) -> dict[str, pa.DataType]:
    columns: dict[str, pa.DataType] = {}
    for column in table.columns:
        columns[column.wire_name] = _TYPES[column.kind]
        if column.polymorphic:
            columns[column.type_name] = pa.string()
    return columns | _LINEAGE


RAW_SCHEMAS: Mapping[str, pa.Schema] = {
    name: pa.schema(columns)
    for name, columns in ({name: _columns(table) for name, table in EVERY_TABLE.items()} | _BESIDE_THE_REGISTRY).items()
}
"""Columns and types of every raw table."""

AUDITED_TABLES = frozenset({"incident", "queueitem", "queue", "systemuser", "team", "account", "contact", "product"})


def column_of(table: str, name: str) -> Column:
    """The registry's entry of one column.

    Raises:
        LookupError: The test that asks for it misspelt it.
    """
    for column in EVERY_TABLE[table].columns:
        if column.name == name:
            return column
    raise LookupError(f"{table} has no column {name}")


def raw_table(name: str, rows: Iterable[Row], *, extracted_at: datetime) -> pa.Table:
    """Rows as one raw table; columns that a row does not name are null."""
    lineage = {"_extracted_at": extracted_at, "_window": "all"}
    return pa.Table.from_pylist([row | lineage for row in rows], schema=RAW_SCHEMAS[name])


def attribute_metadata(*, unaudited: Collection[str] = ()) -> list[Row]:
    """Metadata of an environment that audits every column, but for those named, such as `incident.statuscode`."""
    return [
        {
            "table_name": table.name,
            "column_name": column.name,
            "attribute_type": column.kind.value.title(),
            "is_table_audited": table.name in AUDITED_TABLES,
            "is_audited": f"{table.name}.{column.name}" not in unaudited,
            "is_change_tracked": True,
            "is_custom": False,
        }
        for table in TABLES.values()
        for column in table.columns
    ]


def loads(extracted_at: datetime) -> list[Row]:
    """One extraction of every table at one instant."""
    return [
        {"table_name": table, "extracted_at": extracted_at, "row_count": 1, "is_missing": False} for table in TABLES
    ]
