"""Which evidence each activity and attribute needs, read from `sources.csv`.

The file is the whole truth about it, so that an analyst can maintain it without Python: one line is one way to obtain
one part of an activity or attribute, the best way first. Columns of the file:

* `subject`: an activity code or an attribute of the event log;
* `part`: what is obtained; a subject with a lost part is partial, one with all parts lost is impossible;
* `rule`: rule ids, or the section, of the event-log semantics;
* `standing`: `main` gives the part whole; `fallback` gives less, in the order of the lines; `extra` adds to the subject
  where the environment has the table; `bonus` is never missed;
* `needs`: all that must be there, as `table.column`, `audit:table.column` (its changes are recorded), `audit:table`,
  `rule:seed` (the organisation has configured it) and `@seed` for the columns that a seed names;
* `tells`: what the main way gives, or what is left, and lost, when a fall-back has to do.

Source: event-log semantics, sections 2 and 3.
"""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Standing(StrEnum):
    """How much a way is worth."""

    MAIN = "main"
    FALLBACK = "fallback"
    EXTRA = "extra"
    BONUS = "bonus"


@dataclass(frozen=True, slots=True)
class Source:
    """One line of the file."""

    subject: str
    part: str
    rule: str
    standing: Standing
    needs: tuple[str, ...]
    tells: str


@cache
def load_sources() -> tuple[Source, ...]:
    """Every line of `sources.csv`, in its order."""
    text = (files(__package__) / "sources.csv").read_text(encoding="utf-8")
    return tuple(_source(line) for line in csv.DictReader(text.splitlines(), strict=True))


def subjects() -> dict[str, tuple[Source, ...]]:
    """The lines by subject, in the order of the file."""
    found: dict[str, list[Source]] = {}
    for source in load_sources():
        found.setdefault(source.subject, []).append(source)
    return {name: tuple(lines) for name, lines in found.items()}


def is_activity(subject: str) -> bool:
    """Activities have codes in lower case, attributes the template's names in mixed case."""
    return subject.islower()


def _source(line: dict[str, str]) -> Source:
    needs = tuple(line["needs"].split())
    return Source(line["subject"], line["part"], line["rule"], Standing(line["standing"]), needs, line["tells"])
