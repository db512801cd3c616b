"""The tests as judges of mutants: a plugin of pytest that runs them once as they are, then again for every mutant.

Belongs here: which tests run for a mutant, and in which order. Does not belong here: tables (`kept.py`).
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from _pytest.runner import runtestprotocol

from d365_pm.warehouse import TableName
from d365_pm_tests.models import desk
from d365_pm_tests.mutation import substitute
from d365_pm_tests.mutation.kept import Kept, Shelf, use
from d365_pm_tests.mutation.mutant import Mutant
from d365_pm_tests.mutation.tables import RefusedError
from d365_pm_tests.mutation.trial import Judged, Verdict, judged
from d365_pm_tests.recount import test_odd_rows

Lot = Callable[[], Iterator[Mutant]]
_MOST_DESKS = 3
PLAIN = ("-p", "no:cacheprovider", "--assert=plain", "--tb=no", "--no-header")
"""Options of pytest where nobody reads why a test fails: explaining two logs that differ takes half a minute."""


class MutationPlugin:
    """Runs the collected tests on the models as they are, and then on mutants of them.

    Args:
        lot: Gives the mutants in the order to try them.
        wanted: Number of mutants to judge.
        jobs: Processes at once.
        told: Called with each mutant that was judged.
    """

    def __init__(self, lot: Lot, *, wanted: int, jobs: int, told: Callable[[Judged], None] = lambda _: None) -> None:
        self.judged: list[Judged] = []
        self.failed: list[str] = []
        self._lot = lot
        self._wanted = wanted
        self._jobs = jobs
        self._told = told
        self._shelf = Shelf()
        self._items: dict[str, pytest.Item] = {}
        self._killers: dict[TableName, list[str]] = defaultdict(list)

    @property
    def tests(self) -> int:
        """Number of tests that judge."""
        return len(self._items)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests, then judge the mutants; tests that fail without one judge nothing."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(desk, "ModelRun", self._shelf.run)
            patch.setattr(test_odd_rows, "publish", self._shelf.publish)
            self._items = {item.nodeid: item for item in session.items}
            self._shelf.collected = list(self._items)
            following = [*session.items[1:], None]
            for item, next_item in zip(session.items, following, strict=True):
                if not self._passes(item, next_item):
                    self.failed.append(item.nodeid)
            if not self.failed:
                for result in judged(self._lot(), self._judge, jobs=self._jobs, wanted=self._wanted):
                    self._keep(result)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        """Tell what a test reads by itself from what its fixtures read, perhaps for all tests of its module."""
        self._shelf.is_called = True
        try:
            return (yield)
        finally:
            self._shelf.is_called = False

    def _keep(self, result: Judged) -> None:
        if result.verdict.killer is not None:
            killers = self._killers[result.mutant.model]
            killers[:] = [result.verdict.killer, *(killer for killer in killers if killer != result.verdict.killer)]
        self.judged.append(result)
        self._told(result)

    def _judge(self, mutant: Mutant) -> Verdict:
        """Judge a mutant; what this process has kept is not what it was afterwards."""
        use(mutant)
        try:
            told = _Telling(mutant, self._killers[mutant.model])
            for test in told.by(list(self._shelf.runs())):
                if not self._passes(self._items[test], None):
                    return told.verdict(killer=test)
            for test in told.by(list(self._shelf.desks()), most=_MOST_DESKS):
                if not _passes_alone(test, mutant):
                    return told.verdict(killer=test)
        except RefusedError as error:
            return Verdict(reason=f"refused: {error}")
        return told.verdict()

    def _passes(self, item: pytest.Item, next_item: pytest.Item | None) -> bool:
        self._shelf.current = item.nodeid
        return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=next_item))


class _Telling:
    """Tests that can tell a mutant from the model, the likeliest ones first."""

    def __init__(self, mutant: Mutant, killers: Sequence[str]) -> None:
        self._mutant = mutant
        self._killers = killers
        self._tests = 0
        self._builds = 0

    def verdict(self, killer: str | None = None) -> Verdict:
        """What has come out."""
        return Verdict(killer=killer, tests=self._tests, builds=self._builds)

    def by(self, builds: Sequence[Kept], *, most: int | None = None) -> Iterator[str]:
        """Tests of these builds that find other rows than before, once each.

        A test may read several builds; all of them are made anew before it runs.
        """
        ready: dict[int, list[str]] = {}
        done: set[str] = set()
        of_test: dict[str, list[Kept]] = defaultdict(list)
        for build in builds:
            for test in build.readers():
                of_test[test].append(build)
        for build in self._in_order([build for build in builds if build.has(self._mutant.model)]):
            for test in self._likeliest_first(self._told(build, ready)):
                if test in done or (most is not None and len(done) >= most):
                    continue
                for other in of_test[test]:
                    self._told(other, ready)
                done.add(test)
                self._tests += 1
                yield test

    def _told(self, build: Kept, ready: dict[int, list[str]]) -> list[str]:
        if id(build) not in ready:
            ready[id(build)] = build.told(self._mutant)
            self._builds += bool(ready[id(build)])
        return ready[id(build)]

    def _in_order(self, builds: Sequence[Kept]) -> list[Kept]:
        rank = {test: place for place, test in enumerate(self._killers)}
        last = len(rank)
        return sorted(builds, key=lambda build: min((rank.get(test, last) for test in build.readers()), default=last))

    def _likeliest_first(self, tests: Sequence[str]) -> list[str]:
        known = [test for test in self._killers if test in tests]
        return [*known, *(test for test in tests if test not in known)]


def _passes_alone(test: str, mutant: Mutant) -> bool:
    """Run a test in a process of its own: polars, which judges a build, does not survive a fork."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "mutant.json"
        file.write_text(json.dumps({**vars(mutant), "model": str(mutant.model)}), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-p", substitute.__name__, *PLAIN, test]
        environment = {**os.environ, substitute.VARIABLE: str(file)}
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
    return done.returncode == 0
