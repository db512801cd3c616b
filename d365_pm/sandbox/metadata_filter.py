"""`$filter` over metadata objects, such as `ChangeTrackingEnabled eq true` or `IsAuditEnabled/Value eq true`.

Belongs here: conditions on plain JSON objects; there are a few hundred of them, so Python's own comparison is enough.
"""

import re
from typing import Any

from odata_query import ast

from d365_pm.sandbox.errors import bad_request
from d365_pm.sandbox.filter_text import parse_filter
from d365_pm.sandbox.operands import path_of

_ENUM = re.compile(r"Microsoft\.Dynamics\.CRM\.\w+(?=')")


def matches(definition: dict[str, Any], condition: ast._Node) -> bool:
    """The object fulfils the condition.

    Raises:
        ApiError: 400 for a condition outside eq, ne, and, or, not.
    """
    if isinstance(condition, ast.BoolOp):
        left, right = matches(definition, condition.left), matches(definition, condition.right)
        return (left and right) if isinstance(condition.op, ast.And) else (left or right)
    if isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not):
        return not matches(definition, condition.operand)
    if isinstance(condition, ast.Compare) and isinstance(condition.comparator, (ast.Eq, ast.NotEq)):
        is_equal = _value(definition, condition.left) == _literal(condition.right)
        return is_equal if isinstance(condition.comparator, ast.Eq) else not is_equal
    raise bad_request("The $filter expression is not supported on metadata.")


def parse_condition(text: str) -> ast._Node:
    """Parse a condition; qualified enum literals count as their text."""
    return parse_filter(_ENUM.sub("", text))


def _value(definition: dict[str, Any], node: ast._Node) -> Any:
    path = path_of(node)
    if path is None:
        raise bad_request("The $filter expression is not supported on metadata.")
    value: Any = definition
    for name in path:
        if not isinstance(value, dict) or name not in value:
            raise bad_request(
                f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.EntityMetadata'."
            )
        value = value[name]
    return value


def _literal(node: ast._Node) -> Any:
    if isinstance(node, ast.GUID):
        return node.val.lower()
    if isinstance(node, ast._Literal):
        return node.py_val
    raise bad_request("The $filter expression is not supported on metadata.")
