"""AgentName and OwnerTeam (reference: event-log semantics 2.9, 2.15)."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import guid
from d365_pm_tests.models.stories import Story, story


def agent(desk: Desk, code: str = "case_created") -> tuple[object, ...]:
    last = desk.run.events().where(ActivityCode=code)[-1]
    return last["AgentName"], last["AgentId"], last["ActorType"]


@story
def test_the_agent_is_who_acted_and_not_who_owns_the_case_now(desk: Desk) -> Story:
    desk.case(by="alice")
    desk.change("c1", "11:00", by="carol", ownerid=("alice", "bob"))
    yield
    assert agent(desk, "case_assigned") == ("Carol Lima", "carol", "human")


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"applicationid": guid("an application")}, id="an application user"),
        pytest.param({"accessmode": 3}, id="a support user"),
        pytest.param({"accessmode": 4}, id="a non-interactive user"),
        pytest.param({"isintegrationuser": True}, id="an integration user"),
        pytest.param({"fullname": "SYSTEM"}, id="the built-in SYSTEM"),
        pytest.param({"fullname": "INTEGRATION"}, id="the built-in INTEGRATION"),
    ],
)
@story
def test_an_automation_acts_as_sistema(desk: Desk, columns: dict[str, object]) -> Story:
    desk.row("systemuser", "machine", **({"fullname": "Máquina", "accessmode": 0} | columns))
    desk.case(by="machine")
    yield
    assert agent(desk) == ("Sistema", "machine", "system")


def test_a_listed_person_whose_flows_act_is_a_system_actor() -> None:
    desk = Desk(seeds={"system_users": [{"user_id": guid("bob")}]})
    desk.case(by="bob")
    assert agent(desk) == ("Sistema", "bob", "system")


@pytest.mark.parametrize("accessmode", [0, 1, 2, 5, None])
@story
def test_other_access_modes_are_people(desk: Desk, accessmode: int | None) -> Story:
    desk.row("systemuser", "dora", fullname="Dora Reis", accessmode=accessmode, isintegrationuser=False)
    desk.case(by="dora")
    yield
    assert agent(desk) == ("Dora Reis", "dora", "human")


@story
def test_a_disabled_person_keeps_the_name(desk: Desk) -> Story:
    desk.row("systemuser", "dora", fullname="Dora Reis", accessmode=0, isdisabled=True)
    desk.case(by="dora")
    yield
    assert agent(desk) == ("Dora Reis", "dora", "human")


@story
def test_a_deleted_person_is_named_by_the_id(desk: Desk) -> Story:
    desk.row("systemuser", "dora", fullname="Dora Reis", accessmode=0)
    desk.case(by="dora")
    desk.delete("dora")
    yield
    assert agent(desk)[:2] == (f"user:{desk.guid('dora')[:8]}", "dora")


@story
def test_the_account_that_made_the_call_is_not_the_agent(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", by="bob", audit={"through": "robot"}, ownerid=("alice", "bob"))
    yield
    assert agent(desk, "case_assigned") == ("Bob Johnson", "bob", "human")


@story
def test_an_external_party_is_not_an_agent(desk: Desk) -> Story:
    desk.case()
    desk.resolve("12:00")
    desk.audit("c1", "13:00", {"statecode": (1, 0), "statuscode": (5, 1)}, by=("externalparty", "portal"))  # type: ignore[arg-type]
    desk.update("c1", statecode=0, statuscode=1)
    yield
    assert agent(desk, "case_reactivated")[2] == "external"


@story
def test_an_sla_timer_is_started_by_the_system(desk: Desk) -> Story:
    desk.case()
    desk.clock("k1", "10:00:02", item="resolution")
    yield
    assert agent(desk, "sla_timer_started")[0::2] == ("Sistema", "system")


@pytest.mark.parametrize(
    ("by", "name", "kind"),
    [("voice", "Sistema", "system"), ("bob", "Bob Johnson", "human")],
    ids=["itself", "a person"],
)
@story
def test_a_survey_is_sent_by_the_system_unless_a_person_invited(desk: Desk, by: str, name: str, kind: str) -> Story:
    desk.case()
    desk.invite("12:00", by=by)
    yield
    assert agent(desk, "satisfaction_survey_sent")[0::2] == (name, kind)


@story
def test_without_an_actor_the_owner_of_that_moment_is_named(desk: Desk) -> Story:
    desk.case(by="alice")
    desk.change("c1", "11:00", ownerid=("alice", "bob"))
    desk.status("12:00", 3, by=None)
    desk.change("c1", "13:00", ownerid=("bob", "carol"))
    yield
    asked = desk.run.events().one(ActivityCode="information_requested_from_customer")
    assert (asked["AgentName"], asked["ActorBasis"]) == ("Bob Johnson", "owner_at_event")


def teams(desk: Desk) -> list[tuple[object, ...]]:
    return desk.run.events().only("ActivityCode", "OwnerTeam", "OwnerTeamSource")


@story
def test_a_team_that_owns_the_case_is_its_team(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", ownerid=("alice", "team_n2"))
    yield
    assert teams(desk) == [("case_created", None, None), ("case_assigned", "Suporte N2", "owner")]


@story
def test_a_person_who_took_the_case_from_a_team_works_for_it(desk: Desk) -> Story:
    desk.case(ownerid="team_n1")
    desk.change("c1", "11:00", by="bob", ownerid=("team_n1", "bob"))
    desk.resolve("12:00", by="bob")
    yield
    assert teams(desk)[-2:] == [
        ("case_assigned", "Suporte N1", "last_team"),
        ("case_resolved", "Suporte N1", "last_team"),
    ]


@story
def test_a_person_who_took_the_case_from_a_person_has_no_team_of_it(desk: Desk) -> Story:
    desk.case(ownerid="team_n1")
    desk.change("c1", "11:00", by="bob", ownerid=("team_n1", "bob"))
    desk.change("c1", "12:00", by="bob", ownerid=("bob", "carol"))
    yield
    assert teams(desk)[-1] == ("case_assigned", None, None)


def test_the_table_of_people_and_teams_names_the_team_of_a_person() -> None:
    desk = Desk(seeds={"user_team_map": [{"user_id": guid("alice"), "team_id": guid("team_n1")}]})
    desk.case(by="alice")
    assert teams(desk) == [("case_created", "Suporte N1", "user_map")]


def test_the_team_before_outranks_the_table() -> None:
    desk = Desk(seeds={"user_team_map": [{"user_id": guid("bob"), "team_id": guid("team_n1")}]})
    desk.case(ownerid="team_n2")
    desk.change("c1", "11:00", by="bob", ownerid=("team_n2", "bob"))
    assert teams(desk)[-1] == ("case_assigned", "Suporte N2", "last_team")


@story
def test_the_owner_and_the_team_of_today_are_kept_with_the_case(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", ownerid=("alice", "team_n2"))
    yield
    assert desk.run.cases().one()["CurrentOwnerTeam"] == "Suporte N2"


def test_the_default_team_of_the_business_unit_is_the_last_resort() -> None:
    desk = Desk(seeds={"owner_team_sources": [{"source": "business_unit"}]})
    desk.row("businessunit", "south", name="Sul")
    desk.row("team", "everybody", name="Sul", isdefault=True, businessunitid="south")
    desk.row("team", "some", name="Alguns", isdefault=False, businessunitid="south")
    desk.update("alice", businessunitid="south")
    desk.case()
    desk.change("c1", "11:00", ownerid=("alice", "team_n1"))
    assert desk.run.events().only("ActivityCode", "OwnerTeam", "OwnerTeamSource") == [
        ("case_created", "Sul", "business_unit"),
        ("case_assigned", "Suporte N1", "owner"),
    ]


@pytest.mark.parametrize(("teams", "team"), [(("team_n1",), "Suporte N1"), (("team_n1", "team_n2"), None)])
def test_the_only_team_of_a_person_owns_where_membership_counts(teams: tuple[str, ...], team: str | None) -> None:
    desk = Desk(seeds={"owner_team_sources": [{"source": "membership"}]})
    desk.row("team", "everybody", name="Sul", isdefault=True, teamtype=0)
    desk.row("team", "access", name="Acesso", isdefault=False, teamtype=1)
    for number, name in enumerate((*teams, "everybody", "access")):
        desk.row("teammembership", f"membership {number}", systemuserid=desk.guid("alice"), teamid=desk.guid(name))
    desk.case()
    created = desk.run.events().one(ActivityCode="case_created")
    assert (created["OwnerTeam"], created["OwnerTeamSource"]) == (team, "membership" if team else None)


@story
def test_assignments_of_one_second_show_what_each_of_them_brought(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", audit={"name": "#1 owner"}, ownerid=("alice", "team_n1"), statuscode=(1, 4))
    desk.change("c1", "11:00", audit={"name": "#2 owner"}, ownerid=("team_n1", "team_n2"))
    desk.link_article("11:00")
    yield
    assert desk.run.events().only("Rule", "OwnerTeam") == [
        ("CREATED", None),
        ("A1", "Suporte N1"),
        ("A1", "Suporte N2"),
        ("I1", "Suporte N2"),
    ]
