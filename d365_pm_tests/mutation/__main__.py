"""Command line: try mutants of the SQL models, show what became of them, end with 1 if the tests kill too few."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from d365_pm.contracts.seeds import EXTENDED_ACTIVITIES
from d365_pm.warehouse import TableName
from d365_pm_tests.models.model_run import shipped_project
from d365_pm_tests.mutation.judges import TESTS, JudgesFailError, drawn, judge
from d365_pm_tests.mutation.report import WANTED, score, show, survivor
from d365_pm_tests.mutation.survivors import known, reason_of
from d365_pm_tests.mutation.trial import Judged


def main(
    *,
    mutants: Annotated[int, typer.Option(min=1, help="Mutants to judge.")] = 300,
    seed: Annotated[int, typer.Option(help="Names the lot that chooses them.")] = 1,
    only: Annotated[list[str] | None, typer.Option(help="A model, such as staging.as_of; repeatable.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes at once.")] = 2,
) -> None:
    """Change the SQL models one by one and let the tests of `make test` judge each change."""
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 140)
    console.print(f"Judges, all of them tests of make test: {', '.join(TESTS)}")
    try:
        session = judge(drawn(seed=seed, only=_tables(only or [])), wanted=mutants, jobs=jobs, told=_Progress(console))
    except JudgesFailError as error:
        console.print(str(error), markup=False)
        raise typer.Exit(1) from None
    reasons = known()
    show(console, session.judged, reasons)
    total = score(session.judged, reasons)
    console.print(
        f"{session.tests:,} tests killed {total.killed} of {total.mutants} mutants (seed {seed}); {total.equivalent} "
        f"give the same rows whatever the platform writes; {total.share:.1%} of the others are killed."
    )
    if total.share < WANTED:
        raise typer.Exit(1)


class _Progress:
    """A line every twenty mutants, and each survivor when it is found: a run takes an hour and may be cut short."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._reasons = known()
        self._judged = 0
        self._killed = 0

    def __call__(self, each: Judged) -> None:
        self._judged += not each.verdict.is_refused
        self._killed += each.verdict.is_killed
        if not each.verdict.is_refused and not each.verdict.is_killed:
            self._console.print(survivor(each, reason_of(each.mutant, self._reasons)), markup=False, highlight=False)
        if not each.verdict.is_refused and self._judged % 20 == 0:
            self._console.print(f"{self._judged:>6} mutants, {self._killed} killed")


def _tables(names: list[str]) -> list[TableName]:
    known_tables = {str(model.table): model.table for model in shipped_project(EXTENDED_ACTIVITIES).models}
    for name in names:
        if name not in known_tables:
            raise typer.BadParameter(f"there is no model {name}; write it as folder.name, such as staging.as_of.")
    return [known_tables[name] for name in names]


if __name__ == "__main__":
    typer.run(main)
