"""The paging token: the platform's cookie in its layers of encoding (Web API reference 3).

Belongs here: writing and reading it. A token that is not letter for letter what the sandbox would have written is
refused, because clients must use a link verbatim. A switch makes it take one that a client took apart and wrote anew
with the same meaning (`+` for a blank, `%3D` for `=`, as Airbyte's source does), which real servers may well do. Does
not belong here: where the cookie leads (`ordering.py`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote, unquote_plus
from xml.sax.saxutils import escape, unescape

from d365_pm.sandbox.errors import BAD_PAGE, ApiError, bad_request

_OUTER = re.compile(r'<cookie pagenumber="(\d{1,9})" pagingcookie="([^"]*)" istracking="(True|False)" />')
_INNER = re.compile(r'<cookie page="\d+"(?: datatoken="([^"<>]*)")?>(.*)</cookie>', re.DOTALL)
_ELEMENT = re.compile(r'<(\w+) (?:last="([^"]*)"|lastnull="1") (?:first="([^"]*)"|firstnull="1") />')
_QUOTE = {'"': "&quot;"}


@dataclass(frozen=True, slots=True)
class CookieColumn:
    """One order column: its value on the last and on the first row of a page, as text."""

    name: str
    last: str | None
    first: str | None


@dataclass(frozen=True, slots=True)
class PagingToken:
    """Where the next page begins.

    Attributes:
        page: Number of the next page, the first being 1.
        columns: The order columns, the key last.
        tracking: In a run that tracks changes: the delta token of its first page.
    """

    page: int
    columns: tuple[CookieColumn, ...]
    tracking: str | None = None


def write_token(token: PagingToken) -> str:
    """The token as it stands in a URL."""
    elements = "".join(_element(column) for column in token.columns)
    tracking = "" if token.tracking is None else f' datatoken="{token.tracking}"'
    inner = f'<cookie page="{token.page - 1}"{tracking}>{elements}</cookie>'
    cookie = lower_hex(lower_hex(inner))
    outer = f'<cookie pagenumber="{token.page}" pagingcookie="{cookie}" istracking="{token.tracking is not None}" />'
    # The inner cookie is encoded twice already, so its percent signs stay as they are.
    return quote(outer, safe="=%/")


def _element(column: CookieColumn) -> str:
    return f"<{column.name} {_attribute('last', column.last)} {_attribute('first', column.first)} />"


def _attribute(name: str, value: str | None) -> str:
    return f'{name}null="1"' if value is None else f'{name}="{escape(value, _QUOTE)}"'


def lower_hex(text: str) -> str:
    """Percent-encode the way the platform does, with lower-case digits."""
    return re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), quote(text, safe=""))


def read_token(text: str, *, may_be_rewritten: bool) -> PagingToken:
    """Read a token as it stands in a URL.

    Args:
        text: The token, undecoded.
        may_be_rewritten: Take another spelling of the same meaning.

    Raises:
        ApiError: 400, code 0x8004112a, when the token was changed or encoded again.
    """
    told = unquote_plus(text)
    outer = _OUTER.fullmatch(told)
    inner = _INNER.fullmatch(unquote(outer[2])) if outer else None
    if outer is None or inner is None:
        raise _changed()
    columns = tuple(
        CookieColumn(name, _unescaped(last), _unescaped(first)) for name, last, first in _elements(inner[2])
    )
    token = PagingToken(int(outer[1]), columns, inner[1])
    written = write_token(token)
    if written != text and not (may_be_rewritten and unquote(written) == told):
        raise _changed()
    return token


def _elements(text: str) -> Iterator[tuple[str, str | None, str | None]]:
    for match in _ELEMENT.finditer(text):
        yield match[1], match[2], match[3]


def _unescaped(value: str | None) -> str | None:
    return None if value is None else unescape(value, {"&quot;": '"'})


def _changed() -> ApiError:
    return bad_request(
        "The paging cookie in $skiptoken is malformed; use the link of the answer unchanged.", code=BAD_PAGE
    )
