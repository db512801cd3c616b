"""The query part of a URL, taken apart: `$select`, `$filter`, `$orderby` and the others.

Belongs here: syntax only. Does not belong here: what the names mean in a table (`query.py`). Names are case-sensitive
and everything outside Dataverse's part of OData is refused (Web API reference 1.1 and 2).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

from d365_pm.sandbox.errors import bad_request, unsupported_option
from d365_pm.sandbox.expand_text import Expansion, names, number, parse_expand

__all__ = ["Expansion", "QueryOptions", "parameters", "parse_expand", "parse_options", "standing_query"]

_SUPPORTED = frozenset(
    {"$select", "$filter", "$orderby", "$top", "$count", "$expand", "$skiptoken", "$deltatoken", "$apply"}
)
_STRING_OR_ALIAS = re.compile(r"('(?:[^']|'')*')|(@\w+)")


@dataclass(frozen=True, slots=True)
class QueryOptions:
    """The options of one request.

    Attributes:
        select: Columns to return; empty for all.
        filter: Condition, aliases resolved.
        order: Order, aliases resolved.
        top: Number of rows.
        has_count: The total was asked for.
        expand: Rows of other tables to put inside.
        skip_token: Paging token exactly as it stands in the URL.
        query_text: The URL's query part without the paging token.
        delta_token: Where to begin with the changes.
        apply: Transformations of `$apply`, aliases resolved.
    """

    select: tuple[str, ...] = ()
    filter: str | None = None
    order: str | None = None
    top: int | None = None
    has_count: bool = False
    expand: tuple[Expansion, ...] = ()
    skip_token: str | None = None
    query_text: str = ""
    delta_token: str | None = None
    apply: str | None = None


def parameters(query: str) -> dict[str, str]:
    """Every parameter of a query, decoded.

    Raises:
        ApiError: A parameter stands twice.
    """
    found: dict[str, str] = {}
    for name, value in _pairs(query):
        if name in found:
            raise bad_request(
                f"Query option '{name}' was specified more than once, but it must be specified at most once."
            )
        found[name] = unquote_plus(value)
    return found


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            yield unquote(name), value


def parse_options(query: str) -> QueryOptions:
    """Read the options of a request for rows.

    Raises:
        ApiError: An option is unknown, unsupported, repeated or malformed.
    """
    found = parameters(query)
    for name in found:
        if name.startswith("$") and name not in _SUPPORTED:
            raise unsupported_option(name)
    parts = [part for part in query.split("&") if part]
    token = next((part.partition("=")[2] for part in parts if unquote(part.partition("=")[0]) == "$skiptoken"), None)
    return QueryOptions(
        select=names(found.get("$select", "")),
        filter=_with_aliases(found.get("$filter"), found),
        order=_with_aliases(found.get("$orderby"), found),
        top=number("$top", found.get("$top")),
        has_count=_flag("$count", found.get("$count")),
        expand=parse_expand(found.get("$expand", "")),
        skip_token=token,
        query_text=_without("$skiptoken", query),
        delta_token=found.get("$deltatoken"),
        apply=_with_aliases(found.get("$apply"), found),
    )


def standing_query(options: QueryOptions) -> str:
    """The query part that every later delta link of a run repeats."""
    return _without("$deltatoken", options.query_text)


def _without(name: str, query: str) -> str:
    return "&".join(part for part in query.split("&") if part and unquote(part.partition("=")[0]) != name)


def _flag(name: str, text: str | None) -> bool:
    if text not in (None, "true", "false"):
        raise bad_request(f"Invalid value '{text}' for {name} query option found. Valid values are 'true' and 'false'.")
    return text == "true"


def _with_aliases(text: str | None, found: Mapping[str, str]) -> str | None:
    """Put the values of parameter aliases into a text."""
    if text is None or "@" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        if match[1]:
            return match[1]
        if match[2] not in found:
            raise bad_request(f"The parameter alias '{match[2]}' has no value.")
        return found[match[2]]

    return _STRING_OR_ALIAS.sub(value, text)
