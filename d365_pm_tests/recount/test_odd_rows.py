"""The SQL models against the second count where rows are odd but legal."""

from collections import Counter
from datetime import UTC, datetime
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


ODDITIES = {
    "two owners in a second": (ties.two_owners_in_a_second,),
    "there and back in a second": (ties.there_and_back_in_a_second,),
    "reopened in the second": (ties.resolved_and_reopened_in_a_second, ties.reopened_in_the_second),
    "handed to and fro": (ties.handed_to_and_fro,),
    "moved in bulk": (ties.moved_in_bulk,),
    "numbers and satisfaction": (records.odd_numbers, records.odd_satisfaction),
    "surveys": (records.odd_surveys,),
    "lost records": (records.lost_clocks, records.lost_people),
    "articles": (records.odd_articles,),
    "unsent e-mails": (work.unsent_emails,),
    "surveys and empty numbers": (records.odd_numbers, records.odd_surveys),
    "over in a second": (ties.over_in_a_second,),
    "contact at the resolution": (work.late_calls,),
    "clocks in the second of a change": (records.odd_clocks, ties.there_and_back_in_a_second),
    "reopened twice in a second": (ties.reopened_twice,),
    "lost owners": (audit_text.lost_owners,),
    "queues, e-mails and actors": (work.moved_items, work.odd_emails, work.odd_actors),
    "categories": (work.odd_categories,),
    "escalated again": (work.escalated_again,),
    "lost articles": (records.lost_articles,),
}

CASES = [pytest.param(oddities, id=name) for name, oddities in ODDITIES.items()]


@pytest.mark.parametrize("oddities", CASES)
def test_odd_rows_give_the_second_count(oddities, desk, plain_log, tmp_path):
    rows = with_oddities(desk, oddities)
    expected = counted(rows, desk)

    found = published(rows, desk, tmp_path)

    assert expected != plain_log
    assert (expected - found, found - expected) == (Counter(), Counter())
