"""The same raw rows give the same bytes (event-log semantics 9, invariant 2): a sample of what the command builds."""

import duckdb
import pytest

from d365_pm.contracts.event_log import COLUMNS
from d365_pm_tests.determinism.build import build
from d365_pm_tests.determinism.comparison import build_each
from d365_pm_tests.determinism.rows import write_rows
from d365_pm_tests.determinism.variant import SAMPLE, VARIANTS, Variant

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk") / "rows"
    write_rows(folder, cases=100, seed=7)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("here")


@pytest.fixture(scope="module")
def here(rows, folder):
    return build(rows, folder, Variant())


def test_neither_order_nor_pages_nor_threads_nor_time_zones_change_a_byte(rows, here, tmp_path):
    elsewhere = [built.digests for built in build_each(rows, tmp_path, SAMPLE)]

    assert elsewhere == [here, here]


@pytest.mark.usefixtures("here")
def test_the_log_has_exactly_the_rows_of_its_events_with_their_cases(folder):
    """The export reads the log so, since the order of its rows stands with the events."""
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        columns = ", ".join(COLUMNS)
        log = f"select {columns} from marts.event_log"
        exported = f"select {columns} from read_parquet('{folder / 'event_log.parquet'}')"
        (rows,) = connection.execute(f"select count(*) from ({log})").fetchall()[0]
        missing = connection.execute(f"{log} except all {exported}").fetchall()
        added = connection.execute(f"{exported} except all {log}").fetchall()

    assert rows > 900
    assert (missing, added) == ([], [])


def test_the_command_varies_everything_that_may_differ():
    variants = [variant for group in VARIANTS.values() for variant in group]

    assert len(variants) >= 12
    assert {1, 2, 8} <= {variant.threads for variant in variants}
    assert {1, 500, 5000} <= {variant.page_rows for variant in variants}
    assert {machine.zone for machine in VARIANTS} == {"UTC", "America/Sao_Paulo", "Asia/Kolkata"}
