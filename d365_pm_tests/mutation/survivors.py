"""Survivors that are known, each with the reason why no test kills it.

Belongs here: reading `survivors.csv`. A line names its mutant by what it changes, not by its line in the file, so that
it stays true as long as the expression does.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from d365_pm_tests.mutation.mutant import Mutant

FILE = Path(__file__).with_name("survivors.csv")


class Kind(StrEnum):
    """Why nobody kills a mutant."""

    EQUIVALENT = "equivalent"
    """It gives the same rows whatever the platform writes: no test can tell it."""
    OPEN = "open"
    """Some rows would tell it, and no test has them."""


@dataclass(frozen=True)
class Reason:
    """Why a mutant survives."""

    kind: Kind
    text: str


def known(file: Path = FILE) -> Mapping[tuple[str, str, str, str], Reason]:
    """Known survivors by what names a mutant (`Mutant.key`)."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            (line["model"], line["place"], line["before"], line["after"]): Reason(Kind(line["kind"]), line["reason"])
            for line in csv.DictReader(lines)
        }


def reason_of(mutant: Mutant, reasons: Mapping[tuple[str, str, str, str], Reason]) -> Reason | None:
    """Why this mutant survives, if that is known."""
    return reasons.get(mutant.key)
