"""The SQL models against the second count where rows are odd but legal."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from random import Random

import pytest

from d365_pm.sandbox.desk import generate
from d365_pm_tests.recount.log import Count
from d365_pm_tests.recount.odd import audit_text, records, ties, work
from d365_pm_tests.recount.pipeline import publish
from d365_pm_tests.recount.raw import read_raw, rows_of

pytestmark = pytest.mark.slow

END = datetime(2026, 3, 2, 12, tzinfo=UTC)

SAME_MEANING = (
    audit_text.equal_values,
    audit_text.upper_case_ids,
    audit_text.equal_but_for_case,
    audit_text.upserts,
    audit_text.labelled_options,
    audit_text.other_columns,
    audit_text.unreadable_changes,
    audit_text.shuffled_rows,
)


@pytest.fixture(scope="module")
def desk():
    return generate(cases=300, seed=77, days=30, end=END)


@pytest.fixture(scope="module")
def plain_log(desk):
    return counted(rows_of(desk.tables), desk)


def counted(rows, desk):
    return Counter(Count(read_raw(rows), desk.end, "pt-BR").log())


def published(rows, desk, folder):
    return Counter(publish(rows, folder, as_of=desk.end).log)


def with_oddities(desk, oddities):
    rows = rows_of(desk.tables)
    for oddity in oddities:
        oddity(rows, Random(oddity.__name__))
    return rows


def test_other_words_for_the_same_change_nothing(desk, plain_log, tmp_path):
    rows = with_oddities(desk, SAME_MEANING)

    assert counted(rows, desk) == plain_log
    assert published(rows, desk, tmp_path) == plain_log


# Two kinds that have nothing to do with each other share a desk, since building it is what takes the time.
ODDITIES = {
    "two owners in a second, surveys": (ties.two_owners_in_a_second, records.odd_surveys),
    "there and back in a second, articles": (ties.there_and_back_in_a_second, records.odd_articles),
    "reopened in the second, categories": (
        ties.resolved_and_reopened_in_a_second,
        ties.reopened_in_the_second,
        work.odd_categories,
    ),
    "handed to and fro, lost articles": (ties.handed_to_and_fro, records.lost_articles),
    "moved in bulk, numbers and satisfaction": (ties.moved_in_bulk, records.odd_numbers, records.odd_satisfaction),
    "lost records, reopened twice in a second": (records.lost_clocks, records.lost_people, ties.reopened_twice),
    "unsent e-mails, lost owners": (work.unsent_emails, audit_text.lost_owners),
    "over in a second, escalated again": (ties.over_in_a_second, work.escalated_again),
    "contact at the resolution, surveys and empty numbers": (work.late_calls, records.odd_numbers, records.odd_surveys),
    "clocks in the second of a change": (records.odd_clocks, ties.there_and_back_in_a_second),
    "queues, e-mails and actors": (work.moved_items, work.odd_emails, work.odd_actors),
}

CASES = [pytest.param(oddities, id=name) for name, oddities in ODDITIES.items()]


@pytest.mark.parametrize("oddities", CASES)
def test_odd_rows_give_the_second_count(oddities, desk, plain_log, tmp_path):
    desks = [with_oddities(desk, oddities[: number + 1]) for number in range(len(oddities))]
    logs = [plain_log, *(counted(rows, desk) for rows in desks)]
    expected = logs[-1]

    found = published(desks[-1], desk, tmp_path)

    assert all(before != after for before, after in pairwise(logs)), "an oddity changes nothing"
    assert (expected - found, found - expected) == (Counter(), Counter())
