"""A small hunt; the full one is `python -m d365_pm_tests.reliability.kill_and_resume`."""

import pytest

from d365_pm_tests.reliability.kill_and_resume import hunt


@pytest.mark.timeout(240)
def test_extractions_that_are_killed_end_whole_and_read_at_most_one_page_per_stream_twice() -> None:
    outcome = hunt(5, cases=60)
    assert outcome.kills == 5
    assert outcome.different == 0
    assert outcome.worst <= 1
    assert outcome.reading > 0, "every process was killed before it had asked for a page"
