"""Failing rows of checks stand in the story of the case that they speak of, and in no other."""

import pytest

from d365_pm.contracts.catalogue import contracts
from d365_pm.explain import explain
from d365_pm_tests.explain.told import warehouse_of
from d365_pm_tests.models.desk import Desk


@pytest.fixture(scope="module")
def desk():
    desk = Desk()
    desk.case("bad", "10:00")
    desk.case("good", "11:00")
    return desk


@pytest.fixture
def warehouse(desk):
    connection = warehouse_of(desk)
    connection.execute("create or replace schema quarantine")
    yield connection
    connection.execute("drop schema quarantine cascade")


def names(story):
    return [check.name for check in story.failed_checks]


def test_a_row_that_names_the_case_is_told_with_the_promise_and_its_reason(desk, warehouse):
    warehouse.execute("create table quarantine.one_case_created (CaseGuid varchar, reason varchar)")
    warehouse.execute("insert into quarantine.one_case_created values (?, 'two of them')", [desk.guid("bad")])
    [promise] = [contract.description for contract in contracts() if contract.name == "one_case_created"]
    [check] = explain(warehouse, desk.guid("bad")).failed_checks

    assert (check.severity, check.promise, check.reason, check.rows) == ("error", promise, "two of them", 1)
    assert explain(warehouse, desk.guid("good")).failed_checks == ()


def test_a_row_that_names_only_an_event_finds_the_case_of_the_event(desk, warehouse):
    event = explain(warehouse, desk.guid("good")).events[0].event_id
    warehouse.execute("create table quarantine.unique_event_id (EventId varchar)")
    warehouse.execute("insert into quarantine.unique_event_id values (?)", [event])

    assert names(explain(warehouse, desk.guid("good"))) == ["unique_event_id"]
    assert names(explain(warehouse, desk.guid("bad"))) == []


def test_a_row_that_names_only_the_number_finds_the_case(desk, warehouse):
    number = explain(warehouse, desk.guid("bad")).service_request
    warehouse.execute("create table quarantine.of_an_older_version (ServiceRequest varchar)")
    warehouse.execute("insert into quarantine.of_an_older_version values (?)", [number])

    assert names(explain(warehouse, desk.guid("bad"))) == ["of_an_older_version"]


def test_failing_rows_of_no_case_at_all_are_left_out(desk, warehouse):
    warehouse.execute("create table quarantine.activity_shares_steady (ActivityCode varchar)")
    warehouse.execute("insert into quarantine.activity_shares_steady values ('case_closed')")

    assert names(explain(warehouse, desk.guid("bad"))) == []
