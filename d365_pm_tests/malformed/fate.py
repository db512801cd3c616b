"""What became of malformed rows."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """What may become of a row."""

    ACCEPTED = "accepted"
    LISTED = "listed with a reason"
    REFUSED = "refused with an error"
    LOST = "LOST"
    """It ended in a way that nobody foresaw: an exception of another kind, or no trace where one was due."""


@dataclass(slots=True)
class Fates:
    """Fates by kind of malformation, and what went wrong.

    Attributes:
        counts: Rows by way, kind and fate.
        faults: Sentences about rows whose fate is not the one that it has to be; empty if all is well.
    """

    counts: Counter[tuple[str, str, Fate]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def note(self, way: str, kind: str, fate: Fate, *, fault: str | None = None) -> None:
        """Count a row; a fault is a sentence about what should have become of it."""
        self.counts[way, kind, Fate.LOST if fault else fate] += 1
        if fault:
            self.faults.append(f"{way}, {kind}: {fault}")

    @property
    def total(self) -> int:
        """Rows that were sent."""
        return self.counts.total()
