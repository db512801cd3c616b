"""Command line: how many desks, how large, which kinds; the tables; 1 if a promise is broken."""

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from d365_pm.sandbox.desk import Desk, Habits, generate
from d365_pm_tests.ground_truth.kinds import KINDS, kind_of
from d365_pm_tests.ground_truth.publication import claims_of, truth_of
from d365_pm_tests.ground_truth.report import broken_promises, show
from d365_pm_tests.ground_truth.score import Score, by_kind, score

END = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""The last look at every desk, so that a run can be repeated."""


def desk_of(seed: int, cases: int, habits: Habits) -> Desk:
    """A desk of thirty days."""
    return generate(cases=cases, seed=seed, days=30, end=END, habits=habits)


def judge(task: tuple[int, str], *, cases: int) -> tuple[str, Score]:
    """The name of a kind, and what its log of one desk is worth."""
    seed, name = task
    kind = kind_of(name)
    desk = desk_of(seed, cases, kind.habits)
    return name, score(truth_of(desk), claims_of(desk, kind))


def main(
    *,
    seeds: Annotated[int, typer.Option(min=1, help="Desks of each kind: seeds 1 to this.")] = 10,
    cases: Annotated[int, typer.Option(min=1, help="Cases of each desk.")] = 1000,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind of environment; repeatable.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Logs that are made at the same time.")] = 2,
) -> None:
    """Hold the event log against what the generator knows, in kinds of environments that audit more or less."""
    console = Console(width=None if Console().is_terminal else 190)
    names = [kind_of(name).name for name in kind or [each.name for each in KINDS]]
    tasks = list(product(range(1, seeds + 1), names))
    with ProcessPoolExecutor(processes) as pool:
        done = pool.map(partial(judge, cases=cases), tasks)
        scores = by_kind(track(done, total=len(tasks), console=console, transient=True))
    console.print(f"{seeds} desks of {cases:,} cases in each of {len(names)} kinds of environments")
    show(console, {name: scores[name] for name in names})
    if any(broken_promises(name, each) for name, each in scores.items()):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
