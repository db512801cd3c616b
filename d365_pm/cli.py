"""The command line `d365-pm`: names, options, exit statuses; the work is in `commands/` and the packages below."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from d365_pm.errors import D365PMError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Dynamics 365 Customer Service data as a process-mining event log.",
)
rules = typer.Typer(no_args_is_help=True, help="The rules of your organisation.")
app.add_typer(rules, name="rules")
_Cases = Annotated[int, typer.Option(min=1, help="Cases of the sandbox's desk, when it is made.")]
_DAY = ["%Y-%m-%d"]
_Seed = Annotated[int, typer.Option(help="Seed of the sandbox's desk, when it is made.")]


@app.command()
def demo(cases: _Cases = 1000, seed: _Seed = 1) -> None:
    """Make an event log from the sandbox Dataverse, through Dagster."""
    from d365_pm.commands.demo import demo as run_demo

    run_demo(_console(), cases=cases, seed=seed)


@app.command()
def dev(port: int = 3000, cases: _Cases = 1000, seed: _Seed = 1) -> None:
    """Open the Dagster UI, with the sandbox beside it unless D365_URL is set."""
    from d365_pm.commands.dev import dev as run_dev

    raise typer.Exit(run_dev(_console(), port=port, cases=cases, seed=seed))


@app.command()
def run(
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="First day to load, UTC; default: all of history.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, help="Last day to load, UTC; default: today.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read every table whole again, although what has changed would do.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Load a range of days from the configured Dataverse, build the models and publish the event log."""
    from d365_pm.commands.refresh import refresh
    from d365_pm.commands.summary import print_summary
    from d365_pm.settings import load_settings

    settings = load_settings()
    console = _console(stderr=as_json)
    done = refresh(settings, console, first=first and first.date(), last=last and last.date(), full=full)
    if as_json:
        print(json.dumps({"run_id": done.run_id, "from": done.first_day, "to": done.last_day, "rows": dict(done.rows)}))
    else:
        print_summary(console, settings.warehouse, done, next_command="make dev")


@app.command()
def doctor(
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Examine the sandbox of `demo` instead.")] = False,
    cases: _Cases = 1000,
    seed: _Seed = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")] = False,
) -> None:
    """Examine the configured Dataverse: what it can give, and what an administrator has to change.

    Exit status: 0 healthy, 1 no event log can be made, 2 a log can be made, with losses.
    """
    from d365_pm.commands.doctor import examine, examine_sandbox
    from d365_pm.doctor import as_json as as_values
    from d365_pm.doctor.rendering import print_report

    console = _console(stderr=as_json)
    report = examine_sandbox(console, cases=cases, seed=seed) if sandbox else examine(console)
    if as_json:
        print(json.dumps(as_values(report), ensure_ascii=False, indent=2))
    else:
        print_report(console, report)
    raise typer.Exit(int(report.status))


@app.command()
def explain(
    case: Annotated[str, typer.Argument(help="Ticket number, GUID of the case, or EventId of one of its events.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the story as one JSON object.")] = False,
) -> None:
    """Tell one case: every event with its evidence, what was set aside and why, and what cannot be known."""
    from d365_pm.commands.explain import explain_case
    from d365_pm.explain import as_json as as_values
    from d365_pm.explain.rendering import print_story
    from d365_pm.settings import load_settings

    story = explain_case(load_settings().warehouse, case)
    if as_json:
        print(json.dumps(as_values(story), ensure_ascii=False, indent=2))
    else:
        print_story(_console(), story)


@rules.command("suggest")
def suggest(
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Write drafts of the seed files to this folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace drafts that are in the folder.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the proposals as one JSON array.")] = False,
) -> None:
    """Propose rows for the seeds from the names of what was loaded, for you to confirm; asks no server."""
    from d365_pm.commands.rules import suggest_rules, write_and_tell
    from d365_pm.rules import as_json as as_values
    from d365_pm.rules.rendering import print_proposals
    from d365_pm.settings import load_settings

    console = _console(stderr=as_json)
    proposals, seeds = suggest_rules(load_settings())
    if as_json:
        print(json.dumps(as_values(proposals), ensure_ascii=False, indent=2))
    else:
        print_proposals(console, proposals)
    if write is not None:
        write_and_tell(console, proposals, seeds, write, force=force)


def _console(*, stderr: bool = False) -> Console:
    """A console; where there is no terminal to measure, wide enough for the tables."""
    plain = not (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, width=120 if plain else None)


def main() -> None:
    """Entry point: a mistake that a person can mend is one sentence on stderr and exit status 1."""
    from d365_pm.sandbox.cli import app as sandbox

    app.add_typer(sandbox, name="sandbox", help="A Dataverse to develop against.")
    try:
        app()
    except D365PMError as error:
        Console(stderr=True).print(f"Error: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(1)
