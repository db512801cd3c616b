"""IsRework: what is a repetition and what is not (reference: event-log semantics 2.14)."""

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import guid
from d365_pm_tests.models.stories import Story, story


def is_rework(desk: Desk) -> object:
    return desk.run.cases().one()["IsRework"]


@story
def test_a_plain_resolution_is_none(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    yield
    assert is_rework(desk) is False


@story
def test_a_reactivation_is_rework(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    yield
    assert is_rework(desk) is True


@story
def test_a_second_resolution_is_rework(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.resolve("14:00")
    yield
    assert is_rework(desk) is True


@story
def test_a_return_from_cancelled_is_not_a_return_from_resolved(desk: Desk) -> Story:
    desk.case()
    desk.cancel("12:00")
    desk.reactivate("13:00")
    yield
    assert is_rework(desk) is False


@story
def test_asking_once_is_none(desk: Desk) -> Story:
    desk.case()
    desk.status("11:00", 3)
    yield
    assert is_rework(desk) is False


@story
def test_asking_twice_is_rework(desk: Desk) -> Story:
    desk.case()
    for moment, code in (("11:00", 3), ("12:00", 1), ("13:00", 3)):
        desk.status(moment, code)
    yield
    assert is_rework(desk) is True


@story
def test_one_new_category_is_none(desk: Desk) -> Story:
    desk.case(subjectid="network")
    desk.change("c1", "11:00", subjectid=("network", "billing"))
    yield
    assert is_rework(desk) is False


@story
def test_two_new_categories_are_rework(desk: Desk) -> Story:
    desk.case(subjectid="network")
    desk.change("c1", "11:00", subjectid=("network", "billing"))
    desk.change("c1", "12:00", subjectid=("billing", "technical"))
    yield
    assert is_rework(desk) is True


@story
def test_one_escalation_is_none(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    yield
    assert is_rework(desk) is False


@story
def test_two_escalations_are_rework(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    desk.change("c1", "12:00", isescalated=(True, False))
    desk.change("c1", "13:00", isescalated=(False, True))
    yield
    assert is_rework(desk) is True


@story
def test_ping_pong_between_people_is_rework(desk: Desk) -> Story:
    desk.case(by="alice")
    desk.change("c1", "11:00", ownerid=("alice", "bob"))
    desk.change("c1", "12:00", ownerid=("bob", "alice"))
    yield
    assert is_rework(desk) is True


@story
def test_ping_pong_between_teams_is_rework(desk: Desk) -> Story:
    desk.case(ownerid="team_n1")
    desk.change("c1", "11:00", ownerid=("team_n1", "team_n2"))
    desk.change("c1", "12:00", ownerid=("team_n2", "team_n1"))
    yield
    assert is_rework(desk) is True


@story
def test_ping_pong_with_an_automation_is_none(desk: Desk) -> Story:
    desk.case(by="alice")
    desk.change("c1", "11:00", ownerid=("alice", "robot"))
    desk.change("c1", "12:00", ownerid=("robot", "alice"))
    yield
    assert is_rework(desk) is False


@story
def test_one_routing_is_none(desk: Desk) -> Story:
    desk.case(ownerid="team_n1", by="robot")
    desk.enqueue("10:05")
    desk.change("c1", "11:00", by="bob", ownerid=("team_n1", "bob"))
    desk.change("c1", "12:00", by="bob", ownerid=("bob", "carol"))
    yield
    assert is_rework(desk) is False


@story
def test_two_timers_articles_and_surveys_are_none(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00", item="first_response")
    desk.clock("k2", "10:00", item="resolution")
    desk.link_article("10:30", article="article")
    desk.link_article("10:40", article="other_article")
    desk.resolve("12:00")
    desk.invite("12:01")
    desk.invite("13:01")
    yield
    assert is_rework(desk) is False


@story
def test_the_reasons_are_published(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.reactivate("13:00")
    desk.resolve("14:00")
    yield
    assert desk.run.cases().one()["ReworkReasons"]


def test_an_organisation_s_own_waiting_status_counts_as_asking() -> None:
    desk = Desk(seeds={"status_roles": [{"status_code": "9", "role": "waiting_customer"}]})
    desk.case()
    for moment, code in (("11:00", 3), ("12:00", 1), ("13:00", 9)):
        desk.status(moment, code)
    assert is_rework(desk) is True


def test_an_escalation_target_that_gets_the_case_twice_is_rework() -> None:
    desk = Desk(seeds={"escalation_targets": [{"target_type": "team", "target_id": guid("team_n2")}]})
    desk.case()
    desk.change("c1", "11:00", ownerid=("alice", "team_n2"))
    desk.change("c1", "12:00", ownerid=("team_n2", "bob"))
    desk.change("c1", "13:00", ownerid=("bob", "team_n2"))
    assert is_rework(desk) is True
