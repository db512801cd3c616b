"""A sample of the ground truth, one small desk in every kind of environment, and that a lie would be seen."""

from datetime import timedelta

import pytest

from d365_pm.sandbox.desk import PLAIN
from d365_pm_tests.ground_truth.__main__ import desk_of
from d365_pm_tests.ground_truth.kinds import KINDS
from d365_pm_tests.ground_truth.publication import Claim, claims_of, truth_of
from d365_pm_tests.ground_truth.report import broken_promises
from d365_pm_tests.ground_truth.score import score

ACTIVITIES = 13
_END_TO_END = ("audited", "eventful")


@pytest.fixture(scope="module")
def truth():
    return truth_of(desk_of(1, 50, PLAIN))


# The two kinds with everything audited run in `end_to_end`, through server, client and Dagster.
@pytest.mark.slow
@pytest.mark.parametrize("kind", [each for each in KINDS if each.name not in _END_TO_END], ids=lambda kind: kind.name)
def test_the_log_holds_what_its_kind_of_environment_promises(kind):
    desk = desk_of(1, 250, kind.habits)
    found = score(truth_of(desk), claims_of(desk, kind))

    assert broken_promises(kind.name, found) == []
    assert len(found.tallies) == ACTIVITIES - (kind.name == "bare") * 2


@pytest.fixture
def whole(truth):
    """The truth itself, as a log that claims to have it recorded."""
    return [Claim(event, "A", "R1") for event in truth]


def test_the_truth_itself_breaks_no_promise(truth, whole):
    assert broken_promises("audited", score(truth, whole)) == []


def test_a_missing_event_breaks_the_promise_of_a_whole_audit_alone(truth, whole):
    found = score(truth, whole[1:])

    assert len(broken_promises("audited", found)) == 1
    assert broken_promises("unaudited", found) == []


@pytest.mark.parametrize(("confidence", "broken"), [("A", 1), ("B", 1), ("C", 0), ("D", 1)])
def test_an_event_a_second_late_may_only_be_of_class_c(truth, whole, confidence, broken):
    late = whole[0].event._replace(at=whole[0].event.at + timedelta(seconds=1))
    found = score(truth, [Claim(late, confidence, "R1"), *whole[1:]])

    assert len(broken_promises("unaudited", found)) == broken


def test_an_event_told_twice_is_true_once(truth, whole):
    found = score(truth, [*whole, whole[0]])

    assert found.unmarked == 1
    assert len(broken_promises("audited", found)) == 2
