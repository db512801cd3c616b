"""The `Prefer` header: what a request asks for beyond its URL, and what of it was honoured.

Source: Web API reference 1.2, 3 and 4.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from d365_pm.sandbox.errors import bad_request

FORMATTED_VALUE = "OData.Community.Display.V1.FormattedValue"
LOOKUP_TABLE = "Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"
TOTAL_COUNT = "Microsoft.Dynamics.CRM.totalrecordcount"
TOTAL_COUNT_EXCEEDED = "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"
METADATA_VERSION = "Microsoft.Dynamics.CRM.globalmetadataversion"

LARGEST_PAGE = 5000
_PREFERENCE = re.compile(r'\s*([\w.\-]+)\s*(?:=\s*("[^"]*"|[^,;]*))?\s*(?:,|;|$)')


@dataclass(frozen=True, slots=True)
class Preferences:
    """The preferences of a request that the sandbox honours.

    Attributes:
        page_size: Rows per page, at most 5,000; None when the request did not ask.
        annotations: Wanted annotations, each a name or a prefix ending in `*`.
        tracks_changes: The request wants a delta link at the end.
        applied: Text of `Preference-Applied`; empty when nothing was honoured.
    """

    page_size: int | None = None
    annotations: tuple[str, ...] = ()
    applied: str = ""
    tracks_changes: bool = False

    def wants(self, annotation: str) -> bool:
        """The request asked for this annotation."""
        return any(_matches(pattern, annotation) for pattern in self.annotations)


def _matches(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def parse_preferences(headers: Sequence[str]) -> Preferences:
    """Read every `Prefer` line; unknown preferences are dropped silently.

    Raises:
        ApiError: The page size is not a positive number.
    """
    page_size: int | None = None
    annotations: tuple[str, ...] = ()
    applied: list[str] = []
    tracks_changes = False
    for name, value in _preferences(headers):
        if name == "odata.maxpagesize":
            page_size = min(_page_size(value), LARGEST_PAGE)
            applied.append(f"odata.maxpagesize={page_size}")
        elif name == "odata.include-annotations":
            annotations = tuple(part.strip() for part in value.split(",") if part.strip())
            applied.append(f'odata.include-annotations="{value}"')
        elif name == "odata.track-changes":
            tracks_changes = True
            applied.append(name)
    return Preferences(page_size, annotations, ",".join(applied), tracks_changes)


def _preferences(headers: Sequence[str]) -> list[tuple[str, str]]:
    return [
        (match[1].lower(), (match[2] or "").strip().strip('"'))
        for line in headers
        for match in _PREFERENCE.finditer(line)
        if match[1]
    ]


def _page_size(value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise bad_request("Invalid value for preference odata.maxpagesize: it must be a positive integer.")
    return int(value)
