"""The subset of DuckDB's SQL that Spark SQL answers with the same rows.

Belongs here: constructs that are known to run elsewhere with other rows or not at all, each with what to write instead.
Source: the engine reference, section 3, where every entry was found by comparing rows.
"""

from collections.abc import Callable, Iterator

from sqlglot import exp

_CLOCK = "a result must depend on data only, not on the clock; use staging.as_of"
_CHANCE = "a result must depend on data only, not on chance; use md5 of the row's keys"
_FUNCTIONS = {
    "hash": "every engine hashes differently; use md5",
    "json_each": "use try_cast of the text to a struct and unnest it",
    "json_valid": "use try_cast(… as json) is not null",
    "json_transform": "use try_cast of the text to a struct",
    "try_strptime": "use try_cast of the text to a timestamp",
    "now": "a result must depend on data only; use staging.as_of",
}
_NODES: dict[type[exp.Expr], str] = {
    exp.DateDiff: "date_diff counts boundaries here and elapsed units elsewhere; use epoch_us",
    exp.TimestampDiff: "date_diff counts boundaries here and elapsed units elsewhere; use epoch_us",
    exp.TimeToUnix: "epoch loses its fraction elsewhere; use (epoch_us(b) - epoch_us(a)) // 1000000",
    exp.CurrentDate: _CLOCK,
    exp.CurrentTimestamp: _CLOCK,
    exp.Rand: _CHANCE,
    exp.Uuid: _CHANCE,
    exp.FromJson: "from_json takes another schema elsewhere; use try_cast of the text to a struct",
    exp.PercentileCont: "percentile_cont is approximate elsewhere; use median",
    exp.DayOfWeek: "weeks start on different days elsewhere; use strftime with %u",
    exp.JSONExtract: "'->' gives quoted text elsewhere; use ->>",
    exp.Lambda: "lambdas differ between engines; unnest the list",
    exp.Comprehension: "list comprehensions exist only here; unnest the list",
}


def find_unportable(tree: exp.Query) -> Iterator[tuple[exp.Expr, str]]:
    """Find constructs that another engine would answer differently, each with its remedy."""
    for node in tree.walk():
        if problem := _NODES.get(type(node)):
            yield node, f"{problem}."
        name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        if name in _FUNCTIONS:
            yield node, f"{name}: {_FUNCTIONS[name]}."
        for test in _TESTS:
            if found := test(node):
                yield node, f"{found}."


def _ordered_list(node: exp.Expr) -> str | None:
    if isinstance(node, exp.ArrayAgg) and isinstance(node.this, exp.Order):
        return "the order inside list() is lost elsewhere; use string_agg, or order the rows"
    return None


def _open_window(node: exp.Expr) -> str | None:
    ranks = isinstance(node, exp.Window) and isinstance(node.this, exp.RowNumber)
    if ranks and not node.args.get("order") and not node.args.get("alias"):
        return "row_number() needs an order by, or the numbers are left to chance"
    return None


_TESTS: tuple[Callable[[exp.Expr], str | None], ...] = (_ordered_list, _open_window)
