"""One proposed row of a seed, as a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Certainty(StrEnum):
    """How much speaks for a proposal; a person confirms every one of them."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A row that a seed could have.

    Attributes:
        seed: Name of the seed.
        row: Cells by column, as they are written in the file.
        subject: What the row is about, in the words of the environment.
        reason: What speaks for it.
        certainty: How much that is.
    """

    seed: str
    row: Mapping[str, str]
    subject: str
    reason: str
    certainty: Certainty


def as_json(proposals: Iterable[Proposal]) -> list[dict[str, Any]]:
    """Proposals as values that JSON has."""
    return [
        {
            "seed": each.seed,
            "row": dict(each.row),
            "subject": each.subject,
            "reason": each.reason,
            "certainty": each.certainty.value,
        }
        for each in proposals
    ]
