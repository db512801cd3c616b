"""What one change of an SQL model can be: functions from a node of its syntax tree to what may stand there instead.

Belongs here: the changes. Does not belong here: which of them are tried (`choice.py`) and what becomes of the statement
(`mutant.py`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlglot import exp

Replacement = exp.Expr | None
"""What stands in the place of a node; None takes the node out of the statement."""

_CONDITIONS = (exp.Where, exp.Having, exp.Qualify)
_COMPARISONS: Mapping[type[exp.Expr], type[exp.Expr]] = {
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.NullSafeEQ: exp.NullSafeNEQ,
    exp.NullSafeNEQ: exp.NullSafeEQ,
}
_BOUNDARIES: Mapping[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
}
_ARITHMETIC: Mapping[type[exp.Expr], type[exp.Expr]] = {
    exp.Add: exp.Sub,
    exp.Sub: exp.Add,
    exp.Mul: exp.IntDiv,
    exp.IntDiv: exp.Mul,
}
_AGGREGATES: Mapping[type[exp.Expr], type[exp.Expr]] = {
    exp.Min: exp.Max,
    exp.Max: exp.Min,
    exp.Sum: exp.Max,
    exp.LogicalOr: exp.LogicalAnd,
    exp.LogicalAnd: exp.LogicalOr,
    exp.Least: exp.Greatest,
    exp.Greatest: exp.Least,
    exp.Lag: exp.Lead,
    exp.Lead: exp.Lag,
    exp.FirstValue: exp.LastValue,
    exp.LastValue: exp.FirstValue,
}
_YEAR = re.compile(r"\d{4}(?=-)")
_SMALL = 1000


def comparison_flipped(node: exp.Expr) -> Iterator[Replacement]:
    """`=` to `<>`, `<` to `>`, `<=` to `>=`."""
    yield from _retyped(node, _COMPARISONS)


def boundary_moved(node: exp.Expr) -> Iterator[Replacement]:
    """`<` to `<=` and back; one end of a `between` left open."""
    yield from _retyped(node, _BOUNDARIES)
    if isinstance(node, exp.Between):
        yield exp.GT(this=node.this.copy(), expression=node.args["low"].copy()).and_(
            exp.LTE(this=node.this.copy(), expression=node.args["high"].copy())
        )
        yield exp.GTE(this=node.this.copy(), expression=node.args["low"].copy()).and_(
            exp.LT(this=node.this.copy(), expression=node.args["high"].copy())
        )


def connector_swapped(node: exp.Expr) -> Iterator[Replacement]:
    """`and` to `or` and back."""
    if isinstance(node, exp.And | exp.Or):
        other = exp.Or if isinstance(node, exp.And) else exp.And
        sides = (exp.paren(side.copy()) for side in (node.left, node.right))
        yield exp.paren(other(this=next(sides), expression=next(sides)))


def condition_dropped(node: exp.Expr) -> Iterator[Replacement]:
    """One conjunct of a `where`, `having`, `qualify`, `on` or `when` left out, or the only one."""
    if isinstance(node, exp.And):
        yield node.left.copy()
        yield node.right.copy()
    elif isinstance(node, _CONDITIONS) and not isinstance(node.this, exp.And):
        if not isinstance(node.parent, exp.Filter):  # That one is left out as a whole.
            yield None
    elif isinstance(node, exp.Filter):
        yield node.this.copy()


def alternative_dropped(node: exp.Expr) -> Iterator[Replacement]:
    """One side of an `or`, one value of an `in (...)` left out."""
    if isinstance(node, exp.Or):
        yield node.left.copy()
        yield node.right.copy()
    elif isinstance(node, exp.In) and len(node.expressions) > 1:
        for rest in _without_one(node.expressions):
            yield _changed(node, expressions=rest)


def join_kind_changed(node: exp.Expr) -> Iterator[Replacement]:
    """`left join` to `inner join` and back."""
    if isinstance(node, exp.Join) and node.args.get("on"):
        if node.side == "LEFT":
            yield _changed(node, side=None, kind="INNER")
        elif not node.side:
            yield _changed(node, side="LEFT", kind=None)


def constant_changed(node: exp.Expr) -> Iterator[Replacement]:
    """A number one higher (a factor doubled), a text or a year that occurs nowhere else, a truth value turned."""
    if isinstance(node, exp.Boolean):
        yield exp.Boolean(this=not node.this)
    elif isinstance(node, exp.Literal) and not isinstance(node.parent, exp.DataTypeParam) and not _is_mere_row(node):
        yield _other_constant(node)


def default_changed(node: exp.Expr) -> Iterator[Replacement]:
    """The first or the last argument of a `coalesce` left out, or the order of its arguments turned."""
    if isinstance(node, exp.Coalesce):
        values = [value.copy() for value in (node.this, *node.expressions)]
        yield _coalesced(values[1:])
        yield _coalesced(values[:-1])
        if not isinstance(values[-1], exp.Literal | exp.Boolean):
            yield _coalesced(values[::-1])


def order_turned(node: exp.Expr) -> Iterator[Replacement]:
    """`asc` to `desc` and back, in a window or an aggregate."""
    if isinstance(node, exp.Ordered) and _is_order_of_consequence(node.parent):
        yield _changed(node, desc=not node.args.get("desc"))


def order_key_dropped(node: exp.Expr) -> Iterator[Replacement]:
    """One key of an `order by` left out, in a window or an aggregate."""
    if isinstance(node, exp.Order) and _is_order_of_consequence(node) and len(node.expressions) > 1:
        for rest in _without_one(node.expressions):
            yield _changed(node, expressions=rest)


def group_key_dropped(node: exp.Expr) -> Iterator[Replacement]:
    """One key of a `partition by` left out."""
    keys = node.args.get("partition_by") if isinstance(node, exp.Window) else None
    for rest in _without_one(keys or []):
        yield _changed(node, partition_by=rest)


def distinct_changed(node: exp.Expr) -> Iterator[Replacement]:
    """`distinct` left out, `union` to `union all`."""
    if isinstance(node, exp.Select) and node.args.get("distinct"):
        yield _changed(node, distinct=None)
    elif isinstance(node, exp.AggFunc) and isinstance(node.this, exp.Distinct):
        yield _changed(node, this=node.this.expressions[0].copy())
    elif isinstance(node, exp.Union) and node.args.get("distinct"):
        yield _changed(node, distinct=False)


def aggregate_swapped(node: exp.Expr) -> Iterator[Replacement]:
    """`min` to `max`, `lag` to `lead`, `bool_or` to `bool_and` and the like.

    Not `row_number` to `rank`: every order of rows here ends in a key, so that both give the same numbers.
    """
    yield from _retyped(node, _AGGREGATES)


def branch_dropped(node: exp.Expr) -> Iterator[Replacement]:
    """One `when` or the `else` of a `case` left out, one branch of a union."""
    if isinstance(node, exp.Case):
        if len(node.args["ifs"]) > 1:
            for rest in _without_one(node.args["ifs"]):
                yield _changed(node, ifs=rest)
        if node.args.get("default") and not isinstance(node.args["default"], exp.Null):
            yield _changed(node, default=None)
    elif isinstance(node, exp.Union):
        if not node.args.get("with_"):
            yield node.left.copy()
        if isinstance(node.left, exp.Select):
            yield _changed(node.right, with_=node.args["with_"].copy() if node.args.get("with_") else None)


def arithmetic_swapped(node: exp.Expr) -> Iterator[Replacement]:
    """`+` to `-`, `*` to `//` and back; `abs` left out."""
    yield from _retyped(node, _ARITHMETIC)
    if isinstance(node, exp.Abs):
        yield exp.paren(node.this.copy())


def null_test_turned(node: exp.Expr) -> Iterator[Replacement]:
    """`is null` to `is not null` and back; a `not` left out."""
    if isinstance(node, exp.Not):
        yield exp.paren(node.this.copy())
    elif isinstance(node, exp.Is) and not isinstance(node.parent, exp.Not):
        yield exp.Not(this=node.copy())


OPERATORS: Mapping[str, Callable[[exp.Expr], Iterator[Replacement]]] = {
    operator.__name__.replace("_", " "): operator
    for operator in (
        comparison_flipped,
        boundary_moved,
        connector_swapped,
        condition_dropped,
        alternative_dropped,
        join_kind_changed,
        constant_changed,
        default_changed,
        order_turned,
        order_key_dropped,
        group_key_dropped,
        distinct_changed,
        aggregate_swapped,
        branch_dropped,
        arithmetic_swapped,
        null_test_turned,
    )
}
"""Every change by its name."""


def _retyped(node: exp.Expr, others: Mapping[type[exp.Expr], type[exp.Expr]]) -> Iterator[Replacement]:
    other = others.get(type(node))
    if other is not None:
        yield other(**node.copy().args)


def _changed(node: exp.Expr, **args: object) -> exp.Expr:
    copy = node.copy()
    for name, value in args.items():
        copy.set(name, value)
    return copy


def _without_one(nodes: Sequence[exp.Expr]) -> Iterator[list[exp.Expr]]:
    for left_out in range(len(nodes)):
        yield [node.copy() for place, node in enumerate(nodes) if place != left_out]


def _coalesced(values: list[exp.Expr]) -> exp.Expr:
    return values[0] if len(values) == 1 else exp.Coalesce(this=values[0], expressions=values[1:])


def _is_order_of_consequence(order: exp.Expr | None) -> bool:
    return order is not None and not isinstance(order.parent, exp.Query)


def _is_mere_row(node: exp.Expr) -> bool:
    """Whether it is the `1` of `exists (select 1 ...)`, which nobody reads."""
    return isinstance(node.parent, exp.Select) and isinstance(node.parent.parent, exp.Exists)


def _other_constant(node: exp.Literal) -> exp.Expr:
    if not node.is_string and "." not in node.this:
        number = int(node.this)
        return exp.Literal.number(number + 1 if number < _SMALL else 2 * number)
    if not node.is_string:
        return exp.Literal.number(f"{node.this}1")
    if node.this.isdigit():
        return exp.Literal.string(str(int(node.this) + 1))
    if _YEAR.match(node.this):
        return exp.Literal.string(_YEAR.sub(lambda year: str(int(year[0]) + 1), node.this, count=1))
    return exp.Literal.string(f"{node.this}?")
