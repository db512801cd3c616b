"""What is kept with the last durable page of a stream, so that an interrupted load goes on where it stopped."""

from typing import Self

import msgspec

from d365_pm.lake import Stream


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a stream stands.

    Attributes:
        next_link: Link to the next page; None before the first and after the last page.
        delta_link: Link for the next run, from the last page of a tracked read.
        counted: Rows that the server counted when the stream began.
        uncounted: Rows so far that the load does not hold: deleted ones, and those older than the wanted history.
        is_done: The last page is durable.
    """

    next_link: str | None = None
    delta_link: str | None = None
    counted: int | None = None
    uncounted: int = 0
    is_done: bool = False

    @classmethod
    def of(cls, stream: Stream) -> Self:
        """The mark of a stream; that of a fresh one says nothing."""
        return msgspec.json.decode(stream.cursor, type=cls) if stream.cursor else cls()

    def text(self) -> str:
        """As the raw layer keeps it."""
        return msgspec.json.encode(self).decode()
