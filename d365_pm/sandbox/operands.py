"""The two sides of a comparison in `$filter`: columns, reached through lookups if need be, and literals.

Belongs here: names to expressions, literals to values of a column's type. Operators are in
`filters.py`.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
from odata_query import ast

from d365_pm.sandbox.conform import engine_type
from d365_pm.sandbox.errors import bad_request, unknown_property
from d365_pm.sandbox.filter_text import ESCAPE
from d365_pm.sandbox.navigation import CollectionNavigation, find_navigation
from d365_pm.sandbox.schema import AttributeType, Column
from d365_pm.sandbox.stored import StoredTable

if TYPE_CHECKING:
    from d365_pm.sandbox.environment import Environment

_EDM = {
    AttributeType.BOOLEAN: "Edm.Boolean",
    AttributeType.INTEGER: "Edm.Int32",
    AttributeType.PICKLIST: "Edm.Int32",
    AttributeType.STATE: "Edm.Int32",
    AttributeType.STATUS: "Edm.Int32",
    AttributeType.BIG_INTEGER: "Edm.Int64",
    AttributeType.DECIMAL: "Edm.Decimal",
    AttributeType.DOUBLE: "Edm.Double",
    AttributeType.UNIQUEIDENTIFIER: "Edm.Guid",
}


_BEYOND_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class Operand:
    """A column in a condition.

    Attributes:
        values: Its values as an expression over the rows of the filtered table.
        column: Its definition.
    """

    values: pl.Expr
    column: Column

    @property
    def is_text(self) -> bool:
        """Compared without regard to case."""
        return engine_type(self.column) == pl.String and not self.is_guid

    @property
    def is_guid(self) -> bool:
        """An id."""
        return self.column.type.is_lookup or self.column.type is AttributeType.UNIQUEIDENTIFIER

    @property
    def comparable(self) -> pl.Expr:
        """The values as comparisons see them; names of tables are lower-case already."""
        has_case = self.is_text and self.column.type is not AttributeType.ENTITY_NAME
        return self.values.str.to_lowercase() if has_case else self.values


def edm_type(column: Column) -> str:
    """OData type of a column."""
    if column.type.is_lookup:
        return "Edm.Guid"
    if column.type is AttributeType.DATE_TIME:
        return "Edm.Date" if column.is_day else "Edm.DateTimeOffset"
    return _EDM.get(column.type, "Edm.String")


def resolve(environment: "Environment", table: StoredTable, path: list[str]) -> Operand:
    """A column by its path, such as `["customerid_account", "name"]`.

    Raises:
        ApiError: 400 for an unknown name, 403 for a table that the caller may not read.
    """
    name, *rest = path
    if not rest:
        column = table.definition.by_wire_name.get(name)
        if column is None:
            raise unknown_property(name, table.definition.name)
        return Operand(table.values(column), column)
    navigation = find_navigation(table.definition, name)
    if isinstance(navigation, CollectionNavigation):
        raise bad_request(f"The collection '{name}' can be filtered with any or all only.")
    if len(navigation.targets) > 1:
        raise unknown_property(rest[-1], "principal")
    related = environment.readable(navigation.targets[0])
    operand = resolve(environment, related, rest)
    mapping = related.rows.select(pl.col(related.definition.key), operand.values.alias("value")).drop_nulls()
    values = table.values(navigation.column).replace_strict(
        mapping[related.definition.key], mapping["value"], default=None, return_dtype=engine_type(operand.column)
    )
    return Operand(values, operand.column)


def path_of(node: ast._Node, variable: str | None = None) -> list[str] | None:
    """Path that a node spells, without the variable of a lambda; None for anything but a path."""
    if isinstance(node, ast.Identifier):
        is_plain = node.namespace in ((), (ESCAPE,))
        return [node.name] if is_plain else None
    if isinstance(node, ast.Attribute):
        above = path_of(node.owner)
        path = None if above is None else [*above, node.attr]
        return path[1:] if path and path[0] == variable else path
    return None


def literal(operand: Operand, node: ast._Node) -> pl.Expr:
    """A literal as a value that compares with a column.

    Raises:
        ApiError: 400 when the types cannot be compared.
    """
    try:
        value = _python_value(operand, node)
    except ValueError:
        raise bad_request(f"A literal in $filter is no valid value of type '{_literal_type(node)}'.") from None
    if isinstance(value, int) and abs(value) >= _BEYOND_INT64:
        raise bad_request("A number in $filter is too large for type 'Edm.Int64'.")
    if value is None:
        raise bad_request(
            "A binary operator with incompatible types was detected. Found operand types "
            f"'{edm_type(operand.column)}' and '{_literal_type(node)}' for operator kind 'Equal'."
        )
    return pl.lit(value, dtype=_literal_dtype(operand))


def _literal_dtype(operand: Operand) -> pl.DataType:
    kind = engine_type(operand.column)
    # A filter value may exceed the column's range, which is no error but matches nothing.
    return pl.Int64() if kind.is_integer() else kind


def _python_value(operand: Operand, node: ast._Node) -> object | None:
    kind = engine_type(operand.column)
    if operand.is_guid:
        return _guid(node)
    if kind == pl.String:
        return node.py_val.lower() if isinstance(node, ast.String) else None
    if kind == pl.Boolean:
        return node.py_val if isinstance(node, ast.Boolean) else None
    if kind == pl.Date:
        return node.py_val if isinstance(node, ast.Date) else None
    if isinstance(kind, pl.Datetime):
        return _moment(node)
    if isinstance(node, ast.Integer):
        return node.py_val
    return node.py_val if isinstance(node, ast.Float) and not kind.is_integer() else None


def _guid(node: ast._Node) -> str | None:
    if isinstance(node, ast.GUID):
        return node.val.lower()
    if isinstance(node, ast.String):
        try:
            return str(uuid.UUID(node.val))
        except ValueError:
            return None
    return None


def _moment(node: ast._Node) -> dt.datetime | None:
    if isinstance(node, ast.Date):
        return dt.datetime.combine(node.py_val, dt.time(), tzinfo=dt.UTC)
    if not isinstance(node, ast.DateTime):
        return None
    moment: dt.datetime = node.py_val
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _literal_type(node: ast._Node) -> str:
    names: dict[type[ast._Node], str] = {
        ast.String: "Edm.String",
        ast.Integer: "Edm.Int32",
        ast.Float: "Edm.Double",
        ast.Boolean: "Edm.Boolean",
        ast.GUID: "Edm.Guid",
        ast.Date: "Edm.Date",
        ast.DateTime: "Edm.DateTimeOffset",
    }
    return names.get(type(node), "Edm.Untyped")
