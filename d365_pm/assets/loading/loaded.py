"""What loading one table has led to: the facts that people see in the UI and in a run's summary."""

from dataclasses import dataclass, field
from datetime import datetime

from d365_pm.lake import Window


@dataclass(frozen=True, slots=True)
class Proof:
    """How we know that a table was read whole.

    Attributes:
        read: Different rows that were read, deleted ones included.
        counted: Rows that the server counts in what was asked for; None where it cannot count.
        recounted: The server's count after reading, asked for when the first one differed.
    """

    read: int
    counted: int | None = None
    recounted: int | None = None

    @property
    def holds(self) -> bool:
        """Whether no row is missing; rows may have come or gone while we read, so both counts are bounds."""
        known = [count for count in (self.counted, self.recounted) if count is not None]
        return not known or self.read >= min(known)


@dataclass(frozen=True, slots=True)
class Loaded:
    """One table that was read whole for its window and committed.

    Attributes:
        name: Table of the raw layer.
        extracted_at: Instant at which its extraction started (UTC).
        rows: Rows that the source returned.
        seconds: Time that reading and writing took.
        window: Span that was asked for; None for a table that is read whole.
        way: How it was read, in words.
        proof: Reconciliation with the server's own count; None where nothing was read.
        deleted: Rows that are known to be deleted since the last load.
        is_whole: The rows are the whole table, not a part or what has changed.
        is_missing: The environment does not have the table.
        missing_columns: Columns that stay null because the environment lacks them.
        newest: Latest value of the window column among the rows, or in the raw layer if none came; None without one.
        remarks: Further facts, by name.
        warnings: Sentences that a person should read.
    """

    name: str
    extracted_at: datetime
    rows: int
    seconds: float
    window: Window | None
    way: str = ""
    proof: Proof | None = None
    deleted: int = 0
    is_whole: bool = False
    is_missing: bool = False
    missing_columns: tuple[str, ...] = ()
    newest: datetime | None = None
    remarks: dict[str, int | str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
