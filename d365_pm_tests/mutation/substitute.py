"""A plugin of pytest that lets the tests of `recount` publish by models of which one was changed.

For tests that need a process of their own: `python -m pytest -p d365_pm_tests.mutation.substitute TEST`, with a file
that names the model and its statement in the environment.
"""

import json
import os
from pathlib import Path

from d365_pm.warehouse import TableName
from d365_pm_tests.mutation.mutant import Mutant, mutated
from d365_pm_tests.recount import pipeline

VARIABLE = "D365_PM_MUTANT"


def pytest_configure() -> None:
    """Put the changed model in the place of the shipped one."""
    told = json.loads(Path(os.environ[VARIABLE]).read_text(encoding="utf-8"))
    project = mutated(pipeline.read_project(), Mutant(**{**told, "model": TableName(*told["model"].split("."))}))
    pipeline.read_project = lambda extended=frozenset(): project
