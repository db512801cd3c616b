"""The second count against what the generator knows, and the SQL models against the second count."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from d365_pm.sandbox.desk import generate
from d365_pm_tests.end_to_end.comparison import truth_rows
from d365_pm_tests.recount.log import Count, LogRow
from d365_pm_tests.recount.pipeline import Published, publish
from d365_pm_tests.recount.raw import read_raw, rows_of
from d365_pm_tests.recount.rules import LABELS

pytestmark = pytest.mark.slow

ACTIVITIES = 13
END = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Counted:
    """One desk, counted three times.

    Attributes:
        truth: The generator's own log, in order.
        recount: The second count by case, each in order.
        published: What the SQL models made of the same rows.
    """

    truth: list[LogRow]
    recount: list[tuple[str, list[LogRow]]]
    published: Published

    @property
    def rows(self) -> list[LogRow]:
        """The second count in one list."""
        return [row for _, rows in self.recount for row in rows]


@pytest.fixture(scope="module", params=[41, 42, 43], ids="seed {}".format)
def counted(request, tmp_path_factory):
    desk = generate(cases=1000, seed=request.param, days=30, end=END)
    rows = rows_of(desk.tables)
    recount = Count(read_raw(rows), desk.end, "pt-BR").by_case()
    published = publish(rows, tmp_path_factory.mktemp("desk"), as_of=desk.end)
    return Counted(truth_rows(desk.truth(as_of=desk.end, language="pt-BR")), recount, published)


def differences(expected, found):
    """Rows that only one side has, as many times as it has them more often."""
    left, right = Counter(expected), Counter(found)
    return list((left - right).elements()), list((right - left).elements())


def test_a_desk_has_every_activity(counted):
    assert len({row[1] for row in counted.rows}) == ACTIVITIES


def test_the_second_count_is_the_truth(counted):
    assert differences(counted.truth, counted.rows) == ([], [])


def test_the_models_publish_the_second_count(counted):
    assert differences(counted.rows, counted.published.log) == ([], [])


def test_the_second_count_has_the_order_of_the_truth(counted):
    in_truth = {}
    for row in counted.truth:
        in_truth.setdefault(row[0], []).append(row[1:3])
    found = {rows[0][0]: [row[1:3] for row in rows] for _, rows in counted.recount}

    assert {case: (order, in_truth[case]) for case, order in found.items() if order != in_truth[case]} == {}


def test_the_models_give_the_order_of_the_second_count(counted):
    found = {case: [row[1:3] for row in rows] for case, rows in counted.recount}
    published = counted.published.order

    assert {case: (order, published[case]) for case, order in found.items() if order != published[case]} == {}


def test_extended_activities_come_beside_the_second_count_and_change_nothing_of_it(tmp_path):
    desk = generate(cases=150, seed=44, days=30, end=END)
    rows = rows_of(desk.tables)
    recount = Count(read_raw(rows), desk.end, "pt-BR").log()
    log = publish(rows, tmp_path, as_of=desk.end, activities="all").log
    labels = {pair[0] for pair in LABELS.values()}

    assert differences(recount, [row for row in log if row[1] in labels]) == ([], [])
    assert {row[1] for row in log} > labels
