"""The story of the reference's worked example: what its table says, and the two rows that it says make no event."""

from datetime import UTC, datetime

import pytest

from d365_pm.explain import Story, UnknownCaseError, as_json, explain
from d365_pm_tests.explain.told import warehouse_of
from d365_pm_tests.models.names import guid, iso
from d365_pm_tests.models.test_worked_example import EVENTS, VALUES
from d365_pm_tests.models.worked_example import build_worked_example


@pytest.fixture(scope="module")
def warehouse():
    return warehouse_of(build_worked_example())


@pytest.fixture(scope="module")
def story(warehouse) -> Story:
    return explain(warehouse, guid("example"))


def why(story: Story, what: str, time: str) -> str:
    [found] = [each for each in story.set_aside if each.what.startswith(what) and each.time and iso(each.time) == time]
    return found.why


def test_every_event_of_the_table_is_told_in_its_order_with_rule_and_agent(story: Story):
    told = [(iso(event.time), event.activity, event.rule, event.agent) for event in story.events]

    assert told == [(event.time, event.label, event.rule, event.agent) for event in EVENTS]


def test_every_event_says_what_its_rule_reads_and_where(story: Story):
    assert all(
        event.meaning and event.source_table and event.source_row and event.source_column for event in story.events
    )


def test_the_head_has_the_values_of_the_reference(story: Story):
    head = {each.name: each.value for each in story.attributes}

    assert {name: head[name] for name in head if name in VALUES} == {
        name: value for name, value in VALUES.items() if name in head
    }
    assert {"ServiceRequestCycleTime", "IsRework", "IsEscalated", "IsSlaBreached"} <= head.keys() & VALUES.keys()


def test_the_mail_beside_the_request_belongs_to_the_request(story: Story):
    assert "request for information" in why(story, "outgoing e-mail", "2024-03-04T14:30:52Z")


def test_the_answer_of_the_customer_is_no_activity(story: Story):
    assert "no activity" in why(story, "contact by the customer", "2024-03-05T11:10:05Z")


def test_the_return_from_waiting_is_no_activity_and_the_second_clock_is_no_start(story: Story):
    assert "in progress" in why(story, "status reason", "2024-03-05T11:12:20Z")
    assert "continues a clock" in why(story, "clock of resolution", "2024-03-05T11:12:20Z")


def test_a_case_under_full_audit_has_no_gaps(story: Story):
    assert story.gaps == ()


def test_the_id_of_an_event_finds_its_case(warehouse, story: Story):
    asked = story.events[9].event_id
    found = explain(warehouse, asked)

    assert (found.case_guid, found.asked_event) == (story.case_guid, asked)


def test_a_number_in_other_letters_finds_the_case(warehouse, story: Story):
    assert explain(warehouse, f" {story.service_request.lower()} ") == story


def test_an_unknown_number_names_the_nearest(warehouse, story: Story):
    with pytest.raises(UnknownCaseError, match=rf"Did you mean {story.service_request}\?"):
        explain(warehouse, story.service_request[:-1])


def test_a_number_like_no_other_says_what_can_be_asked(warehouse):
    with pytest.raises(UnknownCaseError, match="ticket number, a case's GUID or an EventId"):
        explain(warehouse, "42")


def test_json_has_iso_moments(story: Story):
    values = as_json(story)

    assert values["as_of"] == "2024-03-20T00:00:00Z"
    assert values["events"][0]["time"] == "2024-03-04T13:05:10Z"
    assert datetime.fromisoformat(values["set_aside"][0]["time"]).tzinfo == UTC
