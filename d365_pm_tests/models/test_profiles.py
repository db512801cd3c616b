"""The profile `template_literal`: the template at its word (reference: event-log semantics 7.9)."""

import pytest

from d365_pm.settings import Profile
from d365_pm_tests.models.desk import Desk

RECOMMENDED, LITERAL = Profile.RECOMMENDED, Profile.TEMPLATE_LITERAL


@pytest.mark.parametrize(("profile", "requests"), [(RECOMMENDED, 0), (LITERAL, 1)])
def test_on_hold_asks_the_customer_only_in_the_literal_template(profile: Profile, requests: int) -> None:
    desk = Desk(profile=profile)
    desk.case()
    desk.status("11:00", 2)
    assert len(desk.run.activity("information_requested_from_customer")) == requests


@pytest.mark.parametrize(("profile", "expected"), [(RECOMMENDED, (True, "event")), (LITERAL, (False, "column"))])
def test_a_flag_taken_back_is_no_escalation_to_the_letter(profile: Profile, expected: tuple[object, ...]) -> None:
    desk = Desk(profile=profile)
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    desk.change("c1", "12:00", isescalated=(True, False))
    case = desk.run.cases().one()
    assert (case["IsEscalated"], case["EscalationBasis"], case["EscalationCount"]) == (*expected, 1)


@pytest.mark.parametrize(
    ("profile", "expected"), [(RECOMMENDED, (False, "kpi_instance")), (LITERAL, (True, "formula"))]
)
def test_the_formula_decides_on_the_breach_to_the_letter(profile: Profile, expected: tuple[object, ...]) -> None:
    # 1440 minutes of business time were kept, says the clock; on the calendar two days went by.
    desk = Desk(profile=profile)
    desk.case()
    desk.clock("k1", "10:00", item="resolution", status=4, succeededon="06 10:00", failuretime="07 10:00")
    desk.resolve("06 10:00")
    case = desk.run.cases().one()
    assert (case["IsSlaBreached"], case["SlaBreachBasis"]) == expected


@pytest.mark.parametrize(("profile", "team"), [(RECOMMENDED, "Suporte N1"), (LITERAL, None)])
def test_a_person_has_no_owner_team_to_the_letter(profile: Profile, team: str | None) -> None:
    desk = Desk(profile=profile)
    desk.case(ownerid="team_n1")
    desk.change("c1", "11:00", ownerid=("team_n1", "bob"))
    desk.resolve("12:00")
    assert desk.run.events().one(ActivityCode="case_resolved")["OwnerTeam"] == team


def test_both_profiles_have_the_21_columns_and_the_same_events() -> None:
    logs = []
    for profile in (RECOMMENDED, LITERAL):
        desk = Desk(profile=profile)
        desk.case()
        desk.enqueue("10:05")
        desk.resolve("12:00")
        logs.append(desk.run.log())
    recommended, literal = logs
    assert [list(row) for row in recommended] == [list(row) for row in literal]
    assert len(literal[0]) == 21
    assert recommended.only("ActivityName", "EventTime") == literal.only("ActivityName", "EventTime")
