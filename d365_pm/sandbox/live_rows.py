"""Rows that somebody writes into a running environment, fitted to their table.

Belongs here: from dictionaries or a frame to frames of fitted columns. Does not belong here: the write (`live.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import polars as pl

from d365_pm.sandbox.fitting import complete_targets, fit
from d365_pm.sandbox.rows import DataFileError, RawRows
from d365_pm.sandbox.stored import StoredTable

LiveRows = pl.DataFrame | Sequence[Mapping[str, Any]]
"""Rows by Web API property names: a frame, or dictionaries that name only the columns to write."""


def fitted_rows(table: StoredTable, rows: LiveRows, tables: Mapping[str, StoredTable]) -> Iterator[pl.DataFrame]:
    """The rows in order, in frames of equal columns.

    Args:
        table: The table that they are written to.
        rows: The rows.
        tables: Every table of the environment, to find the targets of lookups.

    Raises:
        DataFileError: A column is unknown, a value does not fit, or a key is missing or repeated.
    """
    if isinstance(rows, pl.DataFrame):
        yield _fitted(table, {name: rows[name] for name in rows.columns}, tables)
        return
    for names, group in groupby(rows, key=_names):
        records = list(group)
        columns = {name: pl.Series(name, [record[name] for record in records]) for name in names}
        yield _fitted(table, columns, tables)


def _names(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row)


def _fitted(table: StoredTable, columns: Mapping[str, pl.Series], tables: Mapping[str, StoredTable]) -> pl.DataFrame:
    name = table.definition.name
    found = fit(table.definition, RawRows(name, name, columns))
    custom = {column.name for column in found.definition.columns} - table.definition.by_name.keys()
    if custom:
        raise DataFileError(f"{name} has no column {min(custom)}; add it to the environment first.")
    completed = complete_targets(found, tables)
    return completed.rows.with_columns(_only_targets(table, completed.rows))


def _only_targets(table: StoredTable, rows: pl.DataFrame) -> list[pl.Expr]:
    """Targets of lookups to one table, where the table keeps them."""
    return [
        pl.when(pl.col(column.wire_name).is_not_null()).then(pl.lit(column.targets[0])).alias(column.type_name)
        for column in table.definition.columns
        if column.type.is_lookup
        and len(column.targets) == 1
        and column.wire_name in rows.columns
        and column.type_name in table.rows.columns
        and column.type_name not in rows.columns
    ]
