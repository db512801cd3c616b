"""The forecast: how much of each activity and attribute the environment can tell, and why not all of it.

Pure: facts in, verdicts out. What each subject needs is data (`sources.csv`); here the ways are weighed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from d365_pm.doctor.facts import Facts
from d365_pm.doctor.needs import Gap, gaps
from d365_pm.doctor.sources import Source, Standing, is_activity, subjects

_CASE = "incident.incidentid"
"""What every activity and attribute needs besides its own evidence."""


class Verdict(StrEnum):
    """How much of a subject can be known."""

    COMPLETE = "complete"
    SINCE = "partial_since"
    PARTIAL = "partial"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Way:
    """One line of `sources.csv` in this environment.

    Attributes:
        source: The line.
        gaps: What stands against it.
    """

    source: Source
    gaps: tuple[Gap, ...]

    @property
    def is_usable(self) -> bool:
        """It gives something."""
        return not any(gap.is_blocking for gap in self.gaps)

    @property
    def is_absent(self) -> bool:
        """The environment has nothing of the kind, or the organisation did not ask for it."""
        return any(gap.is_absent for gap in self.gaps)

    @property
    def is_unconfigured(self) -> bool:
        """It waits for a rule of the organisation."""
        return self.is_absent and any(need.startswith("rule:") for need in self.source.needs)

    @property
    def state(self) -> str:
        """In one word: whole, limited, unused or blocked."""
        if self.is_unconfigured:
            return "unused"
        if not self.is_usable:
            return "blocked"
        return "limited" if self.gaps else "whole"


@dataclass(frozen=True, slots=True)
class Loss:
    """What a subject lacks in this environment.

    Attributes:
        part: Which part of it.
        tells: What is left of the part, or what is gone.
        rule: The fall-back that has to do; None where there is none.
        since: From this instant on the part is whole.
        gaps: Why.
    """

    part: str
    tells: str
    rule: str | None
    since: datetime | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast of one activity or attribute.

    Attributes:
        subject: Activity code or attribute.
        verdict: How much of it can be known.
        since: For `partial_since`, the instant from which it is whole.
        losses: What is missing; empty for `complete`.
        ways: Every line of `sources.csv` about it with its state.
    """

    subject: str
    verdict: Verdict
    since: datetime | None
    losses: tuple[Loss, ...]
    ways: tuple[Way, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not complete, each sentence once."""
        return tuple(dict.fromkeys(gap.reason for loss in self.losses for gap in loss.gaps))

    @property
    def remedies(self) -> tuple[str, ...]:
        """What an administrator has to change, each sentence once."""
        return tuple(dict.fromkeys(gap.remedy for loss in self.losses for gap in loss.gaps if gap.remedy))


def forecast(facts: Facts) -> tuple[Outlook, ...]:
    """The outlook of every activity and attribute, activities first."""
    known = subjects()
    return tuple(_outlook(name, known[name], facts) for name in sorted(known, key=lambda name: not is_activity(name)))


def _outlook(subject: str, lines: Sequence[Source], facts: Facts) -> Outlook:
    ways = tuple(Way(line, _gaps(line, facts)) for line in lines)
    parts = [list(group) for _, group in groupby(ways, key=lambda way: way.source.part)]
    expected = [part for part in parts if _is_expected(part)]
    losses = tuple(loss for part in expected if (loss := _loss(part)))
    basic = [part for part in expected if part[0].source.standing is Standing.MAIN]
    is_hopeless = bool(basic) and not any(_usable(part) for part in basic)
    return Outlook(subject, _verdict(losses, is_hopeless=is_hopeless), _since(losses), losses, ways)


def _gaps(source: Source, facts: Facts) -> tuple[Gap, ...]:
    """What stands against a way; without the case there is nothing that an event or a value could belong to."""
    needs = (_CASE, *source.needs) if source.needs else ()
    return tuple(dict.fromkeys(gap for need in needs for gap in gaps(facts, need)))


def _is_expected(part: Sequence[Way]) -> bool:
    """A part counts unless it is a bonus, not configured, or an extra of which the environment has nothing."""
    first = part[0]
    if first.source.standing is Standing.BONUS or first.is_unconfigured:
        return False
    return first.source.standing is Standing.MAIN or not first.is_absent


def _usable(part: Sequence[Way]) -> list[Way]:
    return [way for way in part if way.is_usable]


def _loss(part: Sequence[Way]) -> Loss | None:
    best, *others = part
    if best.is_usable and not best.gaps:
        return None
    left = next((way for way in others if way.is_usable), None)
    rule = left.source.rule if left else None
    if best.is_usable:
        return Loss(best.source.part, left.source.tells if left else "", rule, _latest(best.gaps), best.gaps)
    blocking = tuple(gap for gap in best.gaps if gap.is_blocking)
    tells = left.source.tells if left else f"lost: {best.source.tells}"
    return Loss(best.source.part, tells, rule, None, blocking)


def _latest(found: Sequence[Gap]) -> datetime | None:
    """The instant from which all gaps are behind; None where one of them is not about time."""
    moments = [gap.since for gap in found]
    return None if None in moments else max(moment for moment in moments if moment)


def _verdict(losses: Sequence[Loss], *, is_hopeless: bool) -> Verdict:
    if is_hopeless:
        return Verdict.IMPOSSIBLE
    if not losses:
        return Verdict.COMPLETE
    return Verdict.SINCE if all(loss.since for loss in losses) else Verdict.PARTIAL


def _since(losses: Sequence[Loss]) -> datetime | None:
    moments = [loss.since for loss in losses if loss.since]
    return max(moments) if moments and len(moments) == len(losses) else None
