"""Changes of one column in one second, put into the order in which they chain (reference: 4.7)."""

import pytest

from d365_pm_tests.models.audit_rows import LEVEL, audit_row, entry
from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.raw_desk import DELETE

Steps = list[tuple[str, str, str, str]]
TIES: dict[str, tuple[Steps, list[str]]] = {
    "a chain against the ids": (
        [("#3", "11:00", "a", "b"), ("#2", "11:00", "b", "c"), ("#1", "11:00", "c", "d")],
        ["#3", "#2", "#1"],
    ),
    "there and back, after what was before": (
        [("#0", "10:00", "x", "a"), ("#2", "11:00", "a", "b"), ("#1", "11:00", "b", "a")],
        ["#2", "#1"],
    ),
    "there and back, nothing known before": ([("#2", "11:00", "a", "b"), ("#1", "11:00", "b", "a")], ["#1", "#2"]),
    "after a second that chains": (
        [
            ("#1", "10:00", "x", "a"),
            ("#2", "10:00", "a", "b"),
            ("#4", "11:00", "b", "a"),
            ("#3", "11:00", "a", "b"),
        ],
        ["#1", "#2", "#4", "#3"],
    ),
    "after a second that chains, the other way round": (
        [
            ("#1", "10:00", "x", "b"),
            ("#2", "10:00", "b", "a"),
            ("#4", "11:00", "a", "b"),
            ("#3", "11:00", "b", "a"),
        ],
        ["#1", "#2", "#4", "#3"],
    ),
    "after a second that changed nothing": (
        [
            ("#0", "09:00", "x", "b"),
            ("#1", "10:00", "b", "a"),
            ("#2", "10:00", "a", "b"),
            ("#4", "11:00", "b", "a"),
            ("#3", "11:00", "a", "b"),
        ],
        ["#1", "#2", "#4", "#3"],
    ),
    "after a second that came back to its value": (
        [
            ("#0", "10:00", "x", "b"),
            ("#1", "10:00", "b", "a"),
            ("#2", "10:00", "a", "b"),
            ("#4", "11:00", "b", "a"),
            ("#3", "11:00", "a", "b"),
        ],
        ["#0", "#1", "#2", "#4", "#3"],
    ),
    "after a second with two ends": (
        [
            ("#1", "10:00", "x", "b"),
            ("#2", "10:00", "y", "a"),
            ("#4", "11:00", "a", "b"),
            ("#3", "11:00", "b", "a"),
        ],
        ["#1", "#2", "#4", "#3"],
    ),
    "the nearest second before": (
        [
            ("#0", "09:00", "x", "a"),
            ("#1", "10:00", "a", "b"),
            ("#4", "11:00", "b", "a"),
            ("#3", "11:00", "a", "b"),
            ("#5", "12:00", "b", "a"),
        ],
        ["#4", "#3"],
    ),
    "no chain, but one goes on from before": (
        [("#0", "10:00", "x", "c"), ("#1", "11:00", "a", "b"), ("#2", "11:00", "c", "d")],
        ["#2", "#1"],
    ),
    "the longest chain first": (
        [("#0", "10:00", "x", "a"), ("#1", "11:00", "a", "b"), ("#3", "11:00", "c", "d"), ("#2", "11:00", "d", "e")],
        ["#3", "#2", "#1"],
    ),
    "no chain": ([("#2", "11:00", "a", "b"), ("#1", "11:00", "c", "d")], ["#1", "#2"]),
    "after it was emptied": (
        [("#0", "10:00", "a", ""), ("#2", "11:00", "", "b"), ("#1", "11:00", "b", "")],
        ["#2", "#1"],
    ),
    "no chain of three": (
        [("#3", "11:00", "a", "b"), ("#1", "11:00", "c", "d"), ("#2", "11:00", "e", "f")],
        ["#1", "#2", "#3"],
    ),
    "from nothing": ([("#2", "11:00", "", "a"), ("#1", "11:00", "a", "")], ["#1", "#2"]),
    "six": ([(f"#{7 - n}", "11:00", f"v{n}", f"v{n + 1}") for n in range(1, 7)], ["#6", "#5", "#4", "#3", "#2", "#1"]),
    "seven": ([(f"#{8 - n}", "11:00", f"v{n}", f"v{n + 1}") for n in range(1, 8)], []),
    "two seconds": ([("#1", "11:00:00", "a", "b"), ("#2", "11:00:01", "b", "c")], []),
}
"""Changes of a column (audit row, second, old, new); the order of those that share a second."""


@pytest.mark.parametrize("story", TIES)
def test_changes_of_one_second_are_chained(story: str) -> None:
    desk = Desk(seeds=LEVEL)
    steps, wanted = TIES[story]
    desk.case("c1", "08:00", audited=False)
    desk.case("c2", "08:00", audited=False)
    for name, when, old, new in steps:
        audit_row(desk, name, [entry("new_level", old, new)], createdon=when)
    for number, column in enumerate(("statuscode", "prioritycode")):
        audit_row(desk, f"#9 {number}", [entry(column, "1", "2")])
    audit_row(desk, "#8 deleted", [entry("new_level", "b", None)], operation=DELETE)
    audit_row(desk, "#8 of another case", [entry("new_level", "x", "c")], objectid=("incident", "c2"))
    seconds = {name: when for name, when, _, _ in steps}
    expected = set()
    for name in wanted:
        same = [other for other in wanted if seconds[other] == seconds[name]]
        expected.add((name, "new_level", same.index(name) + 1))
    rows = desk.run.rows_of("staging.change_tie").only("audit_id", "column_name", "tie_position")
    assert (set(rows), len(rows)) == (expected, len(expected))


def test_each_column_of_each_case_is_chained_by_itself() -> None:
    """Two columns of two cases go there and back in the same second, each from a value of its own."""
    desk = Desk(seeds=LEVEL)
    values = {"new_level": ("a", "b"), "prioritycode": ("1", "2")}
    before = {"c1": {"new_level": "a", "prioritycode": "2"}, "c2": {"new_level": "b", "prioritycode": "1"}}
    there = [entry(column, first, second) for column, (first, second) in values.items()]
    back = [entry(column, second, first) for column, (first, second) in values.items()]
    for names, (case, known) in zip((("#1", "#2", "#3"), ("#4", "#5", "#6")), before.items(), strict=True):
        desk.case(case, "08:00", audited=False)
        earlier = [entry(column, "0", value) for column, value in known.items()]
        for name, when, changes in zip(names, ("10:00", "11:00", "11:00"), (earlier, there, back), strict=True):
            audit_row(desk, name, changes, createdon=when, objectid=("incident", case))
    rows = desk.run.rows_of("staging.change_tie").only("audit_id", "column_name", "tie_position")
    assert sorted(rows) == [
        ("#2", "new_level", 1),
        ("#2", "prioritycode", 2),
        ("#3", "new_level", 2),
        ("#3", "prioritycode", 1),
        ("#5", "new_level", 2),
        ("#5", "prioritycode", 1),
        ("#6", "new_level", 1),
        ("#6", "prioritycode", 2),
    ]
