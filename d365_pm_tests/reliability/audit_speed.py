"""How fast old and new values come over the detail route, where every batch takes the server one second.

python -m d365_pm_tests.reliability.audit_speed [--cases 6000] [--seconds 1.0] [--no-links]

The sandbox runs in a process of its own. Wanted: 1,000 audit rows per second, and a request per thousand rows plus 5 %.
"""

import argparse
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from typing import Any

from d365_pm.dataverse import DataverseClient
from d365_pm.dataverse.audit import AuditRoute
from d365_pm_tests.dataverse.wire import run
from d365_pm_tests.reliability.audit_read import AuditRead, read_audit, settings

_START_SECONDS = 300.0


def _serve(pipe: Pipe, cases: int, switches: dict[str, Any]) -> None:
    from d365_pm.sandbox.desk import generate
    from d365_pm.sandbox.serving import running_server
    from d365_pm.sandbox.switches import Switches

    desk = generate(cases=cases, seed=3)
    with running_server(desk.tables, Switches(**switches)) as sandbox:
        pipe.send(sandbox.env | {"D365_CA_BUNDLE": sandbox.env.get("D365_CA_BUNDLE", "")})
        pipe.recv()


@contextmanager
def beside(cases: int, **switches: Any) -> Iterator[dict[str, str]]:
    """The variables of a sandbox that runs in a process of its own while the block runs."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, cases, switches), daemon=True)
    process.start()
    try:
        if not ours.poll(_START_SECONDS):
            raise TimeoutError("The sandbox was not ready in time; serve fewer cases.")
        yield ours.recv()
        ours.send(None)
        process.join(30)
    finally:
        process.kill()


async def _timed(env: dict[str, str]) -> tuple[AuditRead, float, int]:
    async with DataverseClient.open(settings(env)) as client:
        # Signing in and metadata are a matter of the whole run, not of the audit.
        await client.shape("audit")
        before = client._connection.statistics.requests
        begun = time.perf_counter()
        read = await read_audit(client, AuditRoute.DETAILS)
        return read, time.perf_counter() - begun, client._connection.statistics.requests - before


def measure(cases: int, seconds: float, *, has_links: bool) -> dict[str, float]:
    """Read the whole history of a desk once.

    Args:
        cases: Size of the desk; a case has eight or nine audit rows.
        seconds: What each batch takes the server at least.
        has_links: False: the store ignores the page size and gives no link.
    """
    switches = {"returns_changedata": False, "batch_latency": seconds, "audits_ignore_page_size": not has_links}
    with beside(cases, **switches) as env:
        read, taken, requests = run(_timed(env))
    rows = read.rows.num_rows
    return {
        "rows": rows,
        "seconds": round(taken, 2),
        "rows per second": round(rows / taken),
        "detail requests": read.facts.requests,
        "detail requests allowed": round(rows / 1000 * 1.05, 1),
        "list pages kept": read.pages,
        "other requests": requests - read.facts.requests,
        "rows not parsed": rows - read.facts.payloads["parsed"] - read.facts.payloads["none"],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=6000)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--no-links", action="store_true")
    given = parser.parse_args()
    for name, value in measure(given.cases, given.seconds, has_links=not given.no_links).items():
        print(f"{name:24} {value:>10}")  # noqa: T201


if __name__ == "__main__":
    main()
