"""How one audited value is written, whichever way it came: the encoding of `changedata` (reference 7.3).

Belongs here: single values. Does not belong here: which values a row holds (`notation.py`).
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

LIMIT = 4900
"""Bytes from which a text that ends in an ellipsis was cut by the store, whose limit is given as about 5,000."""

_LONGEST = 5000
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_SLASHES = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})(?: (\d\d?):(\d\d):(\d\d))?")
_TRUTH = {"true": "True", "false": "False"}

Writer = Callable[[str], str]
"""Brings a value's text into the common form; raises ValueError for a text that is no value of its type."""


def plain(value: Any) -> str | None:
    """The text of a JSON value; null stays null."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, Decimal):
        return number(str(value))
    if isinstance(value, (bool, int)):
        return str(value)
    return msgspec.json.encode(value, order="sorted").decode()


def moment(value: str) -> str:
    """An instant as ISO text with `Z`; a day alone begins at midnight; without a zone, UTC is meant."""
    if len(value) == 20 and value[10] == "T" and value[19] == "Z":
        return value
    slashes = _SLASHES.fullmatch(value)
    if slashes:
        month, day, year, hour, minute, second = (int(part or 0) for part in slashes.groups())
        found = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    else:
        found = datetime.fromisoformat(value)
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return found.isoformat().replace("+00:00", "Z")


def number(value: str) -> str:
    """A decimal number without exponent and idle zeros."""
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise ValueError("This is no number.") from None
    if not found.is_finite():
        raise ValueError("This is no finite number.")
    text = f"{found:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def option(value: str) -> str:
    """The code of an option; environments that keep labels write `1:Label`."""
    if value.isdecimal():
        return value
    code = value.partition(":")[0]
    int(code)
    return code


def flag(value: str) -> str:
    """`True` or `False`."""
    try:
        return _TRUTH[value.lower()]
    except KeyError:
        raise ValueError("This is no truth value.") from None


def lookup(value: str) -> str:
    """`table,guid`, in lower case and without braces."""
    return value.lower().replace("{", "").replace("}", "")


def text(value: str) -> str:
    """A text; if the store cut it, cut at one place for all routes and ended by one kind of ellipsis."""
    value = value.replace("\0", "\N{REPLACEMENT CHARACTER}") if "\0" in value else value
    if not is_cut(value):
        return value
    return value.removesuffix(_ELLIPSIS).removesuffix("...")[:LIMIT] + _ELLIPSIS


def is_cut(value: str | None) -> bool:
    """Whether the store kept only the beginning of this text."""
    # A character has four bytes at most.
    if value is None or len(value) < LIMIT // 4:
        return False
    return len(value) > _LONGEST or (value.endswith((_ELLIPSIS, "...")) and len(value.encode()) >= LIMIT)


WRITERS: dict[str, Writer] = {
    "Boolean": flag,
    "Customer": lookup,
    "DateTime": moment,
    "Decimal": number,
    "Double": number,
    "Lookup": lookup,
    "Money": number,
    "Owner": lookup,
    "Picklist": option,
    "State": option,
    "Status": option,
}
"""By Dataverse's attribute type; every other type is text."""
