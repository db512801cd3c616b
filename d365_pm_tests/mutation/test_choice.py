"""Which mutants are tried."""

from collections import Counter
from itertools import islice

import pytest

from d365_pm_tests.models.model_run import shipped_project
from d365_pm_tests.mutation.choice import mutants
from d365_pm_tests.mutation.mutant import candidates
from d365_pm_tests.mutation.operators import OPERATORS

SOME = 120


@pytest.fixture(scope="module")
def chosen():
    return list(islice(mutants(shipped_project(), seed=1), SOME))


def test_the_same_seed_chooses_the_same_mutants(chosen):
    again = islice(mutants(shipped_project(), seed=1), 10)

    assert [mutant.key for mutant in again] == [mutant.key for mutant in chosen[:10]]


def test_every_model_has_its_turn_before_any_has_many(chosen):
    per_model = Counter(mutant.model for mutant in chosen)

    assert set(per_model) == {model.table for model in shipped_project().models if any(candidates(model))}
    assert max(per_model.values()) <= 3


def test_the_kinds_of_changes_take_turns(chosen):
    per_operator = Counter(mutant.operator for mutant in chosen)

    assert len(per_operator) >= len(OPERATORS) - 2
    assert max(per_operator.values()) < SOME / 4


def test_no_two_mutants_run_the_same_statement(chosen):
    assert len({(mutant.model, mutant.sql) for mutant in chosen}) == SOME
