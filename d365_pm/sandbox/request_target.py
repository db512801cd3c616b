"""What a request aims at: which entity set, and which page of a read.

Belongs here: reading path and query for the request log and for scripted faults. Does not belong here: answering.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

TOKEN_ENDPOINT = "token"  # noqa: S105 - the name of an endpoint
"""Stands for the sign-in where an entity set is expected."""

_ENTITY_SET = re.compile(r"[a-z0-9_]+")
_PAGE = re.compile(r'pagenumber="(\d+)"')
_NOT_A_READ = ("$top=", "$apply=")


@dataclass(frozen=True, slots=True)
class Target:
    """What a request aims at.

    Attributes:
        entity_set: First segment of the path without its key; None at the root of the API.
        page: Ordinal of the page within its read, the first being 1; None where the request reads no pages of rows,
            such as one row, a count, an aggregate or a probe with `$top`.
    """

    entity_set: str | None
    page: int | None


def target_of(path: str, query: str) -> Target:
    """Read a request.

    Args:
        path: Path below the version of the API, decoded.
        query: Query part, undecoded.
    """
    first = re.split(r"[(/]", path, maxsplit=1)[0]
    if not first:
        return Target(None, None)
    is_read = first == path and _ENTITY_SET.fullmatch(first) and not any(name in query for name in _NOT_A_READ)
    if not is_read:
        return Target(first, None)
    match = _PAGE.search(unquote(query))
    return Target(first, int(match[1]) if match else 1)
