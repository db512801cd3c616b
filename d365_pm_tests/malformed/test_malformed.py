"""A sample of the malformed rows that the command sends, and that its judgement can fail."""

from random import Random

import pytest

from d365_pm_tests.malformed import direct, wire
from d365_pm_tests.malformed.__main__ import run
from d365_pm_tests.malformed.desk import healthy_rows
from d365_pm_tests.malformed.fate import Fate, Fates


@pytest.mark.slow
def test_each_malformed_row_is_accepted_listed_or_refused_and_no_healthy_case_changes(tmp_path):
    fates = run(rows=800, cases=30, seed=3, folder=tmp_path)

    assert fates.faults == []
    assert fates.total == 800
    assert {fate for _, _, fate in fates.counts} == {Fate.ACCEPTED, Fate.LISTED, Fate.REFUSED}


def test_a_row_that_is_accepted_where_it_has_to_be_refused_is_a_fault(monkeypatch):
    monkeypatch.setattr(wire, "typed_page", lambda reply, shape: None)
    fates = Fates()

    wire.send(healthy_rows(5, 1), 3, Random(1), fates)

    assert len(fates.faults) == 3
    assert {fate for _, _, fate in fates.counts} == {Fate.LOST}


def test_another_exception_than_ours_is_a_fault(monkeypatch):
    def crash(reply, shape):
        raise KeyError("value")

    monkeypatch.setattr(wire, "typed_page", crash)
    fates = Fates()

    wire.send(healthy_rows(5, 1), 1, Random(1), fates)

    assert "raised KeyError" in fates.faults[0]


def test_the_same_seed_makes_the_same_rows_over_every_table():
    rows = healthy_rows(5, 1)

    made = direct.make(rows, 3000, Random(2))

    assert made == direct.make(rows, 3000, Random(2))
    assert len({bad.table for bad in made}) == 29
