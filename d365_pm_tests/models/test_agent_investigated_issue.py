"""Agent Investigated Issue: rules I1 to I4 (reference: event-log semantics 3.7)."""

import json
from typing import Any

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at
from d365_pm_tests.models.raw_rows import Row
from d365_pm_tests.models.stories import Story, story

COLUMNS = ("rule", "event_time", "actor_id", "knowledge_article_id", "confidence", "evidence_class")


@story
def test_i1_linking_an_article_is_an_investigation_by_inference(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:40", by="bob")
    yield
    assert desk.run.activity("agent_investigated_issue").only(*COLUMNS) == [
        ("I1", at("10:40"), "bob", "article", "C", "inferred")
    ]


@story
def test_i1_evidence_is_the_link(desk: Desk) -> Story:
    desk.case()
    link = desk.link_article("10:40")
    yield
    assert desk.run.activity("agent_investigated_issue").only("source_table", "source_row_id") == [
        ("knowledgearticleincident", link)
    ]


@story
def test_i1_two_articles_are_two_investigations(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:40", article="article")
    desk.link_article("10:50", article="other_article")
    yield
    assert desk.run.activity("agent_investigated_issue").only("knowledge_article_id") == ["article", "other_article"]


@story
def test_i1_the_same_article_again_adds_nothing(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:40")
    desk.link_article("10:50")
    yield
    assert desk.run.activity("agent_investigated_issue").only("event_time") == [at("10:40")]


@story
def test_i1_the_same_article_is_an_investigation_in_each_episode(desk: Desk) -> Story:
    desk.case()
    for linked, resolved, reactivated in (("10:40", "11:00", "12:00"), ("12:30", "13:00", "14:00")):
        desk.link_article(linked)
        desk.resolve(resolved)
        desk.reactivate(reactivated)
    desk.link_article("14:30")
    desk.link_article("14:40")
    yield
    moments = desk.run.activity("agent_investigated_issue").only("event_time")
    assert moments == [at("10:40"), at("12:30"), at("14:30")]


@story
def test_i1_another_version_of_the_same_article_adds_nothing(desk: Desk) -> Story:
    desk.case()
    desk.row("knowledgearticle", "translation", articlepublicnumber="KA-01337", rootarticleid="article")
    desk.link_article("10:40", article="article")
    desk.link_article("10:50", article="translation")
    yield
    assert desk.run.activity("agent_investigated_issue").only("knowledge_article_id") == ["article"]


@story
def test_i1_the_same_article_counts_again_after_a_reactivation(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:40")
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.link_article("13:30")
    yield
    assert desk.run.activity("agent_investigated_issue").only("event_time") == [at("10:40"), at("13:30")]


@story
def test_i1_the_same_article_in_another_case_counts(desk: Desk) -> Story:
    for case in ("c1", "c2"):
        desk.case(case)
        desk.link_article("10:40", case)
    yield
    assert sorted(desk.run.activity("agent_investigated_issue").only("case_id")) == ["c1", "c2"]


@story
def test_i1_a_suggestion_by_an_automation_is_no_investigation(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:40", by="robot")
    yield
    assert desk.run.activity("agent_investigated_issue") == []


@story
def test_i1_an_automatic_link_does_not_hide_the_agent_s_own(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:40", by="robot")
    desk.link_article("10:50", by="alice")
    yield
    assert desk.run.activity("agent_investigated_issue").only("event_time", "actor_id") == [(at("10:50"), "alice")]


@story
def test_i2_an_article_of_a_search_provider_is_an_investigation(desk: Desk) -> Story:
    desk.case()
    desk.row(
        "msdyn_federatedarticleincident",
        "found",
        msdyn_incidentid="c1",
        msdyn_searchproviderarticleid="ext-1",
        createdon="10:40",
        modifiedon="10:40",
        createdby="bob",
    )
    yield
    assert desk.run.activity("agent_investigated_issue").only("rule", "event_time", "actor_id", "confidence") == [
        ("I2", at("10:40"), "bob", "C")
    ]


@story
def test_the_status_researching_alone_is_no_investigation(desk: Desk) -> Story:
    desk.case()
    desk.status("10:40", 4)
    yield
    assert desk.run.activity("agent_investigated_issue") == []


def test_automatic_links_count_where_a_person_is_not_required() -> None:
    desk = Desk(seeds={"switches": [{"key": "investigation_requires_human", "is_on": "false"}]})
    desk.case()
    desk.link_article("10:40", by="robot")
    assert desk.run.activity("agent_investigated_issue").only("rule", "actor_id") == [("I1", "robot")]


def test_i4_the_status_researching_counts_where_it_is_switched_on() -> None:
    desk = Desk(seeds={"switches": [{"key": "investigation_by_status", "is_on": "true"}]})
    desk.case()
    desk.status("10:40", 4, by="bob")
    desk.status("10:50", 1)
    assert desk.run.activity("agent_investigated_issue").only("rule", "event_time", "actor_id", "confidence") == [
        ("I4", at("10:40"), "bob", "C")
    ]


def association(record: str) -> str:
    """An association in the form in which the platform's details of an audit row give it."""
    targets = [{"LogicalName": "knowledgebaserecord", "Id": record}]
    return json.dumps({"relationshipName": "KnowledgeBaseRecord_Incident", "targetRecords": targets})


def associate(desk: Desk, when: str, record: str = "external article", *, by: Any = "bob", **columns: Any) -> str:
    """The audit row of an article of an external knowledge base linked to the case the old way."""
    name = f"association {when}"
    linked: Row = {"changedata": association(desk.guid(record)), "objecttypecode": "incident", "action": 33}
    desk.row("audit", name, createdon=when, operation=2, objectid=("incident", "c1"), userid=by, **(linked | columns))
    return name


@story
def test_i3_an_audited_association_of_the_old_kind(desk: Desk) -> Story:
    desk.case()
    row = associate(desk, "10:40")
    yield
    assert desk.run.activity("agent_investigated_issue").only(
        "rule", "event_time", "actor_id", "confidence", "source_table", "source_row_id", "knowledge_article_id"
    ) == [("I3", at("10:40"), "bob", "C", "audit", row, "external article")]


@story
def test_i3_the_same_article_again_is_the_same_investigation(desk: Desk) -> Story:
    desk.case()
    associate(desk, "10:40")
    associate(desk, "10:45")
    associate(desk, "10:50", "second article")
    yield
    assert desk.run.activity("agent_investigated_issue").only("event_time") == [at("10:40"), at("10:50")]


@story
def test_i3_other_associations_and_taking_a_link_back_are_none(desk: Desk) -> Story:
    desk.case()
    associate(desk, "10:40", changedata='{"relationshipName":"incident_tags","targetRecords":[]}')
    associate(desk, "10:45", action=34)
    associate(desk, "10:50", changedata=None)
    yield
    assert desk.run.activity("agent_investigated_issue") == []


@story
def test_i3_an_actor_whose_table_is_not_told_is_a_user(desk: Desk) -> Story:
    desk.case()
    associate(desk, "10:40", by=(None, "bob"))
    yield
    assert desk.run.activity("agent_investigated_issue").only("actor_id") == ["bob"]


def test_i3_an_outside_party_is_no_agent() -> None:
    desk = Desk(seeds={"switches": [{"key": "investigation_requires_human", "is_on": "false"}]})
    desk.case()
    associate(desk, "10:40", by=("externalparty", "portal"))
    assert desk.run.activity("agent_investigated_issue").only("rule", "actor_id") == [("I3", None)]


@story
def test_i1_a_user_who_is_no_longer_known_counts_as_a_person(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:40", by=("systemuser", "gone"))
    yield
    assert desk.run.activity("agent_investigated_issue").only("event_time", "actor_id") == [(at("10:40"), "gone")]


@story
def test_i1_a_link_in_the_second_of_a_reactivation_belongs_to_what_follows(desk: Desk) -> Story:
    desk.case()
    desk.link_article("10:40")
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.link_article("13:00")
    desk.link_article("13:00", article="other_article")
    desk.link_article("13:30", article="other_article")
    yield
    assert sorted(desk.run.activity("agent_investigated_issue").only("event_time", "knowledge_article_id")) == [
        (at("10:40"), "article"),
        (at("13:00"), "article"),
        (at("13:00"), "other_article"),
    ]


def test_i4_another_status_of_the_same_role_and_coming_from_elsewhere_are_told_apart() -> None:
    desk = Desk(
        seeds={
            "switches": [{"key": "investigation_by_status", "is_on": "true"}],
            "status_roles": [{"status_code": "7", "role": "researching"}],
        }
    )
    desk.case()
    desk.status("10:40", 4)
    desk.status("10:50", 7)
    desk.status("11:00", 77)
    desk.change("c1", "11:10", by="bob", audit={"through": "robot"}, statuscode=(77, 7))
    investigated = desk.run.activity("agent_investigated_issue")
    assert investigated.only("event_time", "acted_through_id", "status_code") == [
        (at("10:40"), None, 4),
        (at("11:10"), "robot", 7),
    ]
