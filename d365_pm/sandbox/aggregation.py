"""`$apply`: filtering, grouping and aggregating (Web API reference 2.5).

Belongs here: the transformations that the platform knows, their limit and their answer. Distinct counts, groups by date
and an order of the results are none of them; results leave out what is null.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from d365_pm.sandbox.answers import Answer, applied
from d365_pm.sandbox.call import Call
from d365_pm.sandbox.errors import bad_request, unsupported_option
from d365_pm.sandbox.filters import compile_filter
from d365_pm.sandbox.navigation import SingleNavigation, find_navigation
from d365_pm.sandbox.operands import resolve
from d365_pm.sandbox.options import QueryOptions
from d365_pm.sandbox.schema import AttributeType
from d365_pm.sandbox.stored import StoredTable

if TYPE_CHECKING:
    from d365_pm.sandbox.environment import Environment

TOO_MANY_ROWS = "0x8004e023"
LARGEST_AGGREGATE = 50_000
_STEP = re.compile(r"\s*(filter|groupby|aggregate)\((.*)\)\s*", re.DOTALL)
_GROUPS = re.compile(r"\s*\(([^()]*)\)\s*(?:,\s*aggregate\((.*)\)\s*)?", re.DOTALL)
_TERM = re.compile(r"\s*(?:(\$count)|([\w/]+)\s+with\s+(\w+))\s+as\s+(\w+)\s*")
_TOKEN = re.compile(r"'(?:[^']|'')*'|[()/,]")
_SUMMABLE = frozenset({AttributeType.INTEGER, AttributeType.BIG_INTEGER, AttributeType.DECIMAL, AttributeType.DOUBLE})
_encoder = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class _Steps:
    """What `$apply` asks for.

    Attributes:
        conditions: Texts of the filters, all of which must hold.
        groups: Paths of the columns to group by.
        terms: Texts of the aggregations.
    """

    conditions: tuple[str, ...]
    groups: tuple[str, ...]
    terms: tuple[str, ...]


def aggregate(environment: "Environment", call: Call, table: StoredTable, options: QueryOptions) -> Answer:
    """Answer a request with `$apply`.

    Raises:
        ApiError: A transformation that the platform does not know, or more than 50,000 rows to aggregate.
    """
    for name, value in (("$orderby", options.order), ("$filter", options.filter), ("$top", options.top)):
        if value is not None:
            raise unsupported_option(name)
    steps = _parse(options.apply or "")
    # Lazy, since a count needs no other column than those of its conditions.
    rows = table.rows.lazy()
    for condition in steps.conditions:
        rows = rows.filter(compile_filter(environment, table, condition))
    if rows.select(pl.len()).collect().item() > LARGEST_AGGREGATE:
        message = "AggregateQueryRecordLimit exceeded. Cannot perform this operation."
        raise bad_request(message, code=TOO_MANY_ROWS)
    found = _carried_out(environment, table, rows, steps)
    shown = [{name: value for name, value in row.items() if value is not None} for row in found.iter_rows(named=True)]
    head = {"@odata.context": f"{call.base}/$metadata#{table.definition.entity_set}", "value": shown}
    return Answer((_encoder.encode(head),), headers=applied(call.preferences))


def _carried_out(environment: "Environment", table: StoredTable, rows: pl.LazyFrame, steps: _Steps) -> pl.DataFrame:
    terms = [_term(environment, table, text) for text in steps.terms]
    if not steps.groups:
        return rows.select(terms).collect()
    groups = [_group(environment, table, path) for path in steps.groups]
    return rows.collect().group_by(groups, maintain_order=True).agg(terms)


def _group(environment: "Environment", table: StoredTable, path: str) -> pl.Expr:
    operand = resolve(environment, table, path.split("/"))
    if operand.column.type is AttributeType.DATE_TIME:
        raise bad_request(f"The date column '{path}' cannot be grouped by.")
    return operand.values.alias(_group_name(table, path))


def _group_name(table: StoredTable, path: str) -> str:
    """A column keeps its name; one behind a lookup is called after the table that it belongs to."""
    name, _, rest = path.partition("/")
    navigation = find_navigation(table.definition, name) if rest else None
    return f"{navigation.targets[0]}_{rest}" if isinstance(navigation, SingleNavigation) else name


def _term(environment: "Environment", table: StoredTable, text: str) -> pl.Expr:
    match = _TERM.fullmatch(text)
    if match is None:
        raise bad_request(f"Syntax error in '{text.strip()}' of $apply.")
    if match[1]:
        return pl.len().alias(match[4])
    operand = resolve(environment, table, match[2].split("/"))
    kind, method = operand.column.type, match[3]
    is_date = kind is AttributeType.DATE_TIME
    if kind not in _SUMMABLE and not (is_date and method in ("min", "max")):
        raise bad_request(f"The column '{match[2]}' cannot be aggregated with {method}.")
    methods = {"sum": pl.Expr.sum, "average": pl.Expr.mean, "min": pl.Expr.min, "max": pl.Expr.max}
    if method not in methods:
        raise bad_request(f"The aggregation method '{method}' is not supported.")
    some = operand.values.count() > 0
    return pl.when(some).then(methods[method](operand.values)).alias(match[4])


def _parse(text: str) -> _Steps:
    conditions: list[str] = []
    groups: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    for step in _split(text, "/"):
        match = _STEP.fullmatch(step)
        if match is None or groups or terms:
            raise bad_request(f"Syntax error in '{step.strip()}' of $apply.")
        if match[1] == "filter":
            conditions.append(match[2])
        elif match[1] == "aggregate":
            terms = tuple(_split(match[2], ","))
        elif (grouping := _GROUPS.fullmatch(match[2])) is not None:
            groups = tuple(name.strip() for name in grouping[1].split(","))
            terms = tuple(_split(grouping[2], ",")) if grouping[2] else ()
        else:
            raise bad_request(f"Syntax error in '{step.strip()}' of $apply.")
    if not groups and not terms:
        raise bad_request("$apply needs an aggregate or a groupby transformation.")
    return _Steps(tuple(conditions), groups, terms)


def _split(text: str, separator: str) -> Iterator[str]:
    """Split outside of strings and parentheses."""
    depth, start = 0, 0
    for match in _TOKEN.finditer(text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if match[0] == separator and depth == 0:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]
