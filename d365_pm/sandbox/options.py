"""The query part of a URL, taken apart: `$select`, `$filter`, `$orderby`, `$top`, `$count`, `$expand`, `$skiptoken`.

Belongs here: syntax only. Does not belong here: what the names mean in a table (`query.py`). Names are case-sensitive
and everything outside Dataverse's part of OData is refused (Web API reference 1.1 and 2).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

from d365_pm.sandbox.errors import bad_request, unsupported_option

_SUPPORTED = frozenset({"$select", "$filter", "$orderby", "$top", "$count", "$expand", "$skiptoken"})
_EXPAND_OPTIONS = frozenset({"$select", "$filter", "$orderby", "$top", "$expand"})
_LARGEST_EXPAND = 15
_STRING_OR_ALIAS = re.compile(r"('(?:[^']|'')*')|(@\w+)")
_OPENING_OR_STRING = re.compile(r"'(?:[^']|'')*'|[(),;]")


@dataclass(frozen=True, slots=True)
class Expansion:
    """One item of `$expand`.

    Attributes:
        navigation: Name of the navigation property, as written.
        select: Columns to return; empty for all.
        filter: Condition on a collection's rows.
        order: Order of a collection's rows.
        top: Number of a collection's rows.
        expand: Items below this one.
        is_reference: Written with `/$ref`.
    """

    navigation: str
    select: tuple[str, ...] = ()
    filter: str | None = None
    order: str | None = None
    top: int | None = None
    expand: tuple["Expansion", ...] = ()
    is_reference: bool = False


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
    """

    select: tuple[str, ...] = ()
    filter: str | None = None
    order: str | None = None
    top: int | None = None
    has_count: bool = False
    expand: tuple[Expansion, ...] = ()
    skip_token: str | None = None
    query_text: str = ""


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
        select=_names(found.get("$select", "")),
        filter=_with_aliases(found.get("$filter"), found),
        order=_with_aliases(found.get("$orderby"), found),
        top=_number("$top", found.get("$top")),
        has_count=_flag("$count", found.get("$count")),
        expand=parse_expand(found.get("$expand", "")),
        skip_token=token,
        query_text="&".join(part for part in parts if unquote(part.partition("=")[0]) != "$skiptoken"),
    )


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    return () if names == ("*",) else tuple(dict.fromkeys(names))


def _number(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not text.strip().isdigit():
        raise bad_request(f"Invalid value '{text}' for {name} query option found. It must be a non-negative integer.")
    return int(text)


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


def parse_expand(text: str) -> tuple[Expansion, ...]:
    """Read `$expand`, options in parentheses included.

    Raises:
        ApiError: Too many items, an unsupported option or unbalanced parentheses.
    """
    items = tuple(_expansion(item) for item in _split(text, ",") if item.strip())
    if sum(_size(item) for item in items) > _LARGEST_EXPAND:
        raise bad_request(f"Number of $expand options cannot exceed {_LARGEST_EXPAND}.")
    return items


def _size(item: Expansion) -> int:
    return 1 + sum(_size(below) for below in item.expand)


def _expansion(text: str) -> Expansion:
    name, opening, rest = text.strip().partition("(")
    if opening and not rest.endswith(")"):
        raise bad_request(f"Found an unbalanced bracket expression at position {len(name)} in '$expand'.")
    options = dict(part.strip().partition("=")[::2] for part in _split(rest[:-1], ";") if part.strip())
    for option in options:
        if option not in _EXPAND_OPTIONS:
            raise unsupported_option(option)
    path, _, suffix = name.strip().partition("/")
    return Expansion(
        navigation=path,
        select=_names(options.get("$select", "")),
        filter=options.get("$filter"),
        order=options.get("$orderby"),
        top=_number("$top", options.get("$top")),
        expand=parse_expand(options.get("$expand", "")),
        is_reference=suffix == "$ref",
    )


def _split(text: str, separator: str) -> list[str]:
    """Split outside of strings and parentheses."""
    parts, depth, start = [], 0, 0
    for match in _OPENING_OR_STRING.finditer(text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if match[0] == separator and depth == 0:
            parts.append(text[start : match.start()])
            start = match.end()
    if depth:
        raise bad_request(f"Found an unbalanced bracket expression at position {start} in '$expand'.")
    return [*parts, text[start:]]
