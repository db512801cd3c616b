"""The figures as tables for a person.

Belongs here: words, units and rounding. Does not belong here: measuring.
"""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from d365_pm_tests.benchmarks.extraction import ExtractionFigures, Side
from d365_pm_tests.benchmarks.measured import Measured
from d365_pm_tests.benchmarks.sql_part import SqlFigures

_MEGABYTE = 1_000_000
_SLOWEST = 10


def show_extraction(console: Console, figures: ExtractionFigures) -> None:
    """All sides below each other: medians, how many times as fast we are, then every run."""
    rows = [[side.name, *_medians(side), _ratio(figures, side), _each(side)] for side in figures.sides]
    title = f"Extraction of {figures.cases:,} cases from a sandbox in a process of its own"
    title += f", {figures.latency} s of latency per answer" if figures.latency else ""
    head = ("", "rows", "rows/s", "CPU s", "peak MB", "of it imports", "ours is so fast", "rows/s of each run")
    _show(console, title, head, rows)


def _ratio(figures: ExtractionFigures, side: Side) -> str:
    return "" if side is figures.sides[0] else f"{figures.ratio(side):.2f} x"


def _medians(side: Side) -> list[str]:
    return [
        f"{side.rows:,}",
        f"{side.rows_per_second:,.0f}",
        f"{side.cpu_seconds:.2f}",
        _megabytes(side.peak_bytes),
        _megabytes(side.start_bytes),
    ]


def _each(side: Side) -> str:
    return "  ".join(f"{side.rows / run.seconds:,.0f}" for run in side.runs)


def show_sql(console: Console, figures: SqlFigures) -> None:
    """The log alone, the whole, pm4py on the log, then layers and slowest models of the whole."""
    log, build = figures.log, figures.build
    console.print(
        f"[bold]SQL part[/bold], {figures.cases:,} cases, {figures.raw_rows:,} raw rows, {figures.events:,} events; "
        f"reading the SQL files before: {build.result['reading']:.1f} s, once per process."
    )
    head = ("", "models", "s", "CPU s", "peak MB", "of it imports")
    sides = [
        ["raw to event_log", _models(log), f"{figures.log_seconds:.1f}", *_costs(log)],
        ["raw to every table, checked", _models(build), f"{figures.seconds:.1f}", *_costs(build)],
    ]
    if figures.pm4py is not None:
        steps = sum(figures.pm4py.result["steps"].values())
        sides.append(["pm4py on the log", "", f"{steps:.1f}", *_costs(figures.pm4py)])
    _show(console, "Side by side", head, sides)
    console.print(
        f"Copying the database of the first line for its readers, not in it: {figures.publishing_seconds:.1f} s."
    )
    if figures.pm4py is None:
        console.print("pm4py was left out: give an interpreter that has it with --pm4py.")
    else:
        each = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in figures.pm4py.result["steps"].items())
        console.print(f"pm4py, imports not counted: {each}; {figures.pm4py.result['variants']:,} variants.")
    layers = [
        [each["layer"], str(each["models"]), f"{each['in_models']:.2f}", f"{each['seconds'] - each['in_models']:.2f}"]
        for each in build.result["layers"]
    ]
    _show(console, "By layer", ("layer", "models", "s in models", "s beside: opening, checks, writing"), layers)
    models = sorted(build.result["models"], key=lambda model: -float(model["seconds"]))[:_SLOWEST]
    slowest = [[each["model"], _counted(each["rows"]), f"{each['seconds']:.2f}"] for each in models]
    _show(console, f"The {_SLOWEST} slowest models", ("model", "rows", "s"), slowest)


def _models(build: Measured) -> str:
    return str(len(build.result["models"]))


def _costs(run: Measured) -> list[str]:
    return [f"{run.cpu_seconds:.1f}", _megabytes(run.peak_bytes), _megabytes(run.start_bytes)]


def _counted(rows: int | None) -> str:
    return "" if rows is None else f"{rows:,}"


def show_generator(console: Console, cases: int, run: Measured) -> None:
    """The generator's time."""
    console.print(
        f"[bold]Generator[/bold]: {cases:,} cases with {run.result['rows']:,} rows in {run.seconds:.1f} s, "
        f"peak {_megabytes(run.peak_bytes)} MB."
    )


def _show(console: Console, title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left")
    for position, name in enumerate(head):
        table.add_column(name, justify="left" if position == 0 else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _megabytes(size: float) -> str:
    return f"{size / _MEGABYTE:,.0f}"
