"""Which way a table is read in a run: a window of time, everything, or what has changed since a delta link.

Pure: facts in, a choice out. Cost follows work, so the cheapest way that can miss nothing wins; only a window that
reaches the present may be answered by "what has changed", since a past day may have been asked for to repair it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from d365_pm.lake import LoadKind, RawTable, TableState, Window

OVERLAP = timedelta(hours=1)
"""How far an incremental window reaches back: audit rows become visible late, and rows are dated before they commit."""

WHOLE_AGAIN = timedelta(days=7)
"""How often a table is read whole whose rows are otherwise found by the records that they change with."""

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """What a run wants of a table.

    Attributes:
        window: Span of the window column; None for a table that is read whole.
        history_start: Where the history that this project wants begins; None for everything.
        now: Start of the run.
        is_full: A person asked to read everything again.
    """

    window: Window | None
    history_start: datetime | None
    now: datetime
    is_full: bool = False

    @property
    def reaches_now(self) -> bool:
        """Whether the window has no end before the run."""
        return self.window is None or self.window.end is None or self.window.end > self.now

    @property
    def is_whole_history(self) -> bool:
        """Whether nothing older is wanted."""
        if self.window is None or self.window.start is None:
            return True
        return self.history_start is not None and self.window.start <= self.history_start


@dataclass(frozen=True, slots=True)
class Choice:
    """How a table is read.

    Attributes:
        kind: What the load is to the raw layer.
        window: Span to ask for; None for all rows.
        since: Delta link to go on from, for `LoadKind.DELTA`.
    """

    kind: LoadKind
    window: Window | None = None
    since: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it brings the whole table."""
        if self.kind is LoadKind.WINDOW:
            return self.window is None or self.window.start is None
        return self.kind is LoadKind.BASELINE

    @property
    def label(self) -> str:
        """The choice in a word, for people."""
        if self.kind is LoadKind.DELTA and self.since is None:
            return "rows of records that have changed"
        if self.kind is LoadKind.DELTA:
            return "changes since the last link"
        if self.kind is LoadKind.BASELINE:
            return "everything, with a link for the next run"
        return "everything" if self.window is None else "window"


def choose(
    question: Question,
    table: RawTable,
    state: TableState,
    *,
    fingerprint: str,
    is_tracked: bool,
    changes_with_another: bool = False,
) -> Choice:
    """Choose how to read a table.

    Args:
        question: What the run wants.
        table: The table.
        state: What the raw layer holds of it.
        fingerprint: Of the columns that are read now; a link belongs to the columns that it was made for.
        is_tracked: The environment tracks its changes, and it is small enough to be read in one chain.
        changes_with_another: Its rows have no date, but the records that they belong to do.
    """
    if not question.reaches_now:
        return Choice(LoadKind.WINDOW, question.window)
    if is_tracked and not table.append_only:
        if state.cursor and state.fingerprint == fingerprint and not question.is_full:
            return Choice(LoadKind.DELTA, since=state.cursor)
        if question.is_whole_history:
            return Choice(LoadKind.BASELINE)
    if question.window is None:
        is_recent = state.full_at is not None and question.now - state.full_at < WHOLE_AGAIN
        if changes_with_another and is_recent and state.read_until is not None and not question.is_full:
            return Choice(LoadKind.DELTA, Window(state.read_until - OVERLAP))
        return Choice(LoadKind.WINDOW)
    return Choice(LoadKind.WINDOW, question.window if question.is_full else _unread(question.window, state))


def _unread(window: Window, state: TableState) -> Window:
    """The part of a window that no load has covered yet, and an overlap with what was."""
    wanted_from = window.start or _EVER
    if state.read_from is None or state.read_until is None or wanted_from < state.read_from:
        return window
    start = state.read_until - OVERLAP
    if window.start is not None and window.start >= start:
        return window
    return Window(start, window.end)
