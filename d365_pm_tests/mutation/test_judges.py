"""The tests as judges: what they can tell is killed, what nobody can tell survives."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest

from d365_pm.contracts.seeds import EXTENDED_ACTIVITIES
from d365_pm.warehouse import TableName
from d365_pm_tests.models.model_run import shipped_project
from d365_pm_tests.models.worked_example import build_worked_example
from d365_pm_tests.mutation.judges import judge
from d365_pm_tests.mutation.mutant import Mutant, candidates, make, models_of, mutated, unchanged
from d365_pm_tests.mutation.survivors import known
from d365_pm_tests.mutation.tables import make_anew

STORIES = "d365_pm_tests/models/test_case_reactivated.py"
AUDITED = TableName("staging", "case_reactivation")
STATE = "WHERE c.old_state IN (1, 2) AND c.new_state = 0"
CHANGES = {
    "the reactivations are the other changes of state": STATE.replace("new_state = 0", "new_state <> 0"),
    "cancelled cases never reopen": STATE.replace("(1, 2)", "(1)"),
}


def named(after):
    """The mutant of the audited reactivations that reads so."""
    model = models_of(shipped_project())[AUDITED]
    made = (make(candidate, model) for candidate in candidates(model))
    return next(mutant for mutant in made if mutant and mutant.after == after)


def fates(jobs):
    """What the stories of reactivation make of two mutants, and of one that changes no row."""
    changed = [named(after) for after in CHANGES.values()]
    twin = replace(changed[0], sql=unchanged(models_of(shipped_project())[AUDITED]))
    nonsense = replace(changed[0], sql="select missing from staging.state_change")
    lot = [*changed, nonsense, twin]
    session = judge(lambda: iter(lot), wanted=3, jobs=jobs, tests=[STORIES])
    return [(each.mutant.sql == twin.sql, each.verdict) for each in session.judged]


@pytest.fixture(scope="module")
def verdicts():
    """Judged in a fresh process: a session of pytest inside of another one would share its state."""
    # Not multiprocessing's own pool, which ends its process by a signal that one started in the background may ignore.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(fates, 1).result()


def test_a_change_that_a_story_tells_is_killed_by_it(verdicts):
    killers = [verdict.killer for _, verdict in verdicts if verdict.is_killed]

    assert len(killers) == len(CHANGES)
    assert all(killer.startswith(STORIES) for killer in killers)


def test_a_change_of_no_row_survives_without_running_a_test(verdicts):
    (twin,) = [verdict for is_twin, verdict in verdicts if is_twin]

    assert (twin.killer, twin.tests, twin.reason) == (None, 0, None)


def test_a_statement_that_the_engine_refuses_is_no_mutant(verdicts):
    assert [verdict.is_refused for _, verdict in verdicts].count(True) == 1


def test_every_model_gives_the_same_rows_when_it_is_written_from_its_tree():
    """Mutants are written from trees; what differs must be the change and not the writing."""
    run = build_worked_example().run._run
    project = shipped_project()
    for model in project.models:
        run.select(str(model.table), where="false")

    others = [
        model.table
        for model in project.models
        if make_anew(run._connection, {model.table}, model.table, mutated(project, written(model)))
    ]

    assert others == []


def written(model):
    """A mutant that is none."""
    return Mutant(model.table, "none", 1, "", "", "", unchanged(model))


def test_known_survivors_name_models_that_exist():
    tables = {str(model.table) for model in shipped_project(EXTENDED_ACTIVITIES).models}

    assert {model for model, *_ in known()} <= tables
