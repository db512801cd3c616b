"""Command line: let the peers read a sandbox, show a table, end with 1 if one of them did not read it whole."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from d365_pm_tests.peers.reading import PAGE, Result, read_all
from d365_pm_tests.peers.verdict import Verdict


def main(
    *,
    cases: Annotated[int, typer.Option(min=1, help="Cases of the desk that is served.")] = 1000,
    airbyte: Annotated[Path | None, typer.Option(help="Python in whose environment Airbyte's source is.")] = None,
    page_size: Annotated[int, typer.Option(min=1, max=5000, help="Rows per page that each peer asks for.")] = PAGE,
) -> None:
    """Read a sandbox with Microsoft's SDK, dlt and Airbyte's source, and compare every row."""
    console = Console(width=None if Console().is_terminal else 140)
    results = []
    for result in read_all(cases, airbyte, page_size=page_size):
        results.append(result)
        _show(console, result)
    if airbyte is None:
        console.print("Airbyte's source was left out: give its interpreter with --airbyte.")
    if not all(result.is_whole for result in results):
        raise typer.Exit(1)


def _show(console: Console, result: Result) -> None:
    title = f"{result.peer}: {'whole' if result.is_whole else 'NOT WHOLE'}"
    if result.error is not None:
        console.print(f"{title}: {result.error}", markup=False)
        return
    shown = Table(title=title, title_justify="left")
    for name in ("table", "rows", "expected", "missing", "strange", "doubled", "rows with other values"):
        shown.add_column(name, justify="left" if name == "table" else "right")
    for name, verdict in result.tables.items():
        shown.add_row(name, *_figures(verdict))
    console.print(shown)


def _figures(verdict: Verdict) -> list[str]:
    counts = (verdict.rows, verdict.expected, verdict.missing, verdict.strange, verdict.doubled)
    different = ", ".join(f"{name}: {count:,}" for name, count in verdict.different.items())
    return [*(f"{count:,}" for count in counts), different or "0"]


if __name__ == "__main__":
    typer.run(main)
