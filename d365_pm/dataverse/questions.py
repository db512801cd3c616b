"""What is asked of one table: the URL of its first page and the preferences that every page repeats.

Links that the server gives are never made here, but two kinds of our own are: the first page of a window, and the
count of what a delta link would bring.
"""

import re
from datetime import datetime

from d365_pm.dataverse.query import Window, both, build_url
from d365_pm.dataverse.shape import TARGET_ANNOTATION, TableShape

VERSION_ANNOTATION = "Microsoft.Dynamics.CRM.globalmetadataversion"
"""Moves with every change of the environment's schema."""

UNORDERED = frozenset({"audit"})
"""Tables whose store is trusted to sort by time only (reference 7.4)."""


def prefer(shape: TableShape, page_size: int, *, is_tracked: bool = False) -> str:
    """The `Prefer` header of every page of a table.

    Never asks for formatted values: they follow the user's language, and a tracked read may lose its deltaLink through
    them (reference 5.1).
    """
    annotations = [TARGET_ANNOTATION[1:]] * shape.needs_targets + [VERSION_ANNOTATION]
    wishes = [
        *(["odata.track-changes"] if is_tracked else []),
        f"odata.maxpagesize={page_size}",
        f'odata.include-annotations="{",".join(annotations)}"',
    ]
    return ",".join(wishes)


def first_url(base: str, shape: TableShape, window: Window | None, *, has_count: bool = False) -> str:
    """URL of the first page.

    Ordered by the window column and the key, because an order with ties can skip rows between pages (reference 3).
    """
    order = [f"{shape.window} asc"] if shape.window else []
    if shape.table.name not in UNORDERED:
        order.append(f"{shape.key} asc")
    where = condition(shape, window)
    return build_url(base, shape.entity_set, select=shape.select, where=where, order=order, has_count=has_count)


def tracked_url(base: str, shape: TableShape) -> str:
    """URL of the first page of a tracked read, which takes no other option (reference 5.1)."""
    return build_url(base, shape.entity_set, select=shape.select)


def condition(shape: TableShape, window: Window | None) -> str | None:
    """The `$filter` for a window of a table, on its own date or on that of the record that it changes with."""
    column = shape.window or shape.table.changed_with
    inside = window.condition(column) if window and column else None
    return both(shape.table.filter, inside)


def changed_count_url(base: str, shape: TableShape, since: str) -> str | None:
    """URL of the number of rows that a delta link would bring; None if the link has no token to ask with.

    The token is taken over byte for byte.
    """
    _, option, token = since.partition("$deltatoken=")
    return f"{base}{shape.entity_set}/$count?{option}{token.partition('&')[0]}" if token else None


def remaining_window(url: str, shape: TableShape, window: Window | None) -> Window | None:
    """The window that one of our own first-page URLs asks for; None for a link of the server.

    Args:
        url: A stored link.
        shape: Table that it reads.
        window: What was asked for when reading began.
    """
    if "$skiptoken=" in url:
        return None
    match = re.search(rf"(?:=|%20){re.escape(str(shape.window))}%20ge%20([0-9T:.-]+Z)", url)
    start = datetime.fromisoformat(match.group(1)) if match else None
    return Window(start, window.end if window else None)
