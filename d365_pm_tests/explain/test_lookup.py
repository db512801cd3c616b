"""Which case is meant: shared numbers, braces, cases that were read and are not in the log."""

import pytest

from d365_pm.explain import UnknownCaseError, explain
from d365_pm_tests.explain.told import warehouse_of
from d365_pm_tests.models.desk import Desk


@pytest.fixture(scope="module")
def desk():
    desk = Desk()
    desk.case("first", ticketnumber="TKT-1")
    desk.case("second", ticketnumber="TKT-1")
    desk.case("own", ticketnumber="TKT-2")
    desk.case("future", "2024-05-01T00:00:00Z", ticketnumber="TKT-3")
    return desk


@pytest.fixture(scope="module")
def warehouse(desk):
    return warehouse_of(desk)


def test_a_number_of_two_cases_names_both_as_the_log_calls_them(desk, warehouse):
    with pytest.raises(UnknownCaseError) as error:
        explain(warehouse, "TKT-1")

    assert all(f"TKT-1~{desk.guid(name)[:8]}" in str(error.value) for name in ("first", "second"))


def test_the_name_that_the_log_gives_it_finds_the_one(desk, warehouse):
    assert explain(warehouse, f"TKT-1~{desk.guid('second')[:8]}").case_guid == desk.guid("second")


def test_a_guid_may_stand_in_braces_and_capitals(desk, warehouse):
    assert explain(warehouse, f"{{{desk.guid('own').upper()}}}").service_request == "TKT-2"


def test_a_case_that_was_read_but_lies_in_the_future_is_no_riddle(desk, warehouse):
    with pytest.raises(UnknownCaseError, match="was read but is not in the log"):
        explain(warehouse, desk.guid("future"))


@pytest.mark.parametrize("asked", ["", "%", "_", "' or true --", "{}"])
def test_odd_questions_are_unknown_cases(warehouse, asked):
    with pytest.raises(UnknownCaseError):
        explain(warehouse, asked)
