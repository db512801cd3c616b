"""Solution Proposed to Customer: rules SP2 and SP3, and what an outgoing e-mail means (reference: 3.13, 3.15)."""

from typing import Any

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, guid
from d365_pm_tests.models.stories import Story, story

CODE = "solution_proposed_to_customer"
COLUMNS = ("rule", "event_time", "actor_id", "confidence", "evidence_class")


def proposals(desk: Desk) -> list[str]:
    return desk.run.activity(CODE).only("event_time")


@story
def test_sp2_the_last_email_before_the_resolution_proposes_the_solution(desk: Desk) -> Story:
    desk.case()
    mail = desk.email_out("11:00", by="bob")
    desk.resolve("12:00")
    yield
    proposed = desk.run.activity(CODE)
    assert proposed.only(*COLUMNS) == [("SP2", at("11:00"), "bob", "C", "inferred")]
    assert proposed.only("source_table", "source_row_id") == [("email", mail)]


@story
def test_sp2_the_moment_of_sending_counts(desk: Desk) -> Story:
    desk.case()
    desk.email_out("11:00", senton="11:03")
    desk.resolve("12:00")
    yield
    assert proposals(desk) == [at("11:03")]


@story
def test_sp2_earlier_emails_propose_nothing(desk: Desk) -> Story:
    desk.case()
    desk.email_out("10:30")
    desk.email_out("11:00")
    desk.resolve("12:00")
    yield
    assert proposals(desk) == [at("11:00")]


@story
def test_sp2_every_episode_has_its_own_proposal(desk: Desk) -> Story:
    desk.case()
    desk.email_out("11:00")
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.email_out("14:00")
    desk.resolve("15:00")
    yield
    assert proposals(desk) == [at("11:00"), at("14:00")]


def test_an_email_between_the_resolution_and_a_later_closing_proposes_nothing() -> None:
    desk = Desk(seeds={"status_roles": [{"status_code": "7", "role": "closed"}]})
    desk.case()
    desk.email_out("11:00")
    desk.resolve("12:00")
    desk.email_out("12:30")
    desk.status("05 12:00", 7)
    assert proposals(desk) == [at("11:00")]


def test_sp1_after_a_resolution_that_was_undone_in_its_own_second() -> None:
    desk = Desk(seeds={"status_roles": [{"status_code": "7", "role": "solution_proposed"}]})
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("12:00")
    desk.status("13:00", 7)
    assert proposals(desk) == [at("13:00")]


def test_an_email_before_a_resolution_in_the_second_of_a_reactivation_belongs_to_neither_episode() -> None:
    desk = Desk()
    desk.case()
    desk.resolve("12:00")
    desk.email_out("12:30")
    desk.reactivate("13:00")
    desk.resolve("13:00")
    assert proposals(desk) == []


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"statecode": 0, "statuscode": 1, "senton": None}, id="a draft"),
        pytest.param({"statecode": 0, "statuscode": 8}, id="failed"),
        pytest.param({"statuscode": 6}, id="pending"),
        pytest.param({"statuscode": 7}, id="sending"),
        pytest.param({"statecode": 2, "statuscode": 5}, id="canceled"),
        pytest.param({"isworkflowcreated": True}, id="made by a workflow"),
        pytest.param({"by": "robot"}, id="made by a system actor"),
        pytest.param({"to": "bob"}, id="to a colleague only"),
        pytest.param({"senton": "09:59"}, id="sent before the case was created"),
        pytest.param({"senton": "12:01"}, id="sent after the resolution"),
    ],
)
@story
def test_case_1_emails_that_never_propose_anything(desk: Desk, columns: dict[str, object]) -> Story:
    desk.case(created="10:00")
    desk.email_out("11:00", **columns)  # type: ignore[arg-type]
    desk.resolve("12:00")
    yield
    assert proposals(desk) == []


@story
def test_case_1_an_email_that_is_out_of_account_does_not_hide_the_one_before(desk: Desk) -> Story:
    desk.case()
    desk.email_out("11:00")
    desk.email_out("11:30", by="robot")
    desk.resolve("12:00")
    yield
    assert proposals(desk) == [at("11:00")]


