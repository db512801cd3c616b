"""What is known of one audit row's values: the text for the raw column `changedata`, and how whole it is."""

from enum import StrEnum
from typing import NamedTuple


class Payload(StrEnum):
    """How whole the old and new values of an audit row are; the raw column `_payload`."""

    PARSED = "parsed"
    """Every value is there, in the canonical form."""
    TRUNCATED = "truncated"
    """In the canonical form, but a value was cut, could not be rendered, or belongs to a deleted column."""
    OPAQUE = "opaque"
    """Something else than changed columns (a link, a share, a legacy text); kept as it came."""
    UNAVAILABLE = "unavailable"
    """The row is listed, but the store no longer finds what it recorded."""
    NONE = "none"
    """The row records no values, as the switches of auditing do."""


class Entry(NamedTuple):
    """The values of one audit row.

    Attributes:
        text: Canonical JSON, or what came instead; None if there is nothing.
        payload: How whole it is.
        unread: Values that do not look like their column's type, kept as they came.
        removed: Columns with changes that have since been deleted from the table.
    """

    text: str | None
    payload: Payload
    unread: int = 0
    removed: int = 0


NOTHING = Entry(None, Payload.NONE)
GONE = Entry(None, Payload.UNAVAILABLE)
