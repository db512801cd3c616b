"""What a reader made of a fault.

Belongs here: comparing the rows that it brought with the truth. Does not belong here: any reader.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from d365_pm.sandbox.fault_pages import LARGE_ROW_TEXT

_REPLACED = "\N{REPLACEMENT CHARACTER}" * 2
"""What stands where the fault has put NUL and a lone surrogate, which no table can hold."""

_BROKEN = "opaque"
"""What the raw layer says of a payload that is no payload."""

Row = tuple[object, ...]


class Verdict(StrEnum):
    """How a read under a fault has ended."""

    WHOLE = "whole"
    LOUD = "loud"
    SILENT = "SILENT"
    ENDLESS = "ENDLESS"


@dataclass(frozen=True, slots=True)
class Difference:
    """What separates the rows that were brought from the truth.

    Attributes:
        lost: Rows of the truth that are missing.
        doubled: Rows that came more than once.
        wrong: Rows that came with other values, and rows that should not be there.
    """

    lost: int = 0
    doubled: int = 0
    wrong: int = 0

    @property
    def is_none(self) -> bool:
        """The rows are the truth."""
        return self == Difference()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One cell of the matrix.

    Attributes:
        verdict: How it ended.
        difference: From the truth, where the reader claimed to be done.
        message: The error, where there was one.
        is_named: The error names the table.
        heals: The next run without a fault was whole; None where it was not needed.
        fired: How often the fault was played; a cell whose fault was never played proves nothing.
        seconds: Time that it took.
    """

    verdict: Verdict
    difference: Difference = Difference()
    message: str = ""
    is_named: bool = True
    heals: bool | None = None
    fired: int = 0
    seconds: float = 0.0


def compare(
    truth: Mapping[object, Row], found: Iterable[tuple[object, Row]], *, payload: int | None = None
) -> Difference:
    """Compare rows by key and by every column.

    Args:
        truth: Rows by key.
        found: Keys and rows as they were brought.
        payload: Place of the column that says whether a changed payload could be read; a fault inside the payload's
            text breaks it, and saying so is the truth then.
    """
    brought = list(found)
    counts = Counter(key for key, _ in brought)
    wrong = sum(not _is_right(truth.get(key), row, payload) for key, row in dict(brought).items())
    return Difference(
        lost=len(truth.keys() - counts.keys()),
        doubled=sum(count - 1 for count in counts.values()),
        wrong=wrong,
    )


def _is_right(truth: Row | None, row: Row, payload: int | None) -> bool:
    plain = tuple(map(_without_fault, row))
    if truth is None or payload is None or plain == row:
        return truth == plain
    return plain == (*truth[:payload], _BROKEN, *truth[payload + 1 :])


def _without_fault(value: object) -> object:
    """The value before the fault made its text longer or odd."""
    if isinstance(value, str):
        return value.removesuffix(LARGE_ROW_TEXT).removeprefix(_REPLACED)
    return value
