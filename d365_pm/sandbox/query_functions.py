"""The platform's own query functions in `$filter`, such as `Microsoft.Dynamics.CRM.In` (Web API reference 2.3).

Those that speak of days (`On`, `Today`, `LastXDays` ...) count them in the caller's time zone.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl
from odata_query import ast

from d365_pm.sandbox.conform import UnfitValueError, conform
from d365_pm.sandbox.errors import bad_request
from d365_pm.sandbox.operands import Operand, edm_type, resolve
from d365_pm.sandbox.stored import StoredTable

if TYPE_CHECKING:
    from d365_pm.sandbox.environment import Environment

NAMESPACE = "Microsoft.Dynamics.CRM."


def query_function(environment: "Environment", table: StoredTable, name: str, args: Sequence[ast._Node]) -> pl.Expr:
    """One call as a condition.

    Raises:
        ApiError: 400 for an unknown function or unfit arguments.
    """
    named = {arg.name.name: arg.param for arg in args if isinstance(arg, ast.NamedParam)}
    property_name = named.get("PropertyName")
    if not isinstance(property_name, ast.String):
        raise bad_request(f"The function '{NAMESPACE}{name}' needs the parameter PropertyName.")
    operand = resolve(environment, table, [*property_name.val.split("/")])
    texts = _texts(named.get("PropertyValues", named.get("PropertyValue")))
    if name in _OF_VALUES:
        minimum = 2 if "Between" in name else 1
        if len(texts) < minimum:
            raise bad_request(f"The function '{NAMESPACE}{name}' needs at least {minimum} value(s).")
        return _OF_VALUES[name](operand.comparable, _typed(operand, texts))
    if name in _OF_DAYS and edm_type(operand.column).startswith("Edm.Date"):
        zone = ZoneInfo(environment.switches.user_time_zone)
        return _in_days(operand, zone, *_OF_DAYS[name](_Days(zone, texts)))
    if name in ("EqualUserId", "NotEqualUserId"):
        is_caller = operand.values == environment.user_id
        return is_caller if name == "EqualUserId" else ~is_caller
    raise bad_request(f"The function '{NAMESPACE}{name}' is not supported.")


def _texts(node: ast._Node | None) -> list[str]:
    if node is None:
        return []
    nodes = node.val if isinstance(node, ast.List) else [node]
    if not all(isinstance(each, ast.String) for each in nodes):
        raise bad_request("The arguments of a query function must be strings.")
    return [str(each.py_val) for each in nodes if isinstance(each, ast.String)]


def _typed(operand: Operand, texts: list[str]) -> list[pl.Expr]:
    """Arguments, which travel as strings, in the column's type."""
    try:
        values = conform(pl.Series("value", texts), operand.column)
    except UnfitValueError as error:
        raise bad_request(f"A value of the query function must be {error.expected}.") from None
    if operand.is_text:
        values = values.str.to_lowercase()
    return [pl.lit(value, dtype=values.dtype) for value in values]


def _is_one_of(values: pl.Expr, choices: list[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal([values == choice for choice in choices])


_OF_VALUES: dict[str, Callable[[pl.Expr, list[pl.Expr]], pl.Expr]] = {
    "In": _is_one_of,
    "NotIn": lambda values, choices: ~_is_one_of(values, choices),
    "Between": lambda values, ends: (values >= ends[0]) & (values <= ends[1]),
    "NotBetween": lambda values, ends: (values < ends[0]) | (values > ends[1]),
}


class _Days:
    """The days that a function speaks of, in the caller's zone."""

    def __init__(self, zone: ZoneInfo, texts: list[str]) -> None:
        self.today = dt.datetime.now(zone).date()
        self._texts = texts

    @property
    def named(self) -> dt.date:
        """The day of the argument."""
        try:
            return dt.date.fromisoformat(self._texts[0][:10])
        except (IndexError, ValueError):
            raise bad_request("The query function needs a date such as '2026-01-01'.") from None

    def back(self) -> dt.date:
        """The day as many days ago as the argument says."""
        if not self._texts or not self._texts[0].isdigit():
            raise bad_request("The query function needs a positive number.")
        return self.today - dt.timedelta(days=int(self._texts[0]))


_DAY = dt.timedelta(days=1)
_OF_DAYS: dict[str, Callable[[_Days], tuple[dt.date | None, dt.date | None]]] = {
    "On": lambda days: (days.named, days.named),
    "OnOrAfter": lambda days: (days.named, None),
    "OnOrBefore": lambda days: (None, days.named),
    "Today": lambda days: (days.today, days.today),
    "Yesterday": lambda days: (days.today - _DAY, days.today - _DAY),
    "LastXDays": lambda days: (days.back(), days.today),
}


def _in_days(operand: Operand, zone: ZoneInfo, first: dt.date | None, last: dt.date | None) -> pl.Expr:
    """The value lies within whole days, both included."""
    local = operand.values if operand.column.is_day else operand.values.dt.convert_time_zone(zone.key).dt.date()
    conditions = []
    if first is not None:
        conditions.append(local >= first)
    if last is not None:
        conditions.append(local <= last)
    return pl.all_horizontal(conditions)
