"""Judging mutants, each in a process of its own that ends with the verdict.

Belongs here: processes, their time limit and what they report. Does not belong here: pytest (`plugin.py`).
"""

import json
import os
import select
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from d365_pm_tests.mutation.mutant import Mutant

LIMIT = 600.0
"""Seconds after which a mutant has run away."""


@dataclass(frozen=True)
class Verdict:
    """What the tests made of a mutant.

    Attributes:
        killer: Node id of the test that failed; None where every test passed.
        reason: Why it is no mutant (the engine refuses it), or that it ran away; None otherwise.
        tests: Number of tests that ran.
        builds: Number of builds in which a test finds other rows than before.
    """

    killer: str | None = None
    reason: str | None = None
    tests: int = 0
    builds: int = 0

    @property
    def is_refused(self) -> bool:
        """Whether the engine does not take the statement, so that nobody could ship it."""
        return self.reason is not None and self.reason.startswith("refused")

    @property
    def is_killed(self) -> bool:
        """Whether a test noticed."""
        return self.killer is not None


@dataclass(frozen=True)
class Judged:
    """A mutant and its verdict."""

    mutant: Mutant
    verdict: Verdict
    seconds: float


@dataclass
class _Process:
    pid: int
    pipe: int
    mutant: Mutant
    started: float = field(default_factory=time.monotonic)


Judge = Callable[[Mutant], Verdict]


def judged(mutants: Iterable[Mutant], judge: Judge, *, jobs: int, wanted: int) -> Iterator[Judged]:
    """Judge mutants until enough of them were no refusals.

    Args:
        mutants: In the order to try them.
        judge: Called in a process that ends with its answer.
        jobs: Processes at once.
        wanted: Number of mutants that the engine takes.
    """
    waiting = iter(mutants)
    running: deque[_Process] = deque()
    found = 0
    try:
        while True:
            while len(running) < min(jobs, wanted - found) and (mutant := next(waiting, None)) is not None:
                running.append(_start(mutant, judge))
            if not running:
                return
            result = _next(running)
            found += not result.verdict.is_refused
            yield result
    finally:
        for process in running:
            _end(process)


def _start(mutant: Mutant, judge: Judge) -> _Process:
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return _Process(pid, read, mutant)
    os.close(read)
    status = 1
    try:
        os.write(write, json.dumps(vars(judge(mutant))).encode())
        status = 0
    finally:
        # Neither pytest's nor DuckDB's clean-up is ours to do here: they belong to the parent.
        os._exit(status)


def _next(running: deque[_Process]) -> Judged:
    while True:
        ready, _, _ = select.select([process.pipe for process in running], [], [], 1.0)
        for process in running:
            if process.pipe in ready or time.monotonic() - process.started > LIMIT:
                running.remove(process)
                return _collected(process, has_answered=process.pipe in ready)


def _collected(process: _Process, *, has_answered: bool) -> Judged:
    answer = os.read(process.pipe, 1 << 16) if has_answered else b""
    _end(process)
    seconds = time.monotonic() - process.started
    if answer:
        return Judged(process.mutant, Verdict(**json.loads(answer)), seconds)
    what = "its process died" if has_answered else f"no answer within {LIMIT:.0f} s"
    return Judged(process.mutant, Verdict(reason=what), seconds)


def _end(process: _Process) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    os.waitpid(process.pid, 0)
    os.close(process.pipe)
