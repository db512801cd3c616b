"""What the handlers hand back, and the envelopes around rows.

Belongs here: an answer's body and headers, `@odata.context`, counts and links (Web API reference 2.1 and 2.5). Does not
belong here: rows as JSON (`render.py`) and sending (`app.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from d365_pm.sandbox.options import Expansion, QueryOptions
from d365_pm.sandbox.paging import PagingToken, write_token
from d365_pm.sandbox.prefer import METADATA_VERSION, TOTAL_COUNT, TOTAL_COUNT_EXCEEDED, Preferences

JSON = "application/json; odata.metadata=minimal"
COUNT_CEILING = 5000
_DELTA_LINK = "@odata.deltaLink"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        parts: The body, in pieces that need not be copied together.
        media_type: Value of `Content-Type`.
        status: HTTP status.
        headers: Further headers.
    """

    parts: tuple[bytes | memoryview, ...]
    media_type: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeltaLink:
    """Address of later changes, and whether it stands before the rows."""

    url: str
    is_first: bool


def json_answer(value: Mapping[str, Any]) -> Answer:
    """An answer from plain values."""
    return Answer((msgspec.json.encode(value),))


def context(base: str, table_set: str, options: QueryOptions) -> str:
    """`@odata.context` of rows: the set and what was chosen of it."""
    chosen = [*options.select, *(_expanded(expansion) for expansion in options.expand)]
    return f"{base}/$metadata#{table_set}" + (f"({','.join(chosen)})" if chosen else "")


def _expanded(expansion: Expansion) -> str:
    chosen = [*expansion.select, *(_expanded(below) for below in expansion.expand)]
    return f"{expansion.navigation}({','.join(chosen)})"


def collection(
    rows: memoryview,
    *,
    context_url: str,
    preferences: Preferences,
    total: int | None,
    metadata_version: str,
    next_link: str | None,
    delta_link: DeltaLink | None = None,
) -> Answer:
    """The envelope of a collection.

    Args:
        rows: Inside of the `value` array.
        context_url: Value of `@odata.context`.
        preferences: Decides on annotations and is echoed.
        total: Matching rows on all pages, if the request asked for a count.
        metadata_version: Value of the schema annotation.
        next_link: Address of the next page.
        delta_link: Address of the changes from here on.
    """
    head: dict[str, Any] = {"@odata.context": context_url}
    if delta_link is not None and delta_link.is_first:
        head[_DELTA_LINK] = delta_link.url
    if total is not None:
        head["@odata.count"] = min(total, COUNT_CEILING)
    counted = -1 if total is None else min(total, COUNT_CEILING)
    annotations = {
        TOTAL_COUNT: counted,
        TOTAL_COUNT_EXCEEDED: total is not None and total > COUNT_CEILING,
        METADATA_VERSION: metadata_version,
    }
    head |= {f"@{name}": value for name, value in annotations.items() if preferences.wants(name)}
    tail = {} if next_link is None else {"@odata.nextLink": next_link}
    if delta_link is not None and not delta_link.is_first:
        tail[_DELTA_LINK] = delta_link.url
    behind = b"," + msgspec.json.encode(tail)[1:] if tail else b"}"
    parts = (msgspec.json.encode(head)[:-1], b',"value":[', rows, b"]", behind)
    return Answer(parts, headers=applied(preferences))


def applied(preferences: Preferences) -> dict[str, str]:
    """Header that says which preferences were honoured."""
    return {"Preference-Applied": preferences.applied} if preferences.applied else {}


def next_link(path: str, options: QueryOptions, token: PagingToken) -> str:
    """Address of the next page: the request's own query and the token."""
    query = f"{options.query_text}&" if options.query_text else ""
    return f"{path}?{query}$skiptoken={write_token(token)}"


def single(text: str, context_url: str, preferences: Preferences) -> Answer:
    """The envelope of one row."""
    head = msgspec.json.encode({"@odata.context": context_url})[:-1]
    return Answer((head, b",", text[1:].encode()), headers=applied(preferences))


def service_document(base: str, entity_sets: Iterable[str]) -> Answer:
    """The list of entity sets."""
    sets = [{"name": name, "kind": "EntitySet", "url": name} for name in entity_sets]
    return json_answer({"@odata.context": f"{base}/$metadata", "value": sets})