@story
def test_an_incoming_email_proposes_nothing(desk: Desk) -> Story:
    desk.case()
    desk.email_in("11:00")
    desk.resolve("12:00")
    yield
    assert proposals(desk) == []


@pytest.mark.parametrize(
    ("sent", "is_proposal"),
    [("10:49", False), ("10:51", False), ("11:00", False), ("11:09", False), ("11:11", True)],
    ids=["11 min before", "9 min before", "same second", "9 min after", "11 min after"],
)
@story
def test_case_2_an_email_near_a_request_belongs_to_it(desk: Desk, sent: str, is_proposal: bool) -> Story:
    desk.case()
    desk.email_out(sent)
    desk.status("11:00", 3)
    desk.status("11:40", 1)
    desk.resolve("12:00")
    yield
    assert proposals(desk) == ([at(sent)] if is_proposal else [])


@story
def test_case_4_an_earlier_email_is_no_proposal_when_the_last_one_asked(desk: Desk) -> Story:
    desk.case()
    desk.email_out("10:30")
    desk.status("11:00", 3)
    desk.email_out("11:01")
    desk.status("11:40", 1)
    desk.resolve("12:00")
    yield
    assert proposals(desk) == []


@story
def test_case_4_a_request_in_an_earlier_episode_changes_nothing(desk: Desk) -> Story:
    desk.case()
    desk.status("10:30", 3)
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.email_out("14:00")
    desk.resolve("15:00")
    yield
    assert proposals(desk) == [at("14:00")]


@story
def test_case_6_emails_about_no_case_mean_nothing(desk: Desk) -> Story:
    desk.case()
    desk.email_out("11:00", regardingobjectid="jane")
    desk.resolve("12:00")
    yield
    assert proposals(desk) == []


@story
def test_sp2_an_email_in_the_second_of_the_resolution_proposes(desk: Desk) -> Story:
    desk.case()
    desk.email_out("12:00")
    desk.resolve("12:00")
    yield
    assert proposals(desk) == [at("12:00")]


