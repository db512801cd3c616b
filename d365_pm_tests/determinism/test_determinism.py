"""The same raw rows give the same bytes (event-log semantics 9, invariant 2): a sample of what the command builds."""

import pytest

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


def test_neither_order_nor_pages_nor_threads_nor_time_zones_change_a_byte(rows, tmp_path):
    here = build(rows, tmp_path / "here", Variant())

    elsewhere = [built.digests for built in build_each(rows, tmp_path, SAMPLE)]

    assert elsewhere == [here, here]


def test_the_command_varies_everything_that_may_differ():
    variants = [variant for group in VARIANTS.values() for variant in group]

    assert len(variants) >= 12
    assert {1, 2, 8} <= {variant.threads for variant in variants}
    assert {1, 500, 5000} <= {variant.page_rows for variant in variants}
    assert {machine.zone for machine in VARIANTS} == {"UTC", "America/Sao_Paulo", "Asia/Kolkata"}
