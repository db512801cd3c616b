"""A session of pytest whose tests judge mutants.

Belongs here: which tests of `make test` judge, and starting them.
"""

from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO

import pytest

from d365_pm.contracts.seeds import EXTENDED_ACTIVITIES
from d365_pm.warehouse import TableName
from d365_pm_tests.models.model_run import shipped_project
from d365_pm_tests.mutation.choice import mutants
from d365_pm_tests.mutation.plugin import PLAIN, Lot, MutationPlugin
from d365_pm_tests.mutation.trial import Judged

TESTS = (
    "d365_pm_tests/models",
    "d365_pm_tests/recount/test_decided.py",
    "d365_pm_tests/recount/test_odd_rows.py",
)
"""Tests that judge; `make test` runs all of them."""


class JudgesFailError(Exception):
    """Tests fail on the models as they are, so that they cannot judge others."""


@dataclass(frozen=True)
class Session:
    """What a session gave: the number of tests that judge, and the mutants that they judged."""

    tests: int
    judged: list[Judged]


def judge(
    lot: Lot, *, wanted: int, jobs: int, tests: Sequence[str] = TESTS, told: Callable[[Judged], None] = lambda _: None
) -> Session:
    """Let tests judge mutants.

    Args:
        lot: Gives the mutants in the order to try them.
        wanted: Number of mutants to judge.
        jobs: Processes at once.
        tests: Files, folders or node ids of pytest.
        told: Called with each mutant that was judged.

    Raises:
        JudgesFailError: Names the tests that fail without any mutant.
    """
    plugin = MutationPlugin(lot, wanted=wanted, jobs=jobs, told=told)
    with redirect_stdout(StringIO()) as output:
        code = pytest.main([*tests, *PLAIN, "--capture=no", "-p", "no:randomly"], plugins=[plugin])
    if plugin.failed:
        raise JudgesFailError(f"these tests fail on the models as they are: {', '.join(plugin.failed)}")
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise JudgesFailError(output.getvalue())
    return Session(plugin.tests, plugin.judged)


def drawn(*, seed: int, only: Sequence[TableName] = ()) -> Lot:
    """The lot of the shipped models, with every extended activity."""
    return lambda: mutants(shipped_project(EXTENDED_ACTIVITIES), seed=seed, only=only)