@story
def test_sp2_emails_between_resolution_and_reactivation_propose_nothing(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.email_out("12:30")
    desk.reactivate("13:00")
    desk.resolve("15:00")
    yield
    assert proposals(desk) == []


@story
def test_sp3_an_article_sent_to_the_customer_proposes_the_solution(desk: Desk) -> Story:
    desk.case()
    desk.link_article("11:00", by="bob", issenttocustomer=True)
    desk.resolve("12:00")
    yield
    assert desk.run.activity(CODE).only(*COLUMNS, "knowledge_article_id") == [
        ("SP3", at("11:00"), "bob", "C", "inferred", "article")
    ]


@story
def test_sp3_an_article_kept_to_oneself_proposes_nothing(desk: Desk) -> Story:
    desk.case()
    desk.link_article("11:00", issenttocustomer=False)
    desk.resolve("12:00")
    yield
    assert proposals(desk) == []


@story
def test_one_episode_has_one_proposal_the_last(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:30", issenttocustomer=True)
    desk.email_out("11:30")
    desk.resolve("12:00")
    yield
    assert desk.run.activity(CODE).only("rule", "event_time") == [("SP2", at("11:30"))]


@pytest.fixture
def confirming() -> Desk:
    """A desk with a status reason for a proposed solution."""
    return Desk(seeds={"status_roles": [{"status_code": "8", "role": "solution_proposed"}]})


def test_sp1_the_status_of_a_proposed_solution_proposes_it(confirming: Desk) -> None:
    confirming.case()
    confirming.status("11:00", 8, by="bob")
    confirming.resolve("12:00")
    assert confirming.run.activity(CODE).only(*COLUMNS) == [("SP1", at("11:00"), "bob", "C", "inferred")]


def test_an_article_whose_key_is_that_of_an_audit_row_brought_no_status_about(confirming: Desk) -> None:
    """Keys are unique inside a table: a client may choose the key of a row that it makes."""
    confirming.case()
    confirming.link_article("11:00", issenttocustomer=True)
    confirming.change("c1", "10:30", statuscode=(1, 8), audit={"name": "link 1"})
    confirming.resolve("12:00")
    assert confirming.run.activity(CODE).only("rule", "source_row_id", "status_code") == [("SP3", "link 1", None)]


@story
def test_sp1_without_the_role_the_status_proposes_nothing(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 8)
    desk.resolve("12:00")
    yield
    assert proposals(desk) == []


def test_case_3_an_email_near_the_status_belongs_to_it(confirming: Desk) -> None:
    confirming.case()
    confirming.email_out("10:55")
    confirming.status("11:00", 8)
    confirming.resolve("12:00")
    assert len(proposals(confirming)) == 1


def test_every_proposal_counts_where_it_is_switched_on() -> None:
    desk = Desk(
        seeds={
            "switches": [{"key": "all_proposals", "is_on": "true"}],
            "status_roles": [{"status_code": "8", "role": "solution_proposed"}],
        }
    )
    desk.case()
    desk.status("10:30", 8)
    desk.email_in("10:50")
    desk.status("11:00", 1)
    desk.status("11:30", 8)
    desk.resolve("12:00")
    assert proposals(desk) == [at("10:30"), at("11:30")]


def test_case_1_an_acknowledgement_proposes_nothing() -> None:
    desk = Desk(seeds={"email_templates": [{"template_id": guid("thanks"), "meaning": "acknowledgement"}]})
    desk.case()
    desk.email_out("11:00", templateid=("template", "thanks"))
    desk.resolve("12:00")
    assert proposals(desk) == []


def test_case_1_a_survey_proposes_nothing() -> None:
    desk = Desk(seeds={"email_templates": [{"template_id": guid("survey_template"), "meaning": "survey"}]})
    desk.case()
    desk.email_out("11:00", templateid=("template", "survey_template"))
    desk.resolve("12:00")
    assert proposals(desk) == []


@story
def test_case_4_a_request_in_the_second_of_the_resolution_still_came_after_the_email(desk: Desk) -> Story:
    desk.case()
    desk.email_out("11:00")
    desk.status("12:00", 3)
    desk.resolve("12:00")
    yield
    assert proposals(desk) == []


@pytest.mark.parametrize(
    ("addressees", "is_proposal"),
    [
        pytest.param([(2, "bob"), (2, "jane")], True, id="a colleague and the customer"),
        pytest.param([(2, "jane"), (2, "bob")], True, id="the customer and a colleague"),
        pytest.param([(2, "bob"), (3, "jane")], True, id="the customer in copy"),
        pytest.param([(2, "bob"), (4, "jane")], True, id="the customer in blind copy"),
        pytest.param([(2, "bob"), (1, "jane")], False, id="in the name of the customer"),
        pytest.param([(2, "bob"), (2, None)], True, id="a colleague and an address that nobody knows"),
        pytest.param([(2, "acme")], True, id="a company"),
        pytest.param([(2, None)], True, id="an address that nobody knows"),
        pytest.param([], True, id="addressees that were not read"),
        pytest.param([(2, "queue_n1")], False, id="a queue"),
        pytest.param([(2, "team_n1")], False, id="a team"),
        pytest.param([(2, ("businessunit", "unit"))], False, id="a business unit"),
    ],
)
@story
def test_case_1_an_email_needs_an_addressee_outside(
    desk: Desk, addressees: list[tuple[int, Any]], is_proposal: bool
) -> Story:
    desk.case()
    mail = desk.email_out("11:00")
    for mask in (1, 2):
        desk.delete(f"{mail} party {mask}")
    for number, (mask, party) in enumerate(addressees):
        desk.row("activityparty", f"addressee {number}", activityid=mail, partyid=party, participationtypemask=mask)
    desk.resolve("12:00")
    yield
    assert proposals(desk) == ([at("11:00")] if is_proposal else [])


@story
def test_case_1_a_customer_that_only_the_draft_addressed_counts_no_more(desk: Desk) -> Story:
    desk.case()
    mail = desk.email_out("11:00", to="bob")
    desk.row("activityparty", "once", activityid=mail, partyid="jane", participationtypemask=2)
    desk.delete("once", noticed="19 00:00")
    desk.resolve("12:00")
    yield
    assert proposals(desk) == []
