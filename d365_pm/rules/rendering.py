"""Proposals on a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from d365_pm.rules.proposal import Certainty, Proposal

_STYLES = {Certainty.HIGH: "green", Certainty.MEDIUM: "yellow", Certainty.LOW: "red"}


def print_proposals(console: Console, proposals: Sequence[Proposal]) -> None:
    """Print what is proposed and why; nothing of it applies before a person has confirmed it."""
    if not proposals:
        console.print("Nothing to propose: the seeds in force cover every name of the environment.")
        return
    table = Table(title="Proposed rows, for you to confirm", title_justify="left")
    table.add_column("seed", no_wrap=True)
    table.add_column("about", ratio=2)
    table.add_column("proposed", ratio=2)
    table.add_column("why", ratio=3)
    table.add_column("certainty", no_wrap=True)
    for each in proposals:
        row = ", ".join(f"{name} {value}" for name, value in each.row.items() if value and name != "remark")
        cells = [_plain(text) for text in (each.seed, each.subject, row, each.reason)]
        table.add_row(*cells, f"[{_STYLES[each.certainty]}]{each.certainty}[/]")
    console.print(table)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
