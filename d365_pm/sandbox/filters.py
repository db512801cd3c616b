"""Conditions: odata-query's syntax tree to an expression of the query engine.

Belongs here: operators, string functions and lambdas (Web API reference 2.3). Does not belong here: the platform's own
query functions (`query_functions.py`). Comparisons follow SQL: null is neither true nor false.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl
from odata_query import ast

from d365_pm.sandbox.errors import bad_request
from d365_pm.sandbox.filter_text import parse_filter
from d365_pm.sandbox.navigation import CollectionNavigation, find_navigation
from d365_pm.sandbox.operands import Operand, literal, path_of, resolve
from d365_pm.sandbox.query_functions import NAMESPACE, query_function
from d365_pm.sandbox.stored import StoredTable

if TYPE_CHECKING:
    from d365_pm.sandbox.environment import Environment

_COMPARISONS: dict[type[ast._Node], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
}
_MIRRORED: dict[type[ast._Node], ast._Node] = {
    ast.Eq: ast.Eq(),
    ast.NotEq: ast.NotEq(),
    ast.Gt: ast.Lt(),
    ast.GtE: ast.LtE(),
    ast.Lt: ast.Gt(),
    ast.LtE: ast.GtE(),
}
_STRING_FUNCTIONS = {"contains": (".*", ".*"), "startswith": ("", ".*"), "endswith": (".*", "")}
_WILDCARDS = re.compile(r"%|_|\[[^\]]+\]")


def compile_filter(environment: "Environment", table: StoredTable, text: str) -> pl.Expr:
    """A condition over a table's rows.

    Raises:
        ApiError: 400 for a condition that Dataverse would refuse.
    """
    return _Compiler(environment, table).condition(parse_filter(text))


class _Compiler:
    """Turns nodes into expressions over one table; `variable` is the lambda's name for its row."""

    def __init__(self, environment: "Environment", table: StoredTable, variable: str | None = None) -> None:
        self._environment = environment
        self._table = table
        self._variable = variable

    def condition(self, node: ast._Node) -> pl.Expr:
        """A node that is true or false of a row."""
        if isinstance(node, ast.BoolOp):
            left, right = self.condition(node.left), self.condition(node.right)
            return left & right if isinstance(node.op, ast.And) else left | right
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return ~self.condition(node.operand)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.CollectionLambda):
            return self._lambda(node)
        if (path := path_of(node, self._variable)) is not None:
            return self._truth(self._operand(path))
        raise bad_request("The $filter expression must evaluate to a single boolean value.")

    def _operand(self, path: list[str]) -> Operand:
        return resolve(self._environment, self._table, path)

    def _truth(self, operand: Operand) -> pl.Expr:
        if operand.column.type != "Boolean":
            raise bad_request("The $filter expression must evaluate to a single boolean value.")
        return operand.values

    def _comparison(self, node: ast.Compare) -> pl.Expr:
        left, right = path_of(node.left, self._variable), path_of(node.right, self._variable)
        if isinstance(node.comparator, ast.In) and left is not None and isinstance(node.right, ast.List):
            operand = self._operand(left)
            choices = [operand.comparable == literal(operand, value) for value in node.right.val]
            return pl.any_horizontal(choices)
        if left is not None and right is not None:
            return self._columns(node, self._operand(left), self._operand(right))
        if left is not None:
            return self._with_literal(node.comparator, self._operand(left), node.right)
        if right is not None:
            return self._with_literal(_MIRRORED[type(node.comparator)], self._operand(right), node.left)
        raise bad_request("A comparison in $filter needs a property on one of its sides.")

    def _columns(self, node: ast.Compare, left: Operand, right: Operand) -> pl.Expr:
        if left.is_text != right.is_text or left.is_guid != right.is_guid:
            raise bad_request("A binary operator with incompatible types was detected.")
        return _COMPARISONS[type(node.comparator)](left.comparable, right.comparable)

    def _with_literal(self, comparator: ast._Node, operand: Operand, node: ast._Node) -> pl.Expr:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Integer):
            node = ast.Integer(f"-{node.operand.val}")
        if isinstance(node, ast.Null):
            return _null_comparison(comparator, operand)
        compared = _COMPARISONS[type(comparator)](operand.comparable, literal(operand, node))
        if isinstance(comparator, ast.NotEq) and self._environment.switches.ne_matches_null:
            return compared | operand.values.is_null()
        return compared

    def _call(self, node: ast.Call) -> pl.Expr:
        name = ".".join((*node.func.namespace, node.func.name))
        if name.startswith(NAMESPACE):
            return query_function(self._environment, self._table, name.removeprefix(NAMESPACE), node.args)
        if name not in _STRING_FUNCTIONS:
            raise bad_request(f"The function '{name}' is not supported.")
        path = path_of(node.args[0], self._variable)
        if path is None or not isinstance(node.args[1], ast.String):
            raise bad_request(f"The function '{name}' needs a property and a string.")
        operand = self._operand(path)
        if not operand.is_text:
            raise bad_request(
                f"No function signature for the function with name '{name}' matches the specified arguments."
            )
        before, after = _STRING_FUNCTIONS[name]
        pattern = f"(?is)^{before}{_pattern(node.args[1].val)}{after}$"
        return operand.values.str.contains(pattern) if _is_valid(pattern) else pl.lit(False)

    def _lambda(self, node: ast.CollectionLambda) -> pl.Expr:
        path = path_of(node.owner, self._variable)
        navigation = find_navigation(self._table.definition, path[0]) if path and len(path) == 1 else None
        if not isinstance(navigation, CollectionNavigation):
            raise bad_request("The operators any and all need a collection-valued navigation property.")
        related = self._environment.readable(navigation.table)
        link = related.values(related.definition.by_name[navigation.lookup])
        rows = related.rows
        if node.lambda_ is not None:
            inner = _Compiler(self._environment, related, node.lambda_.identifier.name)
            condition = inner.condition(node.lambda_.expression)
            rows = rows.filter(condition if isinstance(node.operator, ast.Any) else ~condition)
        ids = rows.select(link).to_series().drop_nulls()
        is_linked = pl.col(self._table.definition.key).is_in(ids.implode())
        return is_linked if isinstance(node.operator, ast.Any) else ~is_linked


def _null_comparison(comparator: ast._Node, operand: Operand) -> pl.Expr:
    if isinstance(comparator, ast.Eq):
        return operand.values.is_null()
    if isinstance(comparator, ast.NotEq):
        return operand.values.is_not_null()
    raise bad_request("The operators gt, ge, lt and le cannot compare with null.")


def _pattern(text: str) -> str:
    """Regular expression of a text in which `%`, `_` and `[...]` are SQL wildcards (reference 2.3)."""
    parts, position = [], 0
    for match in _WILDCARDS.finditer(text):
        parts.append(re.escape(text[position : match.start()]))
        parts.append({"%": ".*", "_": "."}.get(match[0], match[0]))
        position = match.end()
    return "".join([*parts, re.escape(text[position:])])


def _is_valid(pattern: str) -> bool:
    """False for a range such as `[z-a]`, which as an SQL wildcard matches nothing."""
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError:
        return False
    return True
