"""Faults inside a page of rows: wrong links, wrong rows, wrong order, odd text.

Belongs here: from a right page to a wrong one. Does not belong here: whose turn it is (`faults.py`). Rows are moved as
they stand, so that what is not meant to differ does not.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

import msgspec

from d365_pm.sandbox.answers import Answer
from d365_pm.sandbox.faults import FaultKind

NEXT = "@odata.nextLink"
DELTA = "@odata.deltaLink"
LARGE_ROW_TEXT = "x" * 5_000_000
BAD_TEXT = "\\u0000\\ud800"
_TEXT_COLUMNS = ("title", "subject", "changedata", "name", "description", "fullname", "changedata")
_FOREIGN_HOST = "https://elsewhere.example.test"
_PAGE_NUMBER = re.compile(r"(pagenumber=(?:%22|\"))(\d+)")

_Members = dict[str, msgspec.Raw]


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a fault must know of a page: whether it ends its read, and how."""

    is_last: bool
    ends: bool


def page_facts(answer: Answer) -> PageFacts:
    """Look into an answer; anything but a collection is no last page."""
    if answer.status != 200 or not answer.media_type.startswith("application/json"):
        return PageFacts(is_last=False, ends=False)
    members = _members(answer)
    return PageFacts(is_last="value" in members and NEXT not in members, ends=DELTA in members)


class PageFaults:
    """Alters pages, and serves the invented links that it has given out."""

    def __init__(self) -> None:
        self._invented: dict[tuple[str, str], Answer] = {}
        self._lock = threading.Lock()

    def invented(self, path: str, query: str) -> Answer | None:
        """The page behind an invented link; None for any other request."""
        if not self._invented:
            return None
        with self._lock:
            return self._invented.get((path, query))

    def altered(self, kind: FaultKind, answer: Answer, read: "Read") -> Answer:
        """The page with the fault in it; unchanged for kinds of another sort."""
        match kind:
            case FaultKind.CUT_JSON:
                body = b"".join(answer.parts)
                return replace(answer, parts=(body[: len(body) // 2],))
            case FaultKind.WRONG_TYPE:
                return replace(answer, media_type="text/plain")
            case FaultKind.MISSING_DELTA_LINK:
                members = _members(answer)
                return _encoded(answer, {name: value for name, value in members.items() if name != DELTA})
            case FaultKind.LARGE_ROW | FaultKind.BAD_TEXT:
                return _with_odd_text(answer, _members(answer), kind)
        return self._led_astray(kind, answer, read)

    def _led_astray(self, kind: FaultKind, answer: Answer, read: "Read") -> Answer:
        """The page as part of a wrong chain."""
        members = _members(answer)
        link, own = _text(members.get(NEXT)), f"{read.address}?{read.query}"
        match kind:
            case FaultKind.REPEATED_LINK:
                return _with_link(answer, members, own)
            case FaultKind.FOREIGN_LINK:
                return _with_link(answer, members, _elsewhere(link or own))
            case FaultKind.LOST_LINK:
                return _with_link(answer, members, None)
            case FaultKind.DUPLICATE_PAGE:
                return _with_link(answer, members, self._invent(read, answer))
            case FaultKind.SKIPPED_PAGE:
                return read.follow(link) if link else _with_rows(answer, members, [])
            case FaultKind.OUT_OF_ORDER:
                return self._swapped(answer, members, link, read)
        return answer

    def _swapped(self, answer: Answer, members: _Members, link: str | None, read: "Read") -> Answer:
        if link is None:
            return _with_rows(answer, members, _rows(members)[::-1])
        after = read.follow(link)
        following = _members(after)
        late = _with_rows(after, following, _rows(members))
        return _with_link(answer, following, self._invent(read, late))

    def _invent(self, read: "Read", answer: Answer) -> str:
        """A link that looks like the next page's and leads to the given answer."""
        query, found = _PAGE_NUMBER.subn(lambda match: f"{match[1]}{int(match[2]) + 1}", read.query, count=1)
        if not found:
            token = quote('<cookie pagenumber="2" pagingcookie="" istracking="False" />', safe="=%/")
            query = f"{read.query}&$skiptoken={token}" if read.query else f"$skiptoken={token}"
        with self._lock:
            self._invented[read.path, query] = answer
        return f"{read.address}?{query}"


@dataclass(frozen=True, slots=True)
class Read:
    """One request of a read.

    Attributes:
        path: Path below the version of the API.
        query: Its query.
        address: Absolute address without the query.
        follow: The right answer behind a link of this read.
    """

    path: str
    query: str
    address: str
    follow: Callable[[str], Answer]


def _members(answer: Answer) -> _Members:
    try:
        return msgspec.json.decode(b"".join(answer.parts), type=_Members)
    except msgspec.DecodeError:
        return {}


def _text(raw: msgspec.Raw | None) -> str | None:
    return None if raw is None else msgspec.json.decode(raw, type=str)


def _rows(members: _Members) -> list[msgspec.Raw]:
    return msgspec.json.decode(members["value"], type=list[msgspec.Raw])


def _encoded(answer: Answer, members: _Members) -> Answer:
    return replace(answer, parts=(msgspec.json.encode(members),))


def _with_rows(answer: Answer, members: _Members, rows: list[msgspec.Raw]) -> Answer:
    return _encoded(answer, {**members, "value": msgspec.Raw(msgspec.json.encode(rows))})


def _with_link(answer: Answer, members: _Members, link: str | None) -> Answer:
    kept = {name: value for name, value in members.items() if name != NEXT}
    return _encoded(answer, kept if link is None else kept | {NEXT: msgspec.Raw(msgspec.json.encode(link))})


def _elsewhere(link: str) -> str:
    parts = urlsplit(link)
    return link.replace(f"{parts.scheme}://{parts.netloc}", _FOREIGN_HOST, 1)


def _with_odd_text(answer: Answer, members: _Members, kind: FaultKind) -> Answer:
    rows = _rows(members)
    if not rows:
        return answer
    row = msgspec.json.decode(rows[0], type=_Members)
    name = next((name for name in _TEXT_COLUMNS if name in row), None)
    if name is None:
        return answer
    raw = bytes(row[name])
    inside = raw[1:-1].decode() if raw.startswith(b'"') else ""
    text = inside + LARGE_ROW_TEXT if kind is FaultKind.LARGE_ROW else BAD_TEXT + inside
    rows[0] = msgspec.Raw(msgspec.json.encode({**row, name: msgspec.Raw(f'"{text}"'.encode())}))
    return _with_rows(answer, members, rows)
