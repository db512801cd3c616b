"""What each kind of change makes of a statement."""

import pytest
from sqlglot import parse_one

from d365_pm_tests.mutation.operators import OPERATORS


def changes(operator, sql):
    """Statements that one kind of change makes of another one."""
    tree = parse_one(sql, dialect="duckdb")
    found = set()
    for number, node in enumerate(tree.walk()):
        for variant, _ in enumerate(OPERATORS[operator](node)):
            copy = tree.copy()
            place = list(copy.walk())[number]
            offered = list(OPERATORS[operator](place))[variant]
            if place is copy:
                copy = offered
            elif offered is None:
                place.pop()
            else:
                place.replace(offered)
            found.add(copy.sql(dialect="duckdb", normalize_functions="lower").lower())
    return found


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        ("comparison flipped", "select a <= b", {"select a >= b"}),
        ("comparison flipped", "select a = b", {"select a <> b"}),
        ("boundary moved", "select a <= b", {"select a < b"}),
        ("boundary moved", "select a between 1 and 2", {"select a > 1 and a <= 2", "select a >= 1 and a < 2"}),
        ("connector swapped", "select a and b", {"select ((a) or (b))"}),
        ("condition dropped", "select 1 from t where a and b", {"select 1 from t where a", "select 1 from t where b"}),
        ("condition dropped", "select 1 from t where a", {"select 1 from t"}),
        ("condition dropped", "select count(*) filter (where a) from t", {"select count(*) from t"}),
        ("alternative dropped", "select a in (1, 2)", {"select a in (1)", "select a in (2)"}),
        ("join kind changed", "select 1 from t left join u on a = b", {"select 1 from t inner join u on a = b"}),
        ("join kind changed", "select 1 from t inner join u on a = b", {"select 1 from t left join u on a = b"}),
        (
            "constant changed",
            "select 9, 'x', true",
            {"select 10, 'x', true", "select 9, 'x?', true", "select 9, 'x', false"},
        ),
        ("constant changed", "select a * 1000000", {"select a * 2000000"}),
        ("default changed", "select coalesce(a, 0)", {"select a", "select 0"}),
        ("default changed", "select coalesce(a, b)", {"select a", "select b", "select coalesce(b, a)"}),
        ("order turned", "select lag(a) over (order by b)", {"select lag(a) over (order by b desc)"}),
        ("order turned", "select a from t order by a", set()),
        (
            "order key dropped",
            "select rank() over (order by a, b)",
            {"select rank() over (order by a)", "select rank() over (order by b)"},
        ),
        ("group key dropped", "select sum(a) over (partition by b)", {"select sum(a) over ()"}),
        ("distinct changed", "select distinct a from t", {"select a from t"}),
        ("distinct changed", "select count(distinct a) from t", {"select count(a) from t"}),
        ("aggregate swapped", "select min(a) from t", {"select max(a) from t"}),
        ("branch dropped", "select case when a then 1 else 2 end", {"select case when a then 1 end"}),
        ("branch dropped", "select 1 as a union all select 2 as a", {"select 1 as a", "select 2 as a"}),
        ("arithmetic swapped", "select a + b", {"select a - b"}),
        ("null test turned", "select a is null", {"select not a is null"}),
        ("null test turned", "select not a", {"select (a)"}),
    ],
)
def test_an_operator_makes_these_changes_and_no_others(operator, before, after):
    assert changes(operator, before) == after
