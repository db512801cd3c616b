"""Which e-mails were questions, as their answers tell where no audit tells it (reference: 3.10, 3.15)."""

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.test_audit_interrupted import interrupted

CONVERSATIONS: dict[str, tuple[list[str], list[int]]] = {
    "answered and followed": (["out 11:00", "in 12:00", "out 13:00"], [1]),
    "answered twice": (["out 11:00", "in 11:30", "in 12:00", "out 13:00"], [1]),
    "followed later": (["out 11:00", "in 11:30", "out 12:00", "out 13:00"], [1]),
    "two questions": (["out 11:00", "in 11:30", "out 12:00", "in 12:30", "out 13:00"], [1, 3]),
    "not answered": (["out 11:00", "out 12:00"], []),
    "answered at the end": (["out 11:00", "out 11:30", "in 12:00"], []),
    "answered before": (["in 10:30", "out 11:00", "out 12:00"], []),
    "the next one in the second of the answer": (["out 11:00", "in 12:00", "out 12:00"], [1]),
    "the same the other way round": (["out 11:00", "out 12:00", "in 12:00"], [1]),
    "the answer of another second": (["out 11:00", "in 11:00", "out 12:00"], []),
}
"""What was sent and received in a case that was created at 10:00; the numbers of the questions."""


def correspond(desk: Desk, case: str, messages: list[str]) -> list[str]:
    """Write the e-mails of a case; returns their names."""
    return [
        (desk.email_out if direction == "out" else desk.email_in)(moment, case)
        for direction, moment in (message.split(" ", 1) for message in messages)
    ]


def questions(desk: Desk) -> list[str]:
    return sorted(desk.run.rows_of("staging.answered_email").only("email_id"))


def test_a_question_is_the_last_email_before_an_answer_that_another_followed() -> None:
    desk = Desk(audit_from=NEVER)
    wanted = []
    for number in range(4):
        for name, (messages, asked) in CONVERSATIONS.items():
            case = desk.case(f"{name} {number}")
            sent = correspond(desk, case, messages)
            wanted += [sent[place - 1] for place in asked]
    assert questions(desk) == sorted(wanted)


def test_of_two_emails_of_one_second_the_one_that_sorts_last_was_answered() -> None:
    desk = Desk(audit_from=NEVER)
    wanted = []
    for case, is_followed in (("followed", True), ("over", False)):
        desk.case(case)
        sent = correspond(desk, case, ["out 11:00"] * 3 + ["in 12:00"])
        if is_followed:
            desk.email_out("13:00", case)
            wanted.append(max(sent[:3], key=desk.guid))
    assert questions(desk) == wanted


def test_the_email_that_follows_belongs_to_the_same_episode() -> None:
    desk = Desk(audit_from=NEVER)
    desk.case()
    sent = correspond(desk, "c1", ["out 10:30", "in 10:40", "out 11:00", "in 11:30"])
    for created, modified in (("12:00", "13:00"), ("15:00", "15:00")):
        desk.row("incidentresolution", created, incidentid="c1", createdon=created, modifiedon=modified)
        desk.update(created, statecode=2 if modified > created else 1, createdby="alice")
    correspond(desk, "c1", ["out 13:30", "in 14:00"])
    assert questions(desk) == sent[:1]


@pytest.mark.parametrize("status", [2, 4, None], ids=["completed", "received", "unknown"])
def test_an_answer_has_arrived(status: int | None) -> None:
    desk = Desk(audit_from=NEVER)
    for case, code in (("c1", status), ("c2", 1)):
        desk.case(case)
        desk.email_out("11:00", case)
        desk.email_in("12:00", case, statuscode=code)
        desk.email_out("13:00", case)
    assert questions(desk) == ["email 1"]


def test_emails_of_ours_whose_status_is_unknown_answer_nothing() -> None:
    desk = Desk(audit_from=NEVER)
    desk.case()
    for moment in ("11:00", "12:00", "13:00"):
        desk.email_out(moment, statuscode=None)
    assert questions(desk) == []


def test_neither_a_discarded_email_asks_nor_does_one_follow() -> None:
    desk = Desk(audit_from=NEVER)
    for case, machine in (("asking", "11:00"), ("following", "13:00")):
        desk.case(case)
        for moment in ("11:00", "13:00"):
            desk.email_out(moment, case, isworkflowcreated=moment == machine)
        desk.email_in("12:00", case)
    assert questions(desk) == []


def test_questions_are_told_from_the_first_second_without_audit_to_the_last() -> None:
    desk = interrupted()
    moments = ("05 23:59:59", "06 00:00:00", "07 23:59:59", "08 00:00:00")
    for moment in moments:
        case = desk.case(f"asked {moment}", "05 10:00")
        correspond(desk, case, [f"out {moment}", "in 09 12:00", "out 09 13:00"])
    assert questions(desk) == ["email 4", "email 7"]


def test_what_one_case_hides_tells_nothing_about_another() -> None:
    desk = Desk()
    for case in ("c1", "c2"):
        desk.case(case)
        correspond(desk, case, ["out 12:00", "in 12:10", "out 12:20"])
    desk.audit("c1", "11:00", {"statuscode": (1, 2)})
    desk.audit("c1", "13:00", {"statuscode": (4, 1)})
    desk.change("c1", "14:00", ownerid=("alice", "bob"))
    desk.audit("c2", "11:00", {"ownerid": ("alice", "bob")})
    desk.audit("c2", "13:00", {"ownerid": ("carol", "alice")})
    assert questions(desk) == ["email 1"]
