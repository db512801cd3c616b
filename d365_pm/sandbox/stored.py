"""A table with its rows, as the query engine sees it, and ids that depend on nothing but names.

A stored table never changes: a write makes a new one (`live.py`), so a request that holds one reads on undisturbed.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from d365_pm.sandbox.conform import engine_type
from d365_pm.sandbox.schema import Column, Table

_NAMESPACE = uuid.UUID("5f0d1c9e-3c4b-4a55-9d3a-1f0e6f2b7a10")
_NOTHING_DELETED = pl.DataFrame(schema={"id": pl.String, "version": pl.Int64})


def stable_id(*parts: object) -> str:
    """A GUID made of its parts alone, the same in every run."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, parts))))


@dataclass(frozen=True)
class StoredTable:
    """A table's definition and its rows.

    Attributes:
        definition: The table, custom columns included.
        rows: The columns that have values, by Web API property name, and the `_x_type` of lookups.
        version: Moves whenever the rows or the definition do.
        deleted: Ids of the rows that were deleted and did not come back, each with the version number of its deletion.
        altered: Version number of the last change of the definition; 0 before any.
    """

    definition: Table
    rows: pl.DataFrame
    version: int = 0
    deleted: pl.DataFrame = field(default_factory=lambda: _NOTHING_DELETED)
    altered: int = 0

    def values(self, column: Column) -> pl.Expr:
        """The column's values as an expression over `rows`; null where nobody brought any."""
        if column.wire_name in self.rows.columns:
            return pl.col(column.wire_name)
        return pl.lit(None, dtype=engine_type(column)).alias(column.wire_name)

    def targets(self, column: Column) -> pl.Expr:
        """Target table of each value of a lookup."""
        if column.type_name in self.rows.columns:
            return pl.col(column.type_name)
        only = column.targets[0] if len(column.targets) == 1 else None
        return pl.lit(only, dtype=pl.String).alias(column.type_name)

    def take(self, columns: Iterable[Column], positions: npt.NDArray[np.uint32]) -> pl.DataFrame:
        """Some rows with exactly these columns, the targets of lookups and what every row carries (key, version).

        Args:
            columns: The wanted columns.
            positions: Row numbers.
        """
        always = [self.definition.by_name[self.definition.key], *_version_column(self.definition)]
        wanted = {column.wire_name: column for column in (*always, *columns)}
        present: list[str] = []
        missing: list[pl.Expr] = []
        for column in wanted.values():
            parts = [(column.wire_name, self.values(column))]
            if column.type.is_lookup:
                parts.append((column.type_name, self.targets(column)))
            for name, values in parts:
                if name in self.rows.columns:
                    present.append(name)
                else:
                    missing.append(values)
        return self.rows.select(present)[positions].with_columns(missing)

    @cached_property
    def name_by_id(self) -> dict[str, str]:
        """Primary name of every row that has one, by its id."""
        primary = self.definition.primary_name
        if primary is None or primary not in self.rows.columns:
            return {}
        named = self.rows.select(self.definition.key, primary).drop_nulls()
        return dict(zip(named[self.definition.key].to_list(), named[primary].to_list(), strict=True))


def _version_column(definition: Table) -> list[Column]:
    version = definition.by_name.get("versionnumber")
    return [] if version is None else [version]
