"""`d365-pm demo`: from nothing to an event log, against the sandbox, through Dagster."""

import os
from pathlib import Path

from rich.console import Console

from d365_pm.commands.refresh import refresh
from d365_pm.commands.sandbox import sandbox_beside
from d365_pm.commands.summary import print_summary
from d365_pm.settings import load_settings


def demo(console: Console, *, cases: int, seed: int) -> None:
    """Start the sandbox, load all of it, publish the log and tell what was made.

    Raises:
        D365PMError: Something a person has to mend; what was published before is untouched.
    """
    data_dir = load_settings().data_dir
    console.print(
        f"[bold]Sandbox Dataverse[/bold]: a service desk of {cases:,} cases, served over https on this machine"
    )
    with sandbox_beside(data_dir, cases=cases, seed=seed) as environment:
        os.environ.update(environment)
        settings = load_settings()
        console.print("[bold]Dagster[/bold]: raw tables, SQL models, event log")
        run = refresh(settings, console, first=settings.start_date)
    opener = "make dev" if Path("Makefile").is_file() else "d365-pm dev"
    print_summary(console, settings.warehouse, run, next_command=f"{opener}  (the Dagster UI, with this run in it)")
