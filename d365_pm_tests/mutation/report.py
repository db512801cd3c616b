"""What the trials of many mutants come to.

Belongs here: counting and showing. Does not belong here: judging (`trial.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from d365_pm_tests.mutation.survivors import Kind, Reason, reason_of
from d365_pm_tests.mutation.trial import Judged

WANTED = 0.95
"""Least share of the mutants that somebody could tell, killed by the tests."""

_Reasons = Mapping[tuple[str, str, str, str], Reason]


@dataclass(frozen=True)
class Score:
    """Mutants by what became of them; refusals of the engine are no mutants."""

    killed: int
    equivalent: int
    survived: int

    @property
    def mutants(self) -> int:
        """All of them."""
        return self.killed + self.equivalent + self.survived

    @property
    def share(self) -> float:
        """Killed ones of those that some rows would tell from the model; 1 where there are none."""
        told = self.killed + self.survived
        return self.killed / told if told else 1.0


def score(judged: Sequence[Judged], reasons: _Reasons) -> Score:
    """Count what became of mutants."""
    fates = Counter(_fate(each, reasons) for each in judged)
    return Score(fates["killed"], fates["equivalent"], fates["survived"])


def show(console: Console, judged: Sequence[Judged], reasons: _Reasons) -> None:
    """Show the scores by kind of change and by model, then every survivor."""
    console.print(_table("kind of change", judged, reasons, lambda each: each.mutant.operator))
    console.print(_table("model", judged, reasons, lambda each: str(each.mutant.model)))
    for each in judged:
        if not each.verdict.is_killed and not each.verdict.is_refused:
            console.print(survivor(each, reason_of(each.mutant, reasons)), markup=False, highlight=False)


def survivor(each: Judged, reason: Reason | None) -> str:
    """A survivor with its place, what it changes and why it survives."""
    mutant = each.mutant
    folder, name = mutant.model.schema, mutant.model.name
    why = f"{reason.kind}: {reason.text}" if reason else each.verdict.reason or "NOBODY KNOWS WHY: write the test"
    return (
        f"dbt_like_sql/{folder}/{name}.sql:{mutant.line} {mutant.place}, {mutant.operator}\n"
        f"  before  {mutant.before}\n  after   {mutant.after or '(nothing)'}\n  {why}"
    )


def _table(title: str, judged: Sequence[Judged], reasons: _Reasons, group: Callable[[Judged], str]) -> Table:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        if not each.verdict.is_refused:
            groups[group(each)].append(each)
    table = Table(title=f"Mutants by {title}", title_justify="left")
    table.add_column(title)
    for name in ("mutants", "killed", "equivalent", "survived"):
        table.add_column(name, justify="right")
    for name, members in sorted(groups.items()):
        counted = score(members, reasons)
        table.add_row(name, *map(str, (counted.mutants, counted.killed, counted.equivalent, counted.survived)))
    return table


def _fate(each: Judged, reasons: _Reasons) -> str:
    if each.verdict.is_refused:
        return "refused"
    if each.verdict.is_killed:
        return "killed"
    reason = reason_of(each.mutant, reasons)
    return "equivalent" if reason is not None and reason.kind is Kind.EQUIVALENT else "survived"
