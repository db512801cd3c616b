"""IsEscalated, its basis and its count (reference: event-log semantics 2.16)."""

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.stories import Story, story


def escalation(desk: Desk) -> tuple[object, ...]:
    case = desk.run.cases().one()
    return case["IsEscalated"], case["EscalationBasis"], case["EscalationCount"]


@story
def test_flag_and_event_agree(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    yield
    assert escalation(desk) == (True, "both", 1)


@story
def test_a_flag_taken_back_leaves_the_event(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    desk.change("c1", "12:00", isescalated=(True, False))
    yield
    assert escalation(desk) == (True, "event", 1)


@story
def test_a_case_born_escalated_has_the_flag_alone(desk: Desk) -> Story:
    desk.case(isescalated=True)
    yield
    assert escalation(desk)[:2] == (True, "flag")


@story
def test_every_escalation_is_counted(desk: Desk) -> Story:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    desk.change("c1", "12:00", isescalated=(True, False))
    desk.change("c1", "13:00", isescalated=(False, True))
    yield
    assert escalation(desk) == (True, "both", 2)


@story
def test_with_a_full_history_and_neither_it_is_not_escalated(desk: Desk) -> Story:
    desk.case()
    yield
    assert escalation(desk) == (False, None, 0)


@story
def test_a_flag_that_was_never_set_is_none(desk: Desk) -> Story:
    desk.case(isescalated=None)
    yield
    assert escalation(desk) == (False, None, 0)
