"""The worked example with auditing off: what is left is told with its bounds, what is lost is told as a gap."""

import pytest

from d365_pm.explain import Story, explain
from d365_pm_tests.explain.told import warehouse_of
from d365_pm_tests.models.desk import NEVER
from d365_pm_tests.models.names import guid, iso
from d365_pm_tests.models.worked_example import build_worked_example


@pytest.fixture(scope="module")
def story() -> Story:
    return explain(warehouse_of(build_worked_example(audit_from=NEVER)), guid("example"))


def test_the_reactivation_stands_on_the_undone_resolution(story: Story):
    """Section 8, last paragraph: 16 as RE3 (C)."""
    [event] = [event for event in story.events if event.rule.startswith("RE")]

    assert (event.rule, event.confidence) == ("RE3", "C")
    assert "undone resolution" in event.meaning


def test_an_interval_has_the_moment_between_its_bounds(story: Story):
    bounded = [event for event in story.events if event.earliest and event.latest]

    assert bounded
    assert all(event.earliest <= event.time <= event.latest for event in bounded)


def test_lost_events_are_gaps_and_not_set_aside(story: Story):
    """Section 8, last paragraph: 6, 7, 11 and 12 are lost."""
    assert story.gaps[0].startswith("No audit of this case exists")
    assert not [each for each in story.set_aside if each.source_table == "audit"]


def test_the_head_says_that_nothing_was_audited_and_keeps_what_two_resolutions_prove(story: Story):
    """Section 8: IsRework stays true, by its two resolutions."""
    head = {each.name: (each.value, each.basis) for each in story.attributes}

    assert head["IsRework"][0] is True
    assert head["AuditCoverage"][0] == "none"
    assert iso(head["CreatedAt"][0]) == "2024-03-04T13:05:10Z"
