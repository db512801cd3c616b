"""From the text of `$filter` to odata-query's syntax tree.

Belongs here: what Dataverse accepts and odata-query's lexer does not, rewritten before parsing, and syntax errors as
the Web API words them. Does not belong here: meaning (`filters.py`).
"""

import re

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser

from d365_pm.sandbox.errors import bad_request

ESCAPE = "escaped"
"""Namespace put before names that begin like a keyword, which the lexer would cut in two."""

_REWRITTEN = re.compile(
    r"""(?P<string>'(?:[^']|'')*')
      | \[(?P<array>(?:\s*"[^"]*"\s*,?)*)\]
      | \bin\s*\(\s*(?P<single>'(?:[^']|'')*'|[^\s,()']+)\s*\)
      | (?P<name>\b(?:any|all|null|true|false)\w+)""",
    re.VERBOSE | re.IGNORECASE,
)


def parse_filter(text: str) -> ast._Node:
    """Parse a condition.

    Raises:
        ApiError: 400, code 0x80060888.
    """
    try:
        node: ast._Node = ODataParser().parse(ODataLexer().tokenize(_REWRITTEN.sub(_rewrite, text.strip())))
    except (ODataException, AttributeError, NotImplementedError):
        # The parser itself stumbles over calls with three named parameters and over some paths.
        raise bad_request(f"Syntax error in '{text}'.") from None
    return node


def _rewrite(match: re.Match[str]) -> str:
    if match["string"] is not None:
        return match["string"]
    if match["array"] is not None:
        values = [value.replace("'", "''") for value in re.findall(r'"([^"]*)"', match["array"])]
        return "(" + ", ".join(f"'{value}'" for value in values) + (",)" if len(values) == 1 else ")")
    if match["single"] is not None:
        return f"in ({match['single']},)"
    return f"{ESCAPE}.{match['name']}"
