"""The scores as tables for a person.

Belongs here: words and rounding. Does not belong here: counting (`score.py`).
"""

import math
from collections.abc import Callable, Mapping

from rich.console import Console
from rich.table import Table

from d365_pm_tests.ground_truth.kinds import KINDS
from d365_pm_tests.ground_truth.publication import Event
from d365_pm_tests.ground_truth.score import INFERRED, Score, Tally

Measure = Callable[[Tally], float]


def show(console: Console, scores: Mapping[str, Score]) -> None:
    """Recall and precision per activity and kind, what was false, and what breaks a promise."""
    _show_shares(console, "Recall: share of the true events that are in the log", scores, lambda tally: tally.recall)
    _show_shares(console, "Precision: share of the log's events that are true", scores, lambda tally: tally.precision)
    _show_false(console, scores)
    for name, score in scores.items():
        for problem in broken_promises(name, score):
            console.print(f"[red]{problem}[/red]")


def broken_promises(name: str, score: Score) -> list[str]:
    """What a kind of environment promises and does not hold, in sentences."""
    kind = next(kind for kind in KINDS if kind.name == name)
    problems = []
    if score.unmarked:
        some = ", ".join(f"{claim.rule} {_told(claim.event)}" for claim in score.examples)
        problems.append(f"{name}: {score.unmarked} events are neither true nor of class {INFERRED}: {some}")
    if kind.is_whole and not score.is_whole:
        some = ", ".join(map(_told, score.missing))
        problems.append(f"{name}: everything is audited and the log is not the truth; missing: {some or 'nothing'}")
    return problems


def _told(event: Event) -> str:
    return f"{event.activity} {event.at:%Y-%m-%dT%H:%M:%SZ} {event.case}"


def _show_shares(console: Console, title: str, scores: Mapping[str, Score], measure: Measure) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in scores:
        table.add_column(name, justify="right")
    for activity in sorted({activity for score in scores.values() for activity in score.tallies}):
        tallies = [score.tallies.get(activity, Tally()) for score in scores.values()]
        table.add_row(activity, *(share(measure(tally)) if tally.expected + tally.found else "" for tally in tallies))
    console.print(table)


def share(value: float) -> str:
    """Three decimals, rounded down: 1.000 is all of them."""
    return f"{math.floor(value * 1000) / 1000:.3f}"


def _show_false(console: Console, scores: Mapping[str, Score]) -> None:
    table = Table(title="Events of the log, and those that are not true, by class and rule", title_justify="left")
    for name in ("", "events", f"of class {INFERRED}", "not true", "by class and rule"):
        table.add_column(name, justify="right" if name and not name.startswith("by") else "left")
    for name, score in scores.items():
        total = sum(score.tallies.values(), Tally())
        rules = [f"{rule} ({confidence}) {count:,}" for (confidence, rule), count in sorted(score.false.items())]
        table.add_row(name, f"{total.found:,}", f"{total.inferred:,}", f"{score.false.total():,}", ", ".join(rules))
    console.print(table)
