"""IsEscalated, its basis and its count (reference: event-log semantics 2.16)."""

from d365_pm_tests.models.desk import Desk


def escalation(desk: Desk) -> tuple[object, ...]:
    case = desk.run.cases().one()
    return case["IsEscalated"], case["EscalationBasis"], case["EscalationCount"]


def test_flag_and_event_agree(desk: Desk) -> None:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    assert escalation(desk) == (True, "both", 1)


def test_a_flag_taken_back_leaves_the_event(desk: Desk) -> None:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    desk.change("c1", "12:00", isescalated=(True, False))
    assert escalation(desk) == (True, "event", 1)


def test_a_case_born_escalated_has_the_flag_alone(desk: Desk) -> None:
    desk.case(isescalated=True)
    assert escalation(desk)[:2] == (True, "flag")


def test_every_escalation_is_counted(desk: Desk) -> None:
    desk.case()
    desk.change("c1", "11:00", isescalated=(False, True))
    desk.change("c1", "12:00", isescalated=(True, False))
    desk.change("c1", "13:00", isescalated=(False, True))
    assert escalation(desk) == (True, "both", 2)


def test_with_a_full_history_and_neither_it_is_not_escalated(desk: Desk) -> None:
    desk.case()
    assert escalation(desk) == (False, None, 0)
