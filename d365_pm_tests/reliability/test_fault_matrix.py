"""A part of the fault matrix that guards every day: each kind of fault in one cell, another table and page each time.

The whole matrix is a command, `python -m d365_pm_tests.reliability.fault_matrix`.
"""

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pytest

from d365_pm.assets.tables import RAW_TABLES
from d365_pm.dataverse import TABLES
from d365_pm.sandbox.serving import RunningSandbox
from d365_pm_tests.reliability.fault_desk import ENTITY_SETS
from d365_pm_tests.reliability.fault_matrix import Situations, situations
from d365_pm_tests.reliability.fault_scripts import SCRIPTS
from d365_pm_tests.reliability.fault_verdict import Difference, Row, Verdict, compare

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def both() -> Iterator[Situations]:
    with situations() as made:
        yield made


def stored(sandbox: RunningSandbox, table: str) -> dict[object, Row]:
    """Rows of the environment in the columns of the raw layer; those that the client derives are null."""
    definition, rows = RAW_TABLES[table], sandbox.environment.tables[table].rows.to_arrow()
    columns = [
        rows.column(field.name).cast(field.type).to_pylist()
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows).to_pylist()
        for field in definition.schema
    ]
    key = definition.schema.names.index(definition.key[0])
    return {row[key]: row for row in zip(*columns, strict=True)}


def without_derived(rows: Mapping[object, Row], table: str) -> list[tuple[object, Row]]:
    derived = {column.wire_name for column in TABLES[table].columns if column.derived}
    kept = [place for place, name in enumerate(RAW_TABLES[table].schema.names) if name not in derived]
    return [(key, tuple(row[place] for place in kept)) for key, row in rows.items()]


@pytest.mark.parametrize("table", ENTITY_SETS)
@pytest.mark.parametrize("situation", ["first_run", "changes"])
def test_without_faults_the_raw_layer_has_the_environments_rows(both: Situations, situation: str, table: str) -> None:
    place = getattr(both, situation)
    truth = dict(without_derived(stored(place.sandbox, table), table))
    assert len(truth) >= 100
    assert compare(truth, without_derived(place.truth[table], table)) == Difference()


@pytest.mark.parametrize("number", range(len(SCRIPTS)), ids=[script.name for script in SCRIPTS])
def test_under_a_fault_a_read_is_whole_or_loud(both: Situations, number: int) -> None:
    script = SCRIPTS[number]
    places = both.of(script)
    table = script.tables[number % len(script.tables)]
    page = script.positions[number // 2 % len(script.positions)]
    outcome = places[number % len(places)].play(script, table, page)
    assert outcome.fired, "the fault was never met"
    assert outcome.difference == Difference()
    assert outcome.verdict in ((Verdict.WHOLE,) if script.passes else (Verdict.WHOLE, Verdict.LOUD)), outcome.message
    assert outcome.is_named, outcome.message
    assert outcome.heals is not False, "the run after a loud one is not whole"


def test_the_comparison_notices_what_it_counts() -> None:
    truth: dict[object, Row] = {"a": ("a", 1), "b": ("b", 2), "c": ("c", 3)}
    right = list(truth.items())
    assert compare(truth, right).is_none
    assert compare(truth, right[1:]) == Difference(lost=1)
    assert compare(truth, [*right, right[0]]) == Difference(doubled=1)
    assert compare(truth, [*right[1:], ("a", ("a", 9)), ("x", ("x", 0))]) == Difference(wrong=2)


def test_a_broken_payload_must_be_called_so() -> None:
    truth: dict[object, Row] = {"a": ("a", "{}", "parsed")}
    odd = "\N{REPLACEMENT CHARACTER}" * 2 + "{}"
    assert compare(truth, [("a", ("a", odd, "opaque"))], payload=2).is_none
    assert compare(truth, [("a", ("a", odd, "parsed"))], payload=2) == Difference(wrong=1)
    assert compare(truth, [("a", ("a", "{}", "opaque"))], payload=2) == Difference(wrong=1)
