"""The reconciliation: rows that the server counts and does not give stop the table, with numbers."""

import pytest

from d365_pm.assets.loading.loaded import Proof
from d365_pm.assets.loading.proof import IncompleteError, total
from d365_pm.sandbox.faults import Fault, FaultKind


@pytest.mark.parametrize(
    ("proof", "holds"),
    [
        (Proof(10, 10), True),
        (Proof(9, 10), False),
        (Proof(11, 10), True),
        (Proof(10, None), True),
        # A row left the window while it was read: it was counted before and is not after.
        (Proof(9, 10, 9), True),
        (Proof(9, 10, 10), False),
        (Proof(9, 10, 12), False),
    ],
)
def test_a_proof_holds_when_no_row_is_missing(proof, holds):
    assert proof.holds is holds


def test_a_sum_with_an_unknown_part_is_unknown():
    assert total([1, 2]) == 3
    assert total([1, None]) is None


@pytest.mark.parametrize("tracked", [True, False])
def test_a_page_that_is_skipped_once_is_read_again(bench, tracked):
    desk = bench(max_page_size=20, **({} if tracked else {"tracked_tables": frozenset()}))
    desk.sandbox.environment.faults.add(Fault(FaultKind.SKIPPED_PAGE, entity_set="incidents", page=2))

    loaded = desk.load("incident")["incident"]

    assert desk.kept("incident") == desk.source("incident")
    assert loaded.proof == Proof(60, 60)


@pytest.mark.parametrize("tracked", [True, False])
def test_a_page_that_is_always_skipped_fails_the_table_and_leaves_what_was_there(bench, tracked):
    desk = bench(max_page_size=20, **({} if tracked else {"tracked_tables": frozenset()}))
    desk.load("incident")
    before = desk.kept("incident")
    desk.sandbox.environment.faults.add(Fault(FaultKind.SKIPPED_PAGE, entity_set="incidents", page=2, times=9))

    with pytest.raises(IncompleteError, match=r"incident .* 40 different rows came and the server counts 60, so 20"):
        desk.load("incident", is_full=True)

    assert desk.kept("incident") == before


def test_a_lost_link_does_not_pass_for_the_end(bench):
    desk = bench(max_page_size=20, tracked_tables=frozenset())
    desk.sandbox.environment.faults.add(Fault(FaultKind.LOST_LINK, entity_set="incidents", page=2))

    desk.load("incident")

    assert desk.kept("incident") == desk.source("incident")


def test_a_repeated_link_is_read_again_from_the_start(bench):
    desk = bench(max_page_size=20)
    desk.sandbox.environment.faults.add(Fault(FaultKind.REPEATED_LINK, entity_set="incidents", page=2))

    desk.load("incident")

    assert desk.kept("incident") == desk.source("incident")
