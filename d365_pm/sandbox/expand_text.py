"""The text of `$expand`, taken apart.

Belongs here: syntax only. Does not belong here: the other options (`options.py`) and the rows that are put inside
(`expansion.py`). Source: Web API reference 2.4.
"""

import re
from dataclasses import dataclass

from d365_pm.sandbox.errors import bad_request, unsupported_option

_EXPAND_OPTIONS = frozenset({"$select", "$filter", "$orderby", "$top", "$expand"})
_LARGEST_EXPAND = 15
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
        select=names(options.get("$select", "")),
        filter=options.get("$filter"),
        order=options.get("$orderby"),
        top=number("$top", options.get("$top")),
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


def names(text: str) -> tuple[str, ...]:
    """Names of a comma list, each once; empty for all."""
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    return () if found == ("*",) else tuple(dict.fromkeys(found))


def number(name: str, text: str | None) -> int | None:
    """A whole number that is not negative.

    Raises:
        ApiError: The text is something else.
    """
    if text is None:
        return None
    if not text.strip().isdigit():
        raise bad_request(f"Invalid value '{text}' for {name} query option found. It must be a non-negative integer.")
    return int(text)
