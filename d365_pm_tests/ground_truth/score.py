"""How much of a log is true, and how much of the truth is in it.

Belongs here: counting. Does not belong here: words and tables (`report.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from d365_pm_tests.ground_truth.publication import Claim, Event

INFERRED = "C"
"""The one class whose events may be false."""
_KEPT = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """The events of one activity.

    Attributes:
        expected: True events.
        found: Events of the log.
        right: Events of the log that are true.
        inferred: Events of the log of class C.
    """

    expected: int = 0
    found: int = 0
    right: int = 0
    inferred: int = 0

    @property
    def precision(self) -> float:
        """Share of the log's events that are true; 1 where it has none."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the true events that are in the log; 1 where there is none."""
        return self.right / self.expected if self.expected else 1.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.expected + other.expected,
            self.found + other.found,
            self.right + other.right,
            self.inferred + other.inferred,
        )


@dataclass(frozen=True, slots=True)
class Score:
    """One or more logs against their truths.

    Attributes:
        tallies: By activity.
        false: Events of the log that are not true, by class and rule.
        missing: True events that are not in the log, by activity: some of them.
        examples: Events that are neither true nor of class C: some of them.
    """

    tallies: dict[str, Tally]
    false: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: tuple[Claim, ...] = ()
    missing: tuple[Event, ...] = ()

    @property
    def unmarked(self) -> int:
        """How many events are neither true nor of class C."""
        return sum(count for (confidence, _), count in self.false.items() if confidence != INFERRED)

    @property
    def is_whole(self) -> bool:
        """Whether the log is the truth."""
        return all(tally.expected == tally.found == tally.right for tally in self.tallies.values())

    def __add__(self, other: "Score") -> "Score":
        names = self.tallies.keys() | other.tallies.keys()
        tallies = {name: self.tallies.get(name, Tally()) + other.tallies.get(name, Tally()) for name in names}
        return Score(
            tallies,
            self.false + other.false,
            (self.examples + other.examples)[:_KEPT],
            (self.missing + other.missing)[:_KEPT],
        )


def score(truth: Sequence[Event], claims: Iterable[Claim]) -> Score:
    """Judge a log; of events that share case, activity and second, those with the best evidence are the true ones."""
    left = Counter(truth)
    found, right, inferred = Counter[str](), Counter[str](), Counter[str]()
    false: list[Claim] = []
    for claim in sorted(claims, key=lambda claim: (claim.confidence, claim.rule, claim.event)):
        activity = claim.event.activity
        found[activity] += 1
        inferred[activity] += claim.confidence == INFERRED
        if left[claim.event]:
            left[claim.event] -= 1
            right[activity] += 1
        else:
            false.append(claim)
    expected = Counter(event.activity for event in truth)
    names = expected.keys() | found.keys()
    return Score(
        {name: Tally(expected[name], found[name], right[name], inferred[name]) for name in names},
        Counter((claim.confidence, claim.rule) for claim in false),
        tuple(claim for claim in false if claim.confidence != INFERRED)[:_KEPT],
        tuple(+left)[:_KEPT],
    )


def by_kind(scores: Iterable[tuple[str, Score]]) -> dict[str, Score]:
    """The sums over all desks of each kind."""
    sums: dict[str, Score] = defaultdict(lambda: Score({}))
    for name, one in scores:
        sums[name] += one
    return dict(sums)
