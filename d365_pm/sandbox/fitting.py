"""Rows that somebody brought, fitted to the schema.

Belongs here: names, keys, custom columns and the targets of lookups. Does not belong here: reading files (`rows.py`)
and types of values (`conform.py`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import polars as pl

from d365_pm.sandbox.conform import UnfitValueError, conform, infer_column
from d365_pm.sandbox.rows import DataFileError, RawRows
from d365_pm.sandbox.schema import Column, Table
from d365_pm.sandbox.stored import StoredTable

_TARGET_ANNOTATION = "@Microsoft.Dynamics.CRM.lookuplogicalname"


def fit(definition: Table, brought: RawRows | None) -> StoredTable:
    """Fit brought rows to a table; unknown columns become custom columns, missing rows an empty table.

    Raises:
        DataFileError: A value does not fit its column, or the key is missing, empty or repeated.
    """
    if brought is None:
        return StoredTable(definition, pl.DataFrame(schema={definition.key: pl.String}))
    known = {**definition.by_name, **definition.by_wire_name}
    custom: list[Column] = []
    fitted: dict[str, pl.Series] = {}
    for name, values in brought.columns.items():
        if "@" in name or _is_target_column(name, brought.columns):
            continue
        column = known.get(name)
        if column is None:
            column = infer_column(name, values, ())
            custom.append(column)
        fitted[column.wire_name] = _conformed(brought, name, values, column)
        if column.type.is_lookup and (targets := _brought_targets(brought, name, column)) is not None:
            fitted[column.type_name] = targets
    _require_key(brought, definition.key, fitted)
    return StoredTable(replace(definition, columns=(*definition.columns, *custom)), pl.DataFrame(fitted))


def _is_target_column(name: str, names: Collection[str]) -> bool:
    if not (name.startswith("_") and name.endswith("_type")):
        return False
    return f"{name[:-5]}_value" in names or name[1:-5] in names


def _conformed(brought: RawRows, name: str, values: pl.Series, column: Column) -> pl.Series:
    try:
        return conform(values, column).alias(column.wire_name)
    except UnfitValueError as error:
        place = brought.place(error.row)
        raise DataFileError(f"{place}, column {name}: the value must be {error.expected}; correct it.") from None


def _brought_targets(brought: RawRows, name: str, column: Column) -> pl.Series | None:
    for key in (f"{name}{_TARGET_ANNOTATION}", f"{column.wire_name}{_TARGET_ANNOTATION}", column.type_name):
        if key in brought.columns:
            return brought.columns[key].cast(pl.String).alias(column.type_name)
    return None


def _require_key(brought: RawRows, key: str, fitted: Mapping[str, pl.Series]) -> None:
    if key not in fitted:
        raise DataFileError(f"{brought.origin} lacks the column {key}, the key of the table {brought.table}; add it.")
    keys = fitted[key]
    if keys.null_count():
        row = int(keys.is_null().arg_true()[0])
        raise DataFileError(f"{brought.place(row)}, column {key}: the key is empty; every row needs its own.")
    if keys.n_unique() < len(keys):
        row = int((~keys.is_first_distinct()).arg_true()[0])
        raise DataFileError(f"{brought.place(row)}, column {key}: an earlier row has the same key; keep one of them.")


def with_targets(tables: Mapping[str, StoredTable]) -> dict[str, StoredTable]:
    """Complete the lookups that came without a target table, by looking which table holds their ids."""
    return {name: complete_targets(table, tables) for name, table in tables.items()}


def complete_targets(table: StoredTable, tables: Mapping[str, StoredTable]) -> StoredTable:
    """Complete the lookups of one table's rows that came without a target table."""
    rows = table.rows
    columns = []
    for column in table.definition.columns:
        is_brought = column.type.is_lookup and column.wire_name in rows.columns
        if is_brought and len(column.targets) != 1 and column.type_name not in rows.columns:
            holders = _holders(rows[column.wire_name], column.targets or tuple(tables), tables)
            rows = rows.with_columns(holders.alias(column.type_name))
        if is_brought and not column.targets:
            found = rows[column.type_name].drop_nulls().unique().sort().to_list()
            columns.append(replace(column, targets=tuple(found)))
        else:
            columns.append(column)
    return StoredTable(replace(table.definition, columns=tuple(columns)), rows)


def _holders(ids: pl.Series, candidates: Iterable[str], tables: Mapping[str, StoredTable]) -> pl.Series:
    """Name of the table that holds each id; null where none does."""
    holder = pl.lit(None, dtype=pl.String)
    for name in candidates:
        if name in tables and tables[name].rows.height:
            keys = tables[name].rows[tables[name].definition.key]
            holder = pl.when(holder.is_null() & pl.first().is_in(keys.implode())).then(pl.lit(name)).otherwise(holder)
    # A bare null would be one value, however many ids there are.
    return ids.to_frame().with_columns(holder.alias("holder"))["holder"]
