"""Writes to one table: rows that come, change and go, columns that are added and removed.

Belongs here: from a stored table and a write to the next stored table. Does not belong here: the environment's version
numbers and clock (`live_tables.py`), fitting what callers bring (`live_rows.py`), and telling clients what changed
(`change_tracking.py`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from d365_pm.sandbox.conform import MOMENT
from d365_pm.sandbox.schema import Column, Table
from d365_pm.sandbox.stored import StoredTable

_VERSION = "versionnumber"


def upserted(table: StoredTable, rows: pl.DataFrame, versions: pl.Series, now: dt.datetime) -> StoredTable:
    """A table after some of its rows were changed and others came in.

    Args:
        table: The table before.
        rows: The key and the columns to write, fitted to the table; columns that it lacks keep their values.
        versions: Version number of each row's write.
        now: `modifiedon`, and `createdon` of new rows, where the rows do not say.
    """
    key = table.definition.key
    known = table.rows.select(name for name in table.rows.columns if name == key or name not in rows.columns)
    is_new = ~rows[key].is_in(known[key].implode())
    stamped = rows.with_columns(_stamps(table.definition, rows, versions, now))
    written = stamped.join(known.drop(stamped.columns, strict=False).with_columns(known[key]), on=key, how="left")
    if "createdon" in table.definition.by_name and "createdon" not in rows.columns:
        written = _born(written, is_new, now)
    untouched = table.rows.filter(~pl.col(key).is_in(rows[key].implode()))
    return replace(
        table,
        rows=pl.concat([untouched, written], how="diagonal"),
        version=table.version + 1,
        deleted=table.deleted.filter(~pl.col("id").is_in(rows[key].implode())),
    )


def _stamps(definition: Table, rows: pl.DataFrame, versions: pl.Series, now: dt.datetime) -> list[pl.Series | pl.Expr]:
    """What the platform itself writes into a row."""
    stamps: list[pl.Series | pl.Expr] = []
    if _VERSION in definition.by_name:
        stamps.append(versions.alias(_VERSION))
    if "modifiedon" in definition.by_name and "modifiedon" not in rows.columns:
        stamps.append(pl.lit(now, dtype=MOMENT).alias("modifiedon"))
    return stamps


def _born(written: pl.DataFrame, is_new: pl.Series, now: dt.datetime) -> pl.DataFrame:
    if "createdon" not in written.columns:
        written = written.with_columns(pl.lit(None, dtype=MOMENT).alias("createdon"))
    birth = pl.when(is_new).then(pl.lit(now, dtype=MOMENT)).otherwise(pl.col("createdon"))
    return written.with_columns(birth.alias("createdon"))


def without(table: StoredTable, ids: Sequence[str], first_version: int) -> StoredTable:
    """A table after rows were deleted.

    Args:
        table: The table before.
        ids: Keys of rows that it has.
        first_version: Version number of the first deletion; the others follow.
    """
    gone = pl.DataFrame(
        {"id": list(ids), "version": range(first_version, first_version + len(ids))}, schema=table.deleted.schema
    )
    rows = table.rows.filter(~pl.col(table.definition.key).is_in(gone["id"].implode()))
    return replace(table, rows=rows, version=table.version + 1, deleted=pl.concat([table.deleted, gone]))


def differing(table: StoredTable, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """What separates a table from another state of it.

    Returns:
        The rows that are new or different, and the ids of the rows that are gone.
    """
    key = table.definition.key
    compared = [name for name in rows.columns if name != _VERSION]
    shared = [name for name in compared if name in table.rows.columns]
    additions = [pl.lit(None, dtype=rows.schema[name]).alias(name) for name in compared if name not in shared]
    old = table.rows.select(*shared, *additions)
    changed = rows.select(compared).join(old, on=compared, how="anti", nulls_equal=True)
    gone = table.rows[key].filter(~table.rows[key].is_in(rows[key].implode()))
    return changed, gone.to_list()


def with_column(table: StoredTable, column: Column, number: int) -> StoredTable:
    """A table with one more column, empty in every row."""
    columns = (*table.definition.columns, column)
    return replace(
        table, definition=replace(table.definition, columns=columns), version=table.version + 1, altered=number
    )


def without_column(table: StoredTable, column: Column, number: int) -> StoredTable:
    """A table with one column less, its values gone."""
    columns = tuple(each for each in table.definition.columns if each.name != column.name)
    rows = table.rows.drop(column.wire_name, column.type_name, strict=False)
    return replace(
        table,
        definition=replace(table.definition, columns=columns),
        rows=rows,
        version=table.version + 1,
        altered=number,
    )
