"""`d365-pm sandbox`: serve a Dataverse on this machine.

Belongs here: options and what is printed. Does not belong here: the server (`serving.py`). The credentials that it
prints are random, open nothing but this sandbox and are made for pasting into `.env`.
"""

import datetime as dt
import sys
import tempfile
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from d365_pm.errors import D365PMError
from d365_pm.sandbox.audit_options import parse_privileges, parse_unaudited
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.faults import read_faults
from d365_pm.sandbox.federation import write_federated_token
from d365_pm.sandbox.rows import read_directory
from d365_pm.sandbox.schema import TABLES
from d365_pm.sandbox.serving import LOOPBACK, RunningSandbox, SandboxServer
from d365_pm.sandbox.switches import Switches
from d365_pm.sandbox.throttling import parse_limits
from d365_pm.sandbox.tls import write_private

app = typer.Typer(name="sandbox", help="A Dataverse on this machine, with a service desk's life in it.")


@app.callback()
def sandbox() -> None:
    """A Dataverse on this machine, with a service desk's life in it."""


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = LOOPBACK,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 0,
    cases: Annotated[int, typer.Option(min=0, help="Number of generated cases.")] = 1000,
    seed: Annotated[int, typer.Option(help="Another seed makes another desk.")] = 1,
    days: Annotated[int, typer.Option(min=1, help="Days of life before the end.")] = 60,
    end: Annotated[dt.datetime | None, typer.Option(help="Last instant of the data, UTC.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Serve your own rows: one Parquet or JSON-lines file per table.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="A table that the environment lacks; repeatable.")] = None,
    unreadable: Annotated[list[str] | None, typer.Option(help="A table without read privilege; repeatable.")] = None,
    application_user: Annotated[bool, typer.Option(help="The environment knows the application user.")] = True,
    secret_expired: Annotated[bool, typer.Option("--secret-expired", help="Call the right secret expired.")] = False,
    state: Annotated[Path | None, typer.Option(help="Keep certificates and credentials here between starts.")] = None,
    page_latency: Annotated[float, typer.Option(min=0, help="Seconds to wait before each answer.")] = 0.0,
    rewritten_links: Annotated[
        bool, typer.Option("--rewritten-links", help="Take paging links that were written anew.")
    ] = False,
    cached_pages: Annotated[
        int, typer.Option(min=0, help="Keep so many long answers; for benchmarks of clients.", hidden=True)
    ] = 0,
    token_lifetime: Annotated[int, typer.Option(min=1, help="Seconds until an access token ends.")] = 4500,
    throttle: Annotated[
        str | None,
        typer.Option(help="'real', or some of requests=, execution=, concurrency=, window=, servers=."),
    ] = None,
    faults: Annotated[Path | None, typer.Option(help="JSON list of faults to play; see sandbox/faults.py.")] = None,
    max_page_size: Annotated[int, typer.Option(min=1, max=5000, help="Most rows on a page.")] = 5000,
    managed_identity: Annotated[bool, typer.Option("--managed-identity", help="The machine has an identity.")] = False,
    federated_token: Annotated[Path | None, typer.Option(help="Write a federated token for sign-in here.")] = None,
    audit_off: Annotated[bool, typer.Option("--audit-off", help="Auditing is off in the organisation.")] = False,
    audit_since: Annotated[dt.datetime | None, typer.Option(help="Auditing was switched on then, UTC.")] = None,
    unaudited: Annotated[
        list[str] | None, typer.Option(help="A table or column without auditing, such as incident.ownerid; repeatable.")
    ] = None,
    missing_privilege: Annotated[
        list[str] | None, typer.Option(help="A privilege that is missing; repeatable.")
    ] = None,
    audits_ignore_page_size: Annotated[
        bool, typer.Option("--audits-ignore-page-size", help="Answer all audit rows at once, without a link.")
    ] = False,
    no_changedata: Annotated[bool, typer.Option("--no-changedata", help="Refuse the column changedata.")] = False,
    batch_latency: Annotated[float, typer.Option(min=0, help="Seconds that every batch takes at least.")] = 0.0,
    moving: Annotated[
        float | None, typer.Option(min=0.1, help="Every so many seconds the desk lives on to the present moment.")
    ] = None,
    ready_file: Annotated[Path | None, typer.Option(help="Write the variables here, as JSON, once it answers.")] = None,
    end_with_input: Annotated[bool, typer.Option("--end-with-input", hidden=True)] = False,
) -> None:
    """Serve until interrupted; prints the variables that point the pipeline at it."""
    try:
        unaudited_tables, unaudited_columns = parse_unaudited(unaudited or ())
        switches = Switches(
            missing_tables=_tables("--without", without),
            unreadable_tables=_tables("--unreadable", unreadable),
            has_application_user=application_user,
            secret_is_expired=secret_expired,
            page_latency=page_latency,
            cached_pages=cached_pages,
            takes_rewritten_links=rewritten_links,
            token_lifetime=token_lifetime,
            throttling=parse_limits(throttle) if throttle else None,
            max_page_size=max_page_size,
            has_managed_identity=managed_identity,
            audit_off=audit_off,
            audit_since=_utc(audit_since),
            unaudited_tables=unaudited_tables,
            unaudited_columns=unaudited_columns,
            missing_privileges=parse_privileges(missing_privilege or ()),
            audits_ignore_page_size=audits_ignore_page_size,
            returns_changedata=not no_changedata,
            batch_latency=batch_latency,
        )
        if moving is not None:
            environment = _moving(moving, cases=cases, seed=seed, days=days, switches=switches)
        else:
            environment = _brought(data, switches) if data else _generated(cases, seed, days, end, switches)
        environment.faults.add(*(read_faults(faults) if faults else ()))
        keeper = nullcontext(str(state)) if state else tempfile.TemporaryDirectory(prefix="d365-pm-sandbox-")
        with keeper as directory:
            server = SandboxServer(environment, Path(directory), host=host, port=port)
            if federated_token:
                write_federated_token(server.running.credentials, federated_token)
            _announce(server.running, ready_file)
            if end_with_input:
                threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
            server.serve()
    except D365PMError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _tables(option: str, names: list[str] | None) -> frozenset[str]:
    for name in names or ():
        if name not in TABLES:
            raise D365PMError(f"{option} {name}: the sandbox has no such table; give a logical name such as email.")
    return frozenset(names or ())


def _utc(instant: dt.datetime | None) -> dt.datetime | None:
    return instant.replace(tzinfo=dt.UTC) if instant and instant.tzinfo is None else instant


def _brought(data: Path, switches: Switches) -> Environment:
    return Environment(read_directory(data), switches)


def _generated(cases: int, seed: int, days: int, end: dt.datetime | None, switches: Switches) -> Environment:
    from d365_pm.sandbox.desk import generate

    desk = generate(cases=cases, seed=seed, end=_utc(end), days=days)
    return Environment(desk.tables, switches)


def _moving(seconds: float, *, cases: int, seed: int, days: int, switches: Switches) -> Environment:
    """A desk whose present is ours; `cases` come in during the days before it, as many per day afterwards."""
    from d365_pm.sandbox.mover import live_on

    return live_on(seconds, cases=cases, seed=seed, days=days, switches=switches)


def _announce(running: RunningSandbox, ready_file: Path | None) -> None:
    """Tell how to reach the sandbox; the socket listens already, so a client may connect at once."""
    told = running.env | ({**running.app_service_env, **running.machine_env} if running.identity else {})
    typer.echo("\n".join(f"{name}={value}" for name, value in told.items()))
    if ready_file is not None:
        unfinished = ready_file.with_name(f"{ready_file.name}.part")
        write_private(unfinished, msgspec.json.encode({"env": running.env, "certificate": str(running.certificate)}))
        unfinished.replace(ready_file)


def _stop_at_end_of_input(server: SandboxServer) -> None:
    """End with the parent process, whose death closes our input."""
    sys.stdin.read()
    server.stop()
