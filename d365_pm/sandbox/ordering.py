"""The order of rows and seeking in it.

Belongs here: sort keys as SQL Server has them (text without case, ids by their last bytes first, null lowest) and
finding the place after a row that may be gone. Does not belong here: the token that carries that row (`paging.py`).
Source: Web API reference 2.4 and 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from d365_pm.sandbox.errors import bad_request, unknown_property
from d365_pm.sandbox.operands import Operand, resolve
from d365_pm.sandbox.schema import AttributeType, Column
from d365_pm.sandbox.stored import StoredTable

if TYPE_CHECKING:
    from d365_pm.sandbox.environment import Environment

_GUID_PIECES = ((24, 12), (19, 4), (16, 2), (14, 2), (11, 2), (9, 2), (6, 2), (4, 2), (2, 2), (0, 2))


@dataclass(frozen=True, slots=True)
class Term:
    """One column of an order."""

    column: Column
    descending: bool = False


@dataclass(frozen=True)
class SortedRows:
    """The rows that match a condition, in order.

    Attributes:
        terms: The order; the key is its last column.
        positions: Row numbers in the table.
        keys: Sort keys in the same order, one column per term.
    """

    terms: tuple[Term, ...]
    positions: npt.NDArray[np.uint32]
    keys: pl.DataFrame

    def after(self, values: Sequence[Any]) -> int:
        """Place of the first row behind a row with these sort keys, whether or not that row still exists."""
        low, high = 0, len(self.positions)
        columns = self.keys.get_columns()
        while low < high:
            middle = (low + high) // 2
            if self._is_behind([column[middle] for column in columns], values):
                high = middle
            else:
                low = middle + 1
        return low

    def only(self, matching: pl.Series) -> "SortedRows":
        """Those of these row numbers, in the same order."""
        is_matching = np.zeros(len(self.positions), dtype=np.bool_)
        is_matching[matching.to_numpy()] = True
        kept = is_matching[self.positions]
        return SortedRows(self.terms, self.positions[kept], self.keys.filter(pl.Series(kept)))

    def _is_behind(self, row: Sequence[Any], values: Sequence[Any]) -> bool:
        for term, mine, other in zip(self.terms, row, values, strict=True):
            if mine == other:
                continue
            is_greater = other is None or (mine is not None and mine > other)
            return is_greater != term.descending
        return False


def parse_order(table: StoredTable, text: str | None) -> tuple[Term, ...]:
    """The order of a request, ending in the key so that it is total.

    Raises:
        ApiError: 400 for an unknown column or direction.
    """
    terms = [_term(table, part) for part in (text or "").split(",") if part.strip()]
    key = table.definition.by_name[table.definition.key]
    if all(term.column.name != key.name for term in terms):
        terms.append(Term(key))
    return tuple(terms)


def _term(table: StoredTable, part: str) -> Term:
    name, _, direction = part.strip().partition(" ")
    column = table.definition.by_wire_name.get(name)
    if column is None:
        raise unknown_property(name, table.definition.name)
    if direction.strip() not in ("", "asc", "desc"):
        raise bad_request(f"Syntax error in '{part.strip()}' of $orderby.")
    return Term(column, direction.strip() == "desc")


def sort_rows(
    environment: "Environment", table: StoredTable, terms: tuple[Term, ...], only: pl.Series | None = None
) -> SortedRows:
    """Sort a table, or some of its rows.

    Args:
        environment: Has the tables whose names lookups are ordered by.
        table: The table.
        terms: The order.
        only: Row numbers; None for all.
    """
    names = [f"key{position}" for position in range(len(terms))]
    keys = [
        sort_key(term.column, order_value(environment, table, term.column), table).alias(name)
        for name, term in zip(names, terms, strict=True)
    ]
    descending = [term.descending for term in terms]
    positions = pl.int_range(table.rows.height, dtype=pl.UInt32, eager=True) if only is None else only
    rows = table.rows if only is None else table.take((term.column for term in terms), only.to_numpy())
    ordered = (
        rows.lazy()
        .select(*keys)
        .with_columns(positions.alias("position"))
        .sort(names, descending=descending, nulls_last=descending)
        .collect()
    )
    return SortedRows(terms, ordered["position"].to_numpy(), ordered.select(names))


def order_value(environment: "Environment", table: StoredTable, column: Column) -> pl.Expr:
    """What a column is ordered by: a lookup by the name of its row, everything else by its value."""
    if not column.type.is_lookup:
        return table.values(column)
    names = [
        _target_name(environment, table, column, target) for target in column.targets if target in environment.tables
    ]
    return pl.coalesce(names) if names else pl.lit(None, dtype=pl.String)


def _target_name(environment: "Environment", table: StoredTable, column: Column, target: str) -> pl.Expr:
    related = environment.tables[target]
    primary = related.definition.primary_name
    if primary is None:
        return pl.lit(None, dtype=pl.String)
    named = related.rows.select(related.definition.key, resolve(environment, related, [primary]).values.alias("name"))
    return table.values(column).replace_strict(
        named[related.definition.key], named["name"], default=None, return_dtype=pl.String
    )


def sort_key(column: Column, values: pl.Expr, table: StoredTable) -> pl.Expr:
    """Values in a form that sorts as the store of the table sorts."""
    if column.type is AttributeType.UNIQUEIDENTIFIER:
        is_sql = table.definition.table_type == "Standard"
        return pl.concat_str([values.str.slice(start, length) for start, length in _GUID_PIECES]) if is_sql else values
    if column.type.is_lookup or Operand(values, column).is_text:
        return values.str.to_lowercase()
    return values.to_physical() if column.type is AttributeType.DATE_TIME else values
