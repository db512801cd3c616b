"""The peers under the same faults: Microsoft's SDK and dlt, each in a process of its own and with a time bound.

Belongs here: asking a peer and judging what it brought, by the same rules as our reader. Does not belong here: how a
peer reads (`peer_sdk.py`, `peer_dlt.py`).
"""

import json
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import IO, Any

from d365_pm.sandbox.serving import RunningSandbox
from d365_pm_tests.reliability.fault_desk import ENTITY_SETS
from d365_pm_tests.reliability.fault_scripts import Position, Script
from d365_pm_tests.reliability.fault_verdict import Outcome, Row, Verdict, compare

PEERS = {
    "official SDK": "d365_pm_tests.reliability.peer_sdk",
    "dlt rest_api": "d365_pm_tests.reliability.peer_dlt",
}
TIME_BOUND = 15.0
"""Seconds after which a read counts as endless; an undisturbed one takes one or two."""

_START_BOUND = 120.0
_COLUMNS = {
    "incident": ("incidentid", "title", "createdon"),
    "email": ("activityid", "subject", "createdon"),
    "audit": ("auditid", "changedata", "createdon"),
}


class PeerFailedError(RuntimeError):
    """A peer did not come up, or could not read even without a fault."""


@dataclass(slots=True)
class Peer:
    """One peer; its process is started anew after it had to be ended."""

    name: str
    sandbox: RunningSandbox
    process: "subprocess.Popen[str] | None" = None
    truth: dict[str, dict[object, Row]] = field(default_factory=dict)

    def play(self, script: Script, table: str, page: Position) -> Outcome:
        """Read one table while the fault is played."""
        if table not in self.truth:
            self.truth[table] = self._undisturbed(table)
        plan = self.sandbox.environment.faults
        plan.clear()
        plan.add(script.at(ENTITY_SETS[table], page))
        started = time.perf_counter()
        try:
            outcome = self._judged(table, self.truth[table])
            fired = len(plan.fired)
        finally:
            plan.clear()
        return replace(outcome, fired=fired, seconds=time.perf_counter() - started)

    def _judged(self, table: str, truth: dict[object, Row]) -> Outcome:
        answer = self._ask(table, TIME_BOUND)
        if answer is None:
            return Outcome(Verdict.ENDLESS)
        if "error" in answer:
            return Outcome(Verdict.LOUD, message=answer["error"])
        difference = compare(truth, _keyed(answer["rows"], table))
        return Outcome(Verdict.WHOLE if difference.is_none else Verdict.SILENT, difference)

    def _undisturbed(self, table: str) -> dict[object, Row]:
        """What the peer brings without a fault, which must be every row of the environment."""
        answer = self._ask(table, _START_BOUND) or {"error": "it did not end"}
        if "error" in answer:
            raise PeerFailedError(f"{self.name} cannot read {table} without a fault: {answer['error']}")
        truth = dict(_keyed(answer["rows"], table))
        stored = self.sandbox.environment.tables[table]
        if truth.keys() != set(stored.rows[stored.definition.key]):
            raise PeerFailedError(f"{self.name} does not read {table} whole even without a fault.")
        return truth

    def _ask(self, table: str, seconds: float) -> dict[str, Any] | None:
        """The peer's answer; None when it did not come in time."""
        process = self._running()
        question = {"environment": self.sandbox.env, "table": table, "columns": _COLUMNS[table]}
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        line = _line(process.stdout, seconds)
        if line is None:
            self.end()
            return None
        if not line:
            self.end()
            return {"error": "the process ended"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _running(self) -> "subprocess.Popen[str]":
        if self.process is None:
            command = [sys.executable, "-m", PEERS[self.name]]
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            assert self.process.stdout is not None
            if not _line(self.process.stdout, _START_BOUND):
                self.end()
                raise PeerFailedError(f"{self.name} did not start: is it installed?")
        return self.process

    def end(self) -> None:
        """End its process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


@contextmanager
def peers(sandbox: RunningSandbox, names: Sequence[str] = tuple(PEERS)) -> Iterator[list[Peer]]:
    """Some peers, ended after the block."""
    made = [Peer(name, sandbox) for name in names]
    try:
        yield made
    finally:
        for peer in made:
            peer.end()


def _line(stream: IO[str], seconds: float) -> str | None:
    """The next line; None when it does not come in time."""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return stream.readline() if selector.select(seconds) else None


def _keyed(rows: list[dict[str, Any]], table: str) -> Iterator[tuple[object, Row]]:
    columns = _COLUMNS[table]
    for row in rows:
        yield row[columns[0]], tuple(row[name] for name in columns)
