"""What events and cases carry beside the columns of the template (reference: event-log semantics 1.1, 2 and 3)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.stories import Story, story


@story
def test_the_queue_is_the_one_at_the_time_of_the_event(desk: Desk) -> Story:
    desk.case()
    desk.enqueue("10:05", "queue_n1")
    desk.status("10:10", 3)
    desk.change("item", "10:20", queueid=("queue_n1", "queue_n2"))
    desk.resolve("10:30")
    yield
    assert desk.run.events().only("ActivityCode", "Queue") == [
        ("case_created", None),
        ("case_assigned", "Suporte N1"),
        ("information_requested_from_customer", "Suporte N1"),
        ("case_assigned", "Suporte N2"),
        ("case_resolved", "Suporte N2"),
    ]


@story
def test_a_resolution_carries_its_type_its_text_and_its_minutes(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00", status=1000, subject="Enviado o manual", timespent=25, totaltimespent=60)
    yield
    resolved = desk.run.events().one(ActivityCode="case_resolved")
    assert [resolved[column] for column in ("ResolutionType", "ResolutionSubject", "BillableMinutes")] == [
        "Informação Fornecida",
        "Enviado o manual",
        25,
    ]


@story
def test_a_timer_carries_its_agreement_its_start_and_its_deadline(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00:05", item="resolution", applicablefromvalue="10:00", failuretime="05 10:00")
    yield
    started = desk.run.events().one(ActivityCode="sla_timer_started")
    assert [started[column] for column in ("SlaName", "SlaClockStart", "SlaDeadline")] == [
        "Ouro",
        at("10:00"),
        at("05 10:00"),
    ]


@pytest.mark.parametrize(
    ("sent", "email"),
    [("10:51", "email 1"), ("11:09", "email 1"), ("11:11", None)],
    ids=["before", "after", "late"],
)
@story
def test_a_request_carries_the_email_that_asked(desk: Desk, sent: str, email: str | None) -> Story:
    desk.case()
    desk.status("11:00", 3)
    desk.email_out(sent)
    yield
    assert desk.run.events().one(ActivityCode="information_requested_from_customer")["EmailId"] == email


@story
def test_an_escalation_lists_what_showed_it(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    yield
    assert "E1" in str(desk.run.events().one(ActivityCode="case_escalated")["EscalationBasis"])


@story
def test_an_investigation_carries_what_the_article_was_used_for(desk: Desk) -> Story:
    desk.case()
    desk.link_article("11:00", knowledgeusage=3, issenttocustomer=True)
    yield
    investigated = desk.run.events().one(ActivityCode="agent_investigated_issue")
    assert (investigated["KnowledgeUsage"], investigated["SentToCustomer"]) == (3, True)


@story
def test_the_article_that_solved_a_case_is_the_last_marked_as_solution(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:30", article="article", knowledgeusage=2)
    desk.link_article("11:00", article="other_article", knowledgeusage=1)
    desk.resolve("12:00")
    yield
    assert desk.run.cases().one()["SolutionKnowledgeArticleId"] == "KA-01337"


@story
def test_without_such_a_mark_it_is_the_last_before_the_resolution(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:30", article="article")
    desk.resolve("12:00")
    desk.link_article("13:00", article="other_article")
    yield
    assert desk.run.cases().one()["SolutionKnowledgeArticleId"] == "KA-01337"


@story
def test_the_number_of_responses_and_the_first_score_are_kept(desk: Desk) -> Story:
    desk.case()
    desk.respond("13:00", ("csat", 5, 5.0))
    desk.respond("14:00", ("csat", 2, 2.0))
    yield
    case = desk.run.cases().one()
    assert (case["CsatResponseCount"], case["CsatFirst"]) == (2, 5)


@story
def test_the_path_of_a_type_starts_at_the_root(desk: Desk) -> Story:
    desk.case(subjectid="network")
    yield
    path = str(desk.run.cases().one()["ServiceRequestTypePath"])
    assert path.startswith("Técnico")
    assert path.endswith("Rede")


@story
def test_the_priority_has_a_rank_and_a_number_of_changes(desk: Desk) -> Story:
    desk.case(prioritycode=3)
    desk.change("c1", "11:00", prioritycode=(3, 2))
    desk.change("c1", "12:00", prioritycode=(2, 1))
    yield
    case = desk.run.cases().one()
    assert (case["PriorityRank"], case["PriorityChangeCount"]) == (1, 2)


@pytest.mark.parametrize(
    ("modified", "confidence"), [("03 00:00", "A"), ("05 00:00", "C")], ids=["before the clock", "after it"]
)
@story
def test_a_target_changed_after_the_clock_began_is_less_sure(desk: Desk, modified: str, confidence: str) -> Story:
    desk.row("slaitem", "item", failureafter=60, slaid="gold", msdyn_slakpiid="resolution_kpi", modifiedon=modified)
    desk.case()
    desk.clock("k1", "10:00", msdyn_slaitemid="item", failuretime="11:00")
    yield
    assert desk.run.cases().one()["SlaTargetConfidence"] == confidence


@story
def test_an_owner_change_names_the_new_owner(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", ownerid=("alice", "team_n2"))
    desk.change("c1", "12:00", ownerid=("team_n2", "bob"))
    yield
    assigned = desk.run.events().where(ActivityCode="case_assigned")
    assert assigned.only("AssignedTo", "AssignmentKind") == [("Suporte N2", "team"), ("Bob Johnson", "user")]


@story
def test_the_present_owner_is_kept_with_the_case(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", by="carol", ownerid=("alice", "bob"))
    yield
    case = desk.run.cases().one()
    assert (case["CurrentOwner"], case["CurrentOwnerTeam"]) == ("Bob Johnson", None)


@pytest.mark.parametrize(("table", "kind"), [("team", "team"), ("systemuser", "user")])
@story
def test_an_owner_whose_row_is_gone_is_named_by_the_beginning_of_its_id(desk: Desk, table: str, kind: str) -> Story:
    desk.case(ownerid=(table, "gone"))
    yield
    assert desk.run.cases().one()["CurrentOwner"] == f"{kind}:{desk.guid('gone')[:8]}"


@story
def test_a_queue_whose_row_is_gone_is_told_by_its_id(desk: Desk) -> Story:
    desk.case()
    desk.row("queue", "lost queue", name="Suporte")
    desk.enqueue("10:05", "lost queue")
    desk.delete("lost queue")
    yield
    told = f"queue:{desk.guid('lost queue')[:8]}"
    assert desk.run.events().where(AssignmentKind="queue").only("Queue", "AssignedTo") == [(told, told)]
