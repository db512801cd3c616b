"""A few of the random histories that `change_stream` plays by the thousand."""

from d365_pm_tests.reliability.change_stream import follow_many
from d365_pm_tests.reliability.histories import KINDS


def test_the_raw_layer_equals_the_source_after_every_load():
    verdicts = follow_many(range(9))

    assert [verdict.differences for verdict in verdicts] == [()] * 9
    assert frozenset().union(*(verdict.kinds for verdict in verdicts)) == KINDS
    assert sum(verdict.syncs for verdict in verdicts) > 30
