"""The peers one after the other against one sandbox, and what each of them read.

Belongs here: which peers there are and which tables each is asked for. Does not belong here: how a peer reads.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

from d365_pm.sandbox.desk import generate
from d365_pm.sandbox.serving import RunningSandbox, running_server
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.peers import airbyte
from d365_pm_tests.peers.telling import Row, Task
from d365_pm_tests.peers.verdict import Verdict, judge

TABLES = ("incident", "email", "phonecall", "task", "queueitem", "audit", "contact", "systemuser")
TRACKED = ("incident", "email", "phonecall", "task", "queueitem", "contact", "systemuser")
PAGE = 500

_MODULES = {
    "Microsoft SDK, sync": "d365_pm_tests.peers.sdk",
    "Microsoft SDK, async": "d365_pm_tests.peers.sdk_async",
    "dlt rest_api to DuckDB": "d365_pm_tests.peers.dlt_rest",
}
_SECONDS = 300.0

Read: TypeAlias = Callable[[Task], Iterator[tuple[str, Row]]]


class PeerError(RuntimeError):
    """A peer ended without all of its rows."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one peer came to.

    Attributes:
        peer: Its name.
        tables: Verdict by table; none where it failed.
        error: Why it failed.
    """

    peer: str
    tables: dict[str, Verdict] = field(default_factory=dict)
    error: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it read every table whole."""
        return bool(self.tables) and all(verdict.is_whole for verdict in self.tables.values())


def read_all(cases: int, airbyte_python: Path | None, *, page_size: int = PAGE) -> Iterator[Result]:
    """Let each peer read the sandbox of a desk.

    Args:
        cases: Cases of the desk.
        airbyte_python: Interpreter of the environment of Airbyte's source; None leaves it out.
        page_size: Rows per page that each asks for.

    Yields:
        What each came to, as it ends.
    """
    with running_server(generate(cases=cases).tables, Switches(takes_rewritten_links=True)) as sandbox:
        for name, module in _MODULES.items():
            yield _judged(sandbox, name, TABLES, partial(_told, module=module), page_size)
        if airbyte_python is not None:
            for mode, tables in (("full_refresh", TABLES), ("incremental", TRACKED)):
                read = partial(airbyte.rows, python=airbyte_python, mode=mode)
                yield _judged(sandbox, f"Airbyte source, {mode}", tables, read, page_size)


def _judged(sandbox: RunningSandbox, peer: str, tables: Sequence[str], read: Read, page_size: int) -> Result:
    stored = {name: sandbox.environment.tables[name] for name in tables}
    keys = {name: each.definition.key for name, each in stored.items()}
    sets = {name: each.definition.entity_set for name, each in stored.items()}
    found: dict[str, list[Row]] = {name: [] for name in tables}
    try:
        for table, row in read(Task(sandbox.env, keys, sets, page_size)):
            found[table].append(row)
    except (airbyte.AirbyteError, PeerError, subprocess.TimeoutExpired) as error:
        return Result(peer, error=str(error))
    return Result(peer, {name: judge(stored[name].rows, keys[name], rows) for name, rows in found.items()})


def _told(task: Task, *, module: str) -> Iterator[tuple[str, Row]]:
    command = [sys.executable, "-m", module]
    asked = json.dumps(asdict(task))
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if done.returncode != 0:
        raise PeerError(f"it ended with {done.returncode}: {done.stderr[-500:]}")
    for line in done.stdout.splitlines():
        told = json.loads(line)
        yield told["table"], told["row"]
