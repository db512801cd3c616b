"""What makes no event is named with the reason that the event-log semantics give."""

import pytest

from d365_pm.explain import Story
from d365_pm_tests.explain.told import story_of
from d365_pm_tests.models.desk import NEVER, Desk


def reasons(story: Story, what: str) -> list[str]:
    return [each.why for each in story.set_aside if each.what.startswith(what)]


@pytest.fixture(scope="module")
def story() -> Story:
    desk = Desk()
    desk.case(subjectid="network")
    desk.change("c1", "10:10", isescalated=(False, True))
    desk.change("c1", "10:12", isescalated=(True, False))
    desk.change("c1", "10:19", isescalated=(False, True))
    desk.change("c1", "10:30", subjectid=("network", "billing"))
    desk.change("c1", "10:30:40", subjectid=("billing", "network"))
    desk.link_article("10:40")
    desk.link_article("10:45")
    desk.row("knowledgearticle", "other article", articlepublicnumber="KA-02000", title="Router")
    desk.link_article("10:50", article="other article", by="robot")
    desk.email_out("10:55", isworkflowcreated=True)
    desk.email_out("10:56", to="bob")
    desk.email_out("10:57", senton=None)
    desk.resolve("11:00")
    desk.email_out("11:30")
    desk.invite("11:40", status=647390000)
    return story_of(desk, "c1")


def test_a_sign_within_ten_minutes_belongs_to_the_escalation_before_it(story: Story):
    [reason] = reasons(story, "sign of escalation (E1")

    assert "within 10 minutes of the escalation of 2024-03-04 10:10:00" in reason


def test_a_category_set_back_within_a_minute_is_a_typing_error_both_ways(story: Story):
    assert ["typing error" in reason for reason in reasons(story, "category: subjectid")] == [True, True]


def test_an_article_linked_again_and_one_that_a_machine_suggests_are_told_apart(story: Story):
    again, suggested = reasons(story, "link to a knowledge article")

    assert "linked before" in again
    assert "machine" in suggested


def test_every_discarded_mail_has_its_own_reason(story: Story):
    told = "; ".join(reasons(story, "outgoing e-mail"))

    assert len(reasons(story, "outgoing e-mail")) == 4
    for words in ("a machine sent it", "outside the organisation", "never sent", "the case was over"):
        assert words in told


def test_an_invitation_in_the_queue_has_not_gone_out(story: Story):
    [reason] = reasons(story, "invitation")

    assert "647390000" in reason


def test_rows_that_made_an_event_are_not_set_aside(story: Story):
    used = {(event.source_table, event.source_row, event.rule) for event in story.events}
    resolved = [event for event in story.events if event.rule == "R1"]

    assert len(resolved) == 1
    assert not {("knowledgearticleincident", each.source_row, "I1") for each in story.set_aside} & used


def test_a_case_that_nobody_audited_says_so_and_names_what_was_blind():
    desk = Desk(audit_from=NEVER)
    desk.case()
    desk.resolve("11:00")
    told = story_of(desk, "c1")

    assert told.gaps[0].startswith("No audit of this case exists")
    assert any("changes of the owner from 2024-03-04 10:00:00 until now" in gap for gap in told.gaps)


def test_a_column_that_is_not_audited_names_what_may_be_missing():
    desk = Desk(unaudited=["incident.isescalated"])
    desk.case(isescalated=None)
    told = story_of(desk, "c1")

    assert any("escalation flag" in gap and "escalations may be missing" in gap for gap in told.gaps)


def test_a_status_reason_without_a_role_is_named():
    desk = Desk(labels={("incident", "statuscode", 100): ("Com o fornecedor", "With the supplier")})
    desk.case()
    desk.status("10:30", 100)
    told = story_of(desk, "c1")

    assert any("Com o fornecedor (100) has no role" in gap for gap in told.gaps)
