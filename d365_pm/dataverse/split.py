"""Cutting a window whose answer may not be whole.

The audit store may ignore the page size, give no link and stop at its limit (reference 7.4): then nothing in the
answer tells whether rows are missing. Any other table that ends exactly at the limit looks like one whose link is lost.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from d365_pm.dataverse.errors import ProtocolError
from d365_pm.dataverse.query import Window
from d365_pm.dataverse.shape import TableShape
from d365_pm.dataverse.typed import TypedPage

SERVER_LIMIT = 5000
"""Rows at which the server ends an answer."""


def is_suspicious(page: TypedPage, shape: TableShape) -> bool:
    """Whether a first page is so long that it should have a link to another one."""
    if page.total == page.rows.num_rows:
        return False
    return page.next_link is None and page.rows.num_rows >= SERVER_LIMIT and shape.window is not None


def parts(table: pa.Table, window: Window, shape: TableShape) -> Iterator[Window]:
    """Windows that together are the given one, all but the last short enough for one answer.

    A store that stops at its limit is cut once, and the last part is cut again when it is read; one that sends all its
    rows is cut everywhere at once, so that no row comes more than twice. Only the places of the cuts are taken from
    the answer; each part is read anew, because the store is finer than the whole seconds that it shows, and only the
    server can say on which side of a cut a row lies.

    Args:
        table: Decoded rows of the answer that may not be whole.
        window: What was asked for.
        shape: Table that was read.

    Raises:
        ProtocolError: One second alone fills an answer.
    """
    moments = _seconds(table, shape)
    first, start = 0, window.start
    while len(moments) - first >= SERVER_LIMIT:
        cut = moments[first + SERVER_LIMIT - 1]
        if cut == moments[first] or not _inside(cut, window):
            break
        yield Window(start, cut)
        first, start = bisect_left(moments, cut), cut
    if first == 0:
        raise _crowded(moments)
    yield Window(start, window.end)


def _crowded(moments: list[datetime]) -> ProtocolError:
    second = moments[SERVER_LIMIT - 1]
    return ProtocolError(
        f"The second {second:%Y-%m-%d %H:%M:%S} UTC holds {moments.count(second)} rows and the server gives no further "
        "page: it cannot be read whole."
    )


def _seconds(table: pa.Table, shape: TableShape) -> list[datetime]:
    values = pc.drop_null(table.column(str(shape.table.window)))
    if len(values) < len(table):
        raise ProtocolError(f"Rows without {shape.table.window} cannot be read by windows.")
    return sorted(moment.replace(microsecond=0) for moment in values.to_pylist())


def _inside(cut: datetime, window: Window) -> bool:
    return (window.start is None or cut > window.start) and (window.end is None or cut < window.end)
