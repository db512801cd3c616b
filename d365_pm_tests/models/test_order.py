"""The order of the events of a case: ties, repaired states, EventTimeOrdered (reference: event-log semantics 4.7)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import guid, instant
from d365_pm_tests.models.stories import Story, story

FIRST, SECOND = "#1", "#2"


def codes(desk: Desk) -> list[str]:
    return desk.run.events().only("ActivityCode")


@story
def test_events_of_one_second_follow_their_ranks(desk: Desk) -> Story:
    desk.case(created="10:00", by="alice", subjectid="network")
    desk.invite("10:00")
    desk.change("c1", "10:00", subjectid=("network", "billing"))
    desk.link_article("10:00", issenttocustomer=True)
    desk.enqueue("10:00")
    desk.change("item", "10:00", by="bob", workerid=(None, "bob"))
    desk.change("c1", "10:00", by="alice", ownerid=("alice", "team_n2"), isescalated=(False, True))
    desk.change("c1", "10:00", by="bob", ownerid=("team_n2", "bob"))
    desk.clock("k1", "10:00", item="resolution")
    desk.resolve("10:00", by="bob")
    yield
    assert desk.run.events().only("ActivityCode", "AssignmentKind") == [
        ("case_created", None),
        ("sla_timer_started", None),
        ("case_categorization_changed", None),
        ("case_escalated", None),
        ("case_assigned", "queue"),
        ("case_assigned", "team"),
        ("queue_item_picked_by_agent", None),
        ("case_assigned", "user"),
        ("agent_investigated_issue", None),
        ("solution_proposed_to_customer", None),
        ("case_resolved", None),
        ("satisfaction_survey_sent", None),
    ]


@story
def test_asking_stands_between_investigating_and_closing(desk: Desk) -> Story:
    desk.case(created="09:00")
    desk.link_article("10:00")
    desk.status("10:00", 3)
    desk.cancel("10:00")
    yield
    assert codes(desk)[1:] == ["agent_investigated_issue", "information_requested_from_customer", "case_closed"]


@story
def test_a_reactivation_comes_first_in_its_second(desk: Desk) -> Story:
    desk.case(created="09:00")
    desk.resolve("10:00")
    desk.reactivate("11:00")
    desk.change("c1", "11:00", isescalated=(False, True))
    yield
    assert codes(desk)[-2:] == ["case_reactivated", "case_escalated"]


@story
def test_the_second_decides_before_any_rank(desk: Desk) -> Story:
    desk.case(created="09:00")
    desk.invite("10:00:00")
    desk.link_article("10:00:01")
    yield
    assert codes(desk) == ["case_created", "satisfaction_survey_sent", "agent_investigated_issue"]


@story
def test_an_active_case_is_resolved_before_it_is_reactivated_in_one_second(desk: Desk) -> Story:
    desk.case(created="09:00")
    desk.resolve("10:00")
    desk.reactivate("10:00")
    yield
    assert codes(desk)[1:] == ["case_resolved", "case_reactivated"]


@story
def test_a_resolved_case_is_reactivated_before_it_is_resolved_in_one_second(desk: Desk) -> Story:
    desk.case(created="09:00")
    desk.resolve("10:00")
    desk.reactivate("11:00")
    desk.resolve("11:00")
    yield
    assert codes(desk)[1:] == ["case_resolved", "case_reactivated", "case_resolved"]


@story
def test_states_alternate_within_one_second(desk: Desk) -> Story:
    desk.case(created="09:00")
    desk.resolve("10:00")
    desk.reactivate("10:00")
    desk.resolve("10:00")
    yield
    assert codes(desk)[1:] == ["case_resolved", "case_reactivated", "case_resolved"]


EARLIER = {
    "open all along": ("", "RB"),
    "resolved and reactivated in one second": ("10:00 RB", "RB"),
    "resolved and reactivated": ("10:00 R, 10:30 B", "RB"),
    "resolved, there and back": ("10:00 R, 10:30 BR", "BR"),
    "resolved twice in one second": ("10:00 RBR", "BR"),
    "reactivated twice in one second": ("09:30 R, 10:00 BRB", "RB"),
    "reactivated three times in one second": ("09:30 R, 10:00 BRBRB", "RB"),
}
"""What happened in the seconds before (R resolved, B reactivated), and the order that is legal after it."""


@pytest.mark.parametrize("earlier", EARLIER)
@story
def test_the_order_of_a_second_starts_from_what_all_earlier_seconds_left(desk: Desk, earlier: str) -> Story:
    before, legal = EARLIER[earlier]
    desk.case(created="09:00")
    steps = [step.split() for step in before.split(", ") if step] + [["11:00", legal]]
    for moment, letters in steps:
        for letter in letters:
            (desk.resolve if letter == "R" else desk.reactivate)(moment)
    yield
    wanted = "".join(letters for _, letters in steps)
    assert codes(desk)[1:] == [{"R": "case_resolved", "B": "case_reactivated"}[letter] for letter in wanted]


@pytest.mark.parametrize("ids", [(FIRST, SECOND), (SECOND, FIRST)], ids=["ids in order", "ids against the order"])
@story
def test_an_active_case_is_closed_before_it_is_reactivated_in_one_second(desk: Desk, ids: tuple[str, str]) -> Story:
    desk.case(created="09:00")
    desk.change("c1", "10:00", statecode=(0, 2), statuscode=(1, 6), audit={"name": ids[0]})
    desk.change("c1", "10:00", statecode=(2, 0), statuscode=(6, 1), audit={"name": ids[1]})
    yield
    assert codes(desk)[1:] == ["case_closed", "case_reactivated"]


@pytest.mark.parametrize("ids", [(FIRST, SECOND), (SECOND, FIRST)], ids=["ids in order", "ids against the order"])
@story
def test_changes_of_one_column_in_one_second_chain_by_their_values(desk: Desk, ids: tuple[str, str]) -> Story:
    desk.case(created="09:00", by="alice")
    desk.change("c1", "10:00", ownerid=("alice", "bob"), audit={"name": ids[0]})
    desk.change("c1", "10:00", ownerid=("bob", "team_n2"), audit={"name": ids[1]})
    yield
    assert desk.run.events().where(ActivityCode="case_assigned").only("AssignedToId") == ["bob", "team_n2"]


@pytest.mark.parametrize("kpis", [("first_response", "resolution"), ("resolution", None), ("first_response", None)])
@pytest.mark.parametrize("ids", [(FIRST, SECOND), (SECOND, FIRST)], ids=["ids in order", "ids against the order"])
@story
def test_timers_of_one_second_follow_their_kpi(desk: Desk, ids: tuple[str, str], kpis: tuple[str, str | None]) -> Story:
    desk.case(created="09:00")
    for name, kpi in zip(reversed(ids), reversed(kpis), strict=True):
        desk.clock(name, "10:00", item=kpi, name=kpi or "Visita")
    yield
    timers = desk.run.events().where(ActivityCode="sla_timer_started")
    assert timers.only("SourceRowId", "SlaKpi") == [(ids[0], kpis[0]), (ids[1], kpis[1] or "other:Visita")]


@pytest.mark.parametrize("ids", [(FIRST, SECOND), (SECOND, FIRST)], ids=["ids in order", "ids against the order"])
def test_of_one_rank_the_rows_of_the_record_stand_before_the_audit(ids: tuple[str, str]) -> None:
    """Two signs of the same investigation, an article and a status reason; knowledge comes before audit."""
    desk = Desk(seeds={"switches": [{"key": "investigation_by_status", "is_on": "true"}]})
    desk.case(created="09:00")
    link = {"incidentid": "c1", "knowledgearticleid": "article", "createdby": "alice", "statecode": 0}
    desk.row("knowledgearticleincident", ids[0], createdon="10:00", modifiedon="10:00", **link)
    desk.change("c1", "10:00", statuscode=(1, 4), audit={"name": ids[1]})
    assert desk.run.events().only("Rule", "SourceRowId")[1:] == [("I1", ids[0]), ("I4", ids[1])]


def test_a_change_of_another_column_keeps_its_place_beside_those_that_chain() -> None:
    desk = Desk(seeds={"categorization_columns": [{"column_name": "casetypecode"}]})
    desk.case(created="09:00", subjectid="network", casetypecode=1)
    desk.change("c1", "10:00", casetypecode=(1, 2), audit={"name": "#1"})
    desk.change("c1", "10:00", subjectid=("network", "billing"), audit={"name": "#3"})
    desk.change("c1", "10:00", subjectid=("billing", "technical"), audit={"name": "#2"})
    assert desk.run.events().only("SourceRowId")[1:] == ["#1", "#3", "#2"]


@story
def test_what_is_equal_otherwise_follows_the_id_of_its_evidence(desk: Desk) -> Story:
    desk.case(created="09:00")
    for name, article in ((SECOND, "article"), (FIRST, "other_article")):
        desk.row(
            "knowledgearticleincident",
            name,
            incidentid="c1",
            knowledgearticleid=article,
            createdon="10:00",
            modifiedon="10:00",
            createdby="alice",
            statecode=0,
        )
    yield
    assert desk.run.events().only("SourceRowId")[1:] == [FIRST, SECOND]


@pytest.mark.parametrize("ids", [(FIRST, SECOND), (SECOND, FIRST)], ids=["own first", "foreign first"])
@story
def test_articles_of_one_second_follow_their_ids_whoever_wrote_them(desk: Desk, ids: tuple[str, str]) -> Story:
    """The rank of the source is that of knowledge, for an own article and for one of a search provider."""
    desk.case(created="09:00")
    linked = {"createdon": "10:00", "modifiedon": "10:00", "createdby": "alice"}
    article = {"incidentid": "c1", "knowledgearticleid": "article", "statecode": 0}
    desk.row("knowledgearticleincident", ids[0], **article, **linked)
    desk.row("msdyn_federatedarticleincident", ids[1], msdyn_incidentid="c1", **linked)
    yield
    assert desk.run.events().only("SourceRowId", "Rule")[1:] == sorted(zip(ids, ("I1", "I2"), strict=True))


@story
def test_a_product_that_sorts_by_time_alone_gets_milliseconds_within_a_tie(desk: Desk) -> Story:
    desk.case(created="10:00:00")
    desk.clock("k1", "10:00:00", item="first_response")
    desk.clock("k2", "10:00:00", item="resolution")
    desk.resolve("10:00:01")
    yield
    events = desk.run.events()
    ordered = [instant(moment) for moment in events.only("EventTimeOrdered")]
    assert ordered == sorted(set(ordered))
    assert [moment.replace(microsecond=0) for moment in ordered] == [
        instant(moment) for moment in events.only("EventTime")
    ]


@story
def test_an_event_without_a_tie_keeps_its_time(desk: Desk) -> Story:
    desk.case(created="10:00")
    desk.resolve("11:00")
    yield
    events = desk.run.events()
    assert events.only("EventTimeOrdered") == events.only("EventTime")


@story
def test_each_case_counts_its_own_events(desk: Desk) -> Story:
    for case in ("c1", "c2"):
        desk.case(case, "10:00")
        desk.resolve("11:00", case)
    yield
    assert sorted(desk.run.events().only("CaseGuid", "SeqInCase")) == [("c1", 1), ("c1", 2), ("c2", 1), ("c2", 2)]


@pytest.mark.parametrize("ids", [(FIRST, SECOND), (SECOND, FIRST)], ids=["ids in order", "ids against the order"])
@pytest.mark.parametrize("is_last", [False, True], ids=["the first change escalates", "the second change escalates"])
def test_a_change_that_escalates_does_so_before_it_assigns_within_a_chain_too(
    ids: tuple[str, str], is_last: bool
) -> None:
    """3.4: the same audit row makes both events, Escalated first; no rank is raised by what comes later."""
    desk = Desk(seeds={"escalation_targets": [{"target_type": "team", "target_id": guid("team_n2")}]})
    desk.case(created="09:00", by="alice")
    desk.enqueue("10:00")
    between, last = ("bob", "team_n2") if is_last else ("team_n2", "bob")
    desk.change("c1", "10:00", ownerid=("alice", between), audit={"name": ids[0]})
    desk.change("c1", "10:00", ownerid=(between, last), audit={"name": ids[1]})
    owners = [("case_assigned", owner) for owner in (between, last)]
    owners.insert(int(is_last), ("case_escalated", None))
    owners.insert(0 if is_last else 1, ("case_assigned", "queue_n1"))
    assert desk.run.events().only("ActivityCode", "AssignedToId")[1:] == owners


def test_events_of_one_link_of_a_chain_follow_their_ranks() -> None:
    desk = Desk(activities={"status_changed", "case_on_hold"})
    desk.case(created="09:00")
    desk.change("c1", "10:00", statuscode=(1, 2), audit={"name": SECOND})
    desk.change("c1", "10:00", statuscode=(2, 3), audit={"name": FIRST})
    assert desk.run.events().only("SourceRowId", "ActivityCode")[1:] == [
        (SECOND, "status_changed"),
        (SECOND, "case_on_hold"),
        (FIRST, "status_changed"),
        (FIRST, "information_requested_from_customer"),
    ]
