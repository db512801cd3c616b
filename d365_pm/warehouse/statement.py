"""Parsing the statement of an SQL file and holding it to the rules that one file alone can break.

Belongs here: what the text and its syntax tree show. Does not belong here: rules between files (`project.py`) and the
subset of SQL that other engines share (`dialect.py`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlglot import Dialect, exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from d365_pm.warehouse.dialect import find_unportable
from d365_pm.warehouse.errors import ModelError
from d365_pm.warehouse.model import LAYERS, SOURCES, UNION_LAYER, ModelColumn, TableName

DIALECT = "duckdb"
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{")
_TRAILING_COMMENT = re.compile(r"\s*,?[ \t]*--[ \t]*(\S.*)")
_WORD = re.compile(r"[A-Z]{2,}")
_FREE_TEXT = frozenset({TokenType.VAR, TokenType.IDENTIFIER, TokenType.STRING, TokenType.NUMBER})
_SCHEMAS = (*SOURCES, *LAYERS)


@dataclass(frozen=True, slots=True)
class FolderUse:
    """A place that reads a whole folder: the position of its name in the text, and whether an alias follows."""

    start: int
    end: int
    has_alias: bool


@dataclass(frozen=True, slots=True)
class TableUse:
    """A place that reads a table: the position of its name in the text."""

    start: int
    end: int
    table: TableName


@dataclass(frozen=True, slots=True)
class Statement:
    """One checked SELECT."""

    columns: tuple[ModelColumn, ...]
    tables: dict[TableName, int]
    """Tables that it reads, with the line of the first mention."""
    folders: tuple[FolderUse, ...]
    uses: tuple[TableUse, ...]
    """Every place that names a table."""


@lru_cache(maxsize=512)
def parse(text: str, path: Path) -> exp.Query:
    """Parse a text that must be one SELECT; the tree is shared, copy it before changing it.

    Raises:
        ModelError: It is not SQL, not one statement, or not a SELECT.
    """
    dialect = Dialect.get_or_raise(DIALECT)
    try:
        tokens = dialect.tokenize(text)
        _refuse_tokens(tokens, path)
        trees = dialect.parser().parse(tokens, text)
    except TokenError:
        raise ModelError(path, 1, "a quote or a comment is opened and never closed.") from None
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        problem = f"this is not SQL: {first.get('description', error)} (near '{first.get('highlight', '')}')."
        raise ModelError(path, int(first.get("line") or 1), problem) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise ModelError(path, 1, "a model is one SELECT and nothing else.")
    return trees[0]


def read_statement(text: str, path: Path) -> Statement:
    """Parse and check the statement of a file.

    Raises:
        ModelError: The first rule that the file breaks.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if _TEMPLATE.search(line):
            raise ModelError(path, number, "templates are not filled in here; put the rule into a seed and join it.")
    tree = parse(text, path)
    for rule in _RULES:
        for at, problem in rule(tree):
            raise ModelError(path, at, problem)
    folders = tuple(_folder_use(table) for table in _bare_tables(tree) if table.name == UNION_LAYER)
    return Statement(tuple(_columns(tree, text)), _tables(tree), folders, tuple(_table_uses(tree)))


def line_of(node: exp.Expr) -> int:
    """Line of the first name inside a node; 1 where it has none."""
    return next((int(found.meta["line"]) for found in node.find_all(exp.Identifier) if "line" in found.meta), 1)


def _refuse_tokens(tokens: list[Token], path: Path) -> None:
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            raise ModelError(path, token.line, "no semicolons: a model is one statement without an end mark.")
        if token.token_type not in _FREE_TEXT and _WORD.fullmatch(token.text):
            raise ModelError(path, token.line, f"write keywords in lower case: {token.text.lower()}.")


def _stars(tree: exp.Query) -> Iterator[tuple[int, str]]:
    for star in tree.find_all(exp.Star, exp.Columns):
        if not isinstance(star.parent, exp.Count):
            yield line_of(star.parent_select or star), "list the columns instead of *, so that each can be traced."


def _set_operations(tree: exp.Query) -> Iterator[tuple[int, str]]:
    for operation in tree.find_all(exp.SetOperation):
        if operation.args.get("by_name"):
            yield line_of(operation), "no 'union by name', its columns cannot be traced; list them in one order."
    for pivot in tree.find_all(exp.Pivot):
        yield line_of(pivot), "no pivot, its columns cannot be traced; write one expression per column."


def _names(tree: exp.Query) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for number, projection in enumerate(tree.selects, start=1):
        name = projection.output_name
        if not name:
            yield line_of(projection), f"column {number} has no name; write 'as name' behind it."
        if name.lower() in seen:
            yield line_of(projection), f"the column '{name}' is there twice; rename one."
        seen.add(name.lower())


def _table_names(tree: exp.Query) -> Iterator[tuple[int, str]]:
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, (exp.Identifier, exp.GenerateSeries)):
            yield line_of(table), "a table function reads outside the warehouse; read raw, seeds or models."
        if table.catalog or (table.db and table.db not in _SCHEMAS):
            yield line_of(table), f"there is no schema '{table.db}'; the schemas are {', '.join(_SCHEMAS)}."
    for table in _bare_tables(tree):
        if table.name != UNION_LAYER:
            yield line_of(table), f"'{table.name}' needs its schema, such as staging.{table.name}."


def _unportable(tree: exp.Query) -> Iterator[tuple[int, str]]:
    for node, problem in find_unportable(tree):
        yield line_of(node), problem


_RULES: tuple[Callable[[exp.Query], Iterator[tuple[int, str]]], ...] = (
    _stars,
    _set_operations,
    _names,
    _table_names,
    _unportable,
)


def _bare_tables(tree: exp.Query) -> Iterator[exp.Table]:
    nouns = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and not table.db and table.name not in nouns:
            yield table


def _tables(tree: exp.Query) -> dict[TableName, int]:
    tables: dict[TableName, int] = {}
    for table in tree.find_all(exp.Table):
        if table.db:
            tables.setdefault(TableName(table.db, table.name), line_of(table))
    return tables


def _table_uses(tree: exp.Query) -> Iterator[TableUse]:
    for table in tree.find_all(exp.Table):
        if table.db:
            start, end = int(table.args["db"].meta["start"]), int(table.this.meta["end"]) + 1
            yield TableUse(start, end, TableName(table.db, table.name))


def _folder_use(table: exp.Table) -> FolderUse:
    place = table.this.meta
    return FolderUse(int(place["start"]), int(place["end"]) + 1, bool(table.alias))


def _columns(tree: exp.Query, text: str) -> Iterator[ModelColumn]:
    """Each column with the comment that stands on the line of its name.

    The tree's own comments will not do: a remark above the next column counts there as one behind this column.
    """
    for projection in tree.selects:
        identifier = projection.args.get("alias") or projection.this
        end = int(identifier.meta["end"]) + 1
        comment = _TRAILING_COMMENT.match(text, end, text.find("\n", end) if "\n" in text[end:] else len(text))
        yield ModelColumn(projection.output_name, comment[1].strip() if comment else "", int(identifier.meta["line"]))
