"""One request for rows, planned and carried out.

Belongs here: which columns, which rows, in which order, and where the next page begins. Does not belong here: parsing
(`options.py`), sorting (`ordering.py`) and JSON (`render.py`). Sorted rows are kept for the following pages; every page
still seeks anew from the last row of the page before, so rows may come and go in between (Web API reference 3).
"""

import datetime as dt
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from d365_pm.sandbox.conform import conform, engine_type
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.errors import COOKIE_MISMATCH, bad_request, unknown_property
from d365_pm.sandbox.filters import compile_filter
from d365_pm.sandbox.options import QueryOptions
from d365_pm.sandbox.ordering import SortedRows, order_value, parse_order, sort_key, sort_rows
from d365_pm.sandbox.paging import CookieColumn, PagingToken, read_token
from d365_pm.sandbox.prefer import LARGEST_PAGE
from d365_pm.sandbox.schema import AttributeType, Column
from d365_pm.sandbox.stored import StoredTable

_KEPT_SORTS = 64
_KEPT_ROWS = 4_000_000
_MANY = 100
"""Conditions that hold for less than one in so many rows have these sorted alone; sorting all would cost more."""

_SortKey = tuple[str, int, int, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one answer.

    Attributes:
        positions: Row numbers in the table, in order.
        total: Number of rows that match, on all pages.
        next_token: Where the next page begins; None on the last one.
    """

    positions: npt.NDArray[np.uint32]
    total: int
    next_token: PagingToken | None


def selected_columns(table: StoredTable, select: tuple[str, ...], *, changedata: bool) -> tuple[Column, ...]:
    """The columns of an answer; the key comes along unasked.

    Raises:
        ApiError: 400 for a column that the table lacks.
    """
    readable = {
        name: column
        for name, column in table.definition.by_wire_name.items()
        if column.is_readable or (changedata and column.name == "changedata")
    }
    if not select:
        return tuple(readable.values())
    for name in select:
        if name not in readable:
            raise unknown_property(name, table.definition.name)
    names = dict.fromkeys((*select, table.definition.key))
    return tuple(readable[name] for name in names)


class QueryEngine:
    """Answers requests for rows of one environment; safe to call from several threads."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._sorts: OrderedDict[_SortKey, SortedRows] = OrderedDict()
        self._lock = threading.Lock()
        self._sorting = threading.Lock()

    def page(self, table: StoredTable, options: QueryOptions, page_size: int | None) -> Page:
        """The page that a request asks for.

        Raises:
            ApiError: The request is one that Dataverse would refuse.
        """
        ordered = self.sorted_rows(table, options.filter, options.order)
        is_lenient = self.environment.switches.takes_rewritten_links
        token = read_token(options.skip_token, may_be_rewritten=is_lenient) if options.skip_token is not None else None
        start = 0 if token is None else ordered.after(self._seek_values(table, ordered, token))
        # With a page size asked for, $top is ignored (reference 2.4).
        is_topped = options.top is not None and page_size is None
        size = min(options.top or 0, LARGEST_PAGE) if is_topped else page_size or LARGEST_PAGE
        positions = ordered.positions[start : start + size]
        is_last = is_topped or start + size >= len(ordered.positions)
        next_token = None if is_last else self._token(table, ordered, positions, 1 if token is None else token.page)
        return Page(positions, len(ordered.positions), next_token)

    def sorted_rows(self, table: StoredTable, condition: str | None, order: str | None) -> SortedRows:
        """Matching rows in order, from memory where the same was asked a moment ago."""
        # Related rows take part in a condition with a path and in an order by a lookup, which goes by their names.
        is_related = "/" in (condition or "") or "_value" in (order or "")
        others = self.environment.version if is_related else 0
        key = (table.definition.name, table.version, others, condition, order)
        with self._lock:
            if key in self._sorts:
                self._sorts.move_to_end(key)
                return self._sorts[key]
        ordered = self._sorted(table, condition, order)
        with self._lock:
            self._sorts[key] = ordered
            self._forget()
        return ordered

    def _sorted(self, table: StoredTable, condition: str | None, order: str | None) -> SortedRows:
        terms = parse_order(table, order)
        if condition is None:
            return sort_rows(self.environment, table, terms)
        where = compile_filter(self.environment, table, condition)
        matching = table.rows.lazy().with_row_index("row").filter(where).select("row").collect().to_series()
        if len(matching) * _MANY < table.rows.height:
            return sort_rows(self.environment, table, terms, matching)
        # A client that reads a table in parts asks for many of its rows often, always in the same order; the parts that
        # it asks for together wait for one of them to sort the table.
        with self._sorting:
            every = self.sorted_rows(table, None, order)
        return every.only(matching)

    def _forget(self) -> None:
        while len(self._sorts) > 1 and (
            len(self._sorts) > _KEPT_SORTS or sum(len(kept.positions) for kept in self._sorts.values()) > _KEPT_ROWS
        ):
            self._sorts.popitem(last=False)

    def _token(
        self, table: StoredTable, ordered: SortedRows, positions: npt.NDArray[np.uint32], page: int
    ) -> PagingToken:
        ends = table.take((term.column for term in ordered.terms), positions[[0, -1]])
        part = StoredTable(table.definition, ends)
        values = part.rows.select(
            order_value(self.environment, part, term.column).alias(str(position))
            for position, term in enumerate(ordered.terms)
        )
        columns = tuple(
            CookieColumn(term.column.name, _cookie_text(term.column, value[1]), _cookie_text(term.column, value[0]))
            for term, value in zip(ordered.terms, values.get_columns(), strict=True)
        )
        return PagingToken(page + 1, columns)

    def _seek_values(self, table: StoredTable, ordered: SortedRows, token: PagingToken) -> list[Any]:
        names = [term.column.name for term in ordered.terms]
        if [column.name for column in token.columns] != names:
            raise bad_request(
                f"The paging cookie does not fit the order columns {', '.join(names)}.", code=COOKIE_MISMATCH
            )
        return [
            _seek_value(table, term.column, cookie.last)
            for term, cookie in zip(ordered.terms, token.columns, strict=True)
        ]


def _cookie_text(column: Column, value: Any) -> str | None:
    if value is None:
        return None
    if column.type is AttributeType.UNIQUEIDENTIFIER:
        return f"{{{str(value).upper()}}}"
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _seek_value(table: StoredTable, column: Column, text: str | None) -> Any:
    """Sort key of a cookie's value."""
    if column.type.is_lookup:
        values = pl.Series([text], dtype=pl.String)
    elif text == "" and engine_type(column) == pl.String:
        values = pl.Series([""], dtype=pl.String)
    else:
        values = conform(pl.Series([text], dtype=pl.String), column)
    return values.to_frame().select(sort_key(column, pl.first(), table)).item()
