"""What each outgoing e-mail of a case means (reference: event-log semantics 3.13, 3.15): one meaning, by precedence."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from d365_pm_tests.models.desk import NEVER, Desk
from d365_pm_tests.models.names import at

WAITING, PROPOSED = 3, 8
SEEDS = {"status_roles": [{"status_code": str(PROPOSED), "role": "solution_proposed"}]}
MEANING = {
    "3.15-1": "discarded",
    "Q1": "information_requested",
    "Q2": "information_requested",
    "SP1": "solution_proposed",
    "SP2": "solution_proposed",
    "SP3": "solution_proposed",
    "3.15-6": "none",
}


def mail(desk: Desk, case: str, when: str) -> None:
    desk.email_out(when, case)


def draft(desk: Desk, case: str, when: str) -> None:
    desk.email_out(when, case, statuscode=1)


def ask(desk: Desk, case: str, when: str) -> None:
    """The case waits for its customer for a minute."""
    desk.status(when, WAITING, case)
    desk.status(f"{when}:30", 1, case)


def propose(desk: Desk, case: str, when: str) -> None:
    """The status reason says for a minute that a solution was proposed."""
    desk.status(when, PROPOSED, case)
    desk.status(f"{when}:30", 1, case)


def send_article(desk: Desk, case: str, when: str) -> None:
    desk.link_article(when, case, issenttocustomer=True)


def keep_article(desk: Desk, case: str, when: str) -> None:
    desk.link_article(when, case)


def resolve(desk: Desk, case: str, when: str) -> None:
    desk.resolve(when, case)


def reactivate(desk: Desk, case: str, when: str) -> None:
    desk.reactivate(when, case)


Step = tuple[Callable[[Desk, str, str], None], str]
STORIES: Mapping[str, tuple[list[Step], list[str]]] = {
    "nothing else": ([(mail, "12:00"), (mail, "12:05")], ["3.15-6", "3.15-6"]),
    "a draft": ([(draft, "12:00"), (resolve, "12:05")], ["3.15-1"]),
    "around a request": (
        [(mail, "11:49:59"), (mail, "11:50:00"), (ask, "12:00"), (mail, "12:10:00"), (mail, "12:10:01")],
        ["3.15-6", "Q1", "Q1", "3.15-6"],
    ),
    "around a status that proposes": (
        [(mail, "11:49:59"), (mail, "11:50:00"), (propose, "12:00"), (mail, "12:10:00"), (mail, "12:10:01")],
        ["3.15-6", "SP1", "SP1", "3.15-6"],
    ),
    "ten minutes before an article": ([(mail, "11:50:00"), (send_article, "12:00")], ["SP3"]),
    "a second earlier": ([(mail, "11:49:59"), (send_article, "12:00")], ["3.15-6"]),
    "ten minutes after an article": ([(send_article, "12:00"), (mail, "12:10:00")], ["SP3"]),
    "a second later": ([(send_article, "12:00"), (mail, "12:10:01")], ["3.15-6"]),
    "the nearest to an article": (
        [(mail, "11:57"), (send_article, "12:00"), (mail, "12:02"), (mail, "12:04")],
        ["3.15-6", "SP3", "3.15-6"],
    ),
    "a draft nearer to an article": (
        [(mail, "11:57"), (draft, "12:00"), (send_article, "12:00")],
        ["SP3", "3.15-1"],
    ),
    "an article that stayed here": ([(mail, "12:00"), (keep_article, "12:00")], ["3.15-6"]),
    "all at once": (
        [(mail, "12:00"), (ask, "12:00"), (propose, "12:01"), (send_article, "12:00"), (resolve, "12:05")],
        ["Q1"],
    ),
    "a status and an article": ([(mail, "12:00"), (propose, "12:01"), (send_article, "12:00")], ["SP1"]),
    "an article in the last one": ([(mail, "12:00"), (send_article, "12:00"), (resolve, "12:05")], ["SP3"]),
    "the last one before a resolution": ([(mail, "11:00"), (mail, "12:00"), (resolve, "12:05")], ["3.15-6", "SP2"]),
    "two episodes": (
        [(mail, "11:00"), (resolve, "12:00"), (reactivate, "13:00"), (mail, "14:00"), (resolve, "15:00")],
        ["SP2", "SP2"],
    ),
    "the last episode is open": (
        [(mail, "11:00"), (resolve, "12:00"), (reactivate, "13:00"), (mail, "14:00")],
        ["SP2", "3.15-6"],
    ),
    "asked after it": ([(mail, "11:00"), (ask, "11:30"), (resolve, "12:00")], ["3.15-6"]),
    "asked in the second of the resolution": ([(mail, "11:00"), (ask, "12:00"), (resolve, "12:00")], ["3.15-6"]),
    "asked before it": ([(ask, "10:30"), (mail, "11:00"), (resolve, "12:00")], ["SP2"]),
    "asked in the next episode": (
        [(mail, "11:00"), (resolve, "12:00"), (reactivate, "13:00"), (ask, "13:30")],
        ["SP2"],
    ),
    "asked in the next episode, which ends": (
        [(mail, "11:00"), (resolve, "12:00"), (reactivate, "13:00"), (ask, "13:30"), (resolve, "15:00")],
        ["SP2"],
    ),
    "late": ([(mail, "14:00"), (resolve, "16:00")], ["SP2"]),
    "the next episode asks at once": (
        [(mail, "11:00"), (mail, "11:55"), (resolve, "12:00"), (reactivate, "12:02"), (ask, "12:04")],
        ["SP2", "Q1"],
    ),
    "a draft after the last one": ([(mail, "11:00"), (draft, "11:30"), (resolve, "12:00")], ["SP2", "3.15-1"]),
    "near two statuses that propose": ([(propose, "12:00"), (mail, "12:02"), (propose, "12:05")], ["SP1"]),
    "the last one asks": ([(mail, "11:00"), (ask, "11:30"), (mail, "11:31"), (resolve, "12:00")], ["3.15-6", "Q1"]),
    "a status explains the last one": (
        [(mail, "11:00"), (propose, "11:30"), (mail, "11:31"), (resolve, "12:00")],
        ["SP2", "SP1"],
    ),
    "an article explains the last one": (
        [(mail, "11:00"), (send_article, "11:30"), (mail, "11:31"), (resolve, "12:00")],
        ["SP2", "SP3"],
    ),
}
"""What happens in a case that was created at 10:00; the rule of each of its outgoing e-mails, in order."""


def test_an_email_has_the_first_meaning_of_the_precedence() -> None:
    desk = Desk(seeds=SEEDS)
    for case, (steps, _) in STORIES.items():
        desk.case(case)
        for step, when in steps:
            step(desk, case, when)
    found: dict[str, list[str]] = {}
    for row in sorted(desk.run.rows_of("staging.email_meaning"), key=lambda row: int(row["email_id"].split()[1])):
        found.setdefault(row["case_id"], []).append(row["rule"])
        assert row["meaning"] == MEANING[row["rule"]]
    assert found == {case: rules for case, (_, rules) in STORIES.items()}


def test_a_question_that_only_its_answer_tells_is_a_request() -> None:
    desk = Desk(audit_from=NEVER)
    desk.case()
    desk.email_out("11:00")
    desk.email_in("11:30")
    desk.email_out("12:00")
    desk.resolve("12:30")
    found = desk.run.rows_of("staging.email_meaning").only("email_id", "meaning", "rule")
    assert sorted(found) == [("email 1", MEANING["Q2"], "Q2"), ("email 3", MEANING["SP2"], "SP2")]


def meaning(desk: Desk) -> dict[str, Any]:
    return desk.run.rows_of("staging.email_meaning").one()


@pytest.mark.parametrize(
    ("second", "wanted"),
    [("12:07", "#2"), ("12:08", "#1")],
    ids=["nearer to the first", "as near to both"],
)
def test_an_email_near_two_requests_belongs_to_the_nearest(second: str, wanted: str) -> None:
    desk = Desk()
    desk.case()
    desk.status("12:00", WAITING, "c1")
    desk.rows["audit"]["#2"] = desk.rows["audit"].pop("audit 2") | {"auditid": desk.guid("#2")}
    desk.status("12:01", 1, "c1")
    desk.change("c1", second, statuscode=(1, WAITING), audit={"name": "#1"})
    desk.email_out("12:04" if second == "12:08" else "12:03")
    assert (meaning(desk)["rule"], meaning(desk)["audit_id"]) == ("Q1", wanted)


def test_only_the_request_and_the_article_of_an_email_are_named() -> None:
    desk = Desk(seeds=SEEDS)
    desk.case("c1")
    ask(desk, "c1", "12:00")
    link = desk.link_article("12:00", issenttocustomer=True)
    desk.email_out("12:00")
    desk.email_out("12:20")
    found = desk.run.rows_of("staging.email_meaning").only("email_id", "audit_id", "link_id")
    assert sorted(found) == [("email 1", "audit 2", link), ("email 2", None, None)]


def test_the_nearest_email_carries_an_article_and_of_two_as_near_the_one_that_sorts_first() -> None:
    desk = Desk()
    wanted = []
    for number in range(8):
        case = desk.case(f"case {number}")
        moments = ("11:58", "12:02") if number < 4 else ("11:55", "12:01") if number < 6 else ("12:01", "11:55")
        mails = {desk.email_out(moment, case): moment for moment in moments}
        desk.link_article("12:00", case, issenttocustomer=True)
        nearest = [mail for mail in sorted(mails, key=desk.guid) if number < 4 or mails[mail] == "12:01"]
        wanted.append((case, nearest[0]))
    carried = desk.run.rows_of("staging.email_meaning").where(rule="SP3")
    assert sorted(carried.only("case_id", "email_id")) == wanted


def test_of_two_last_emails_of_one_second_the_one_that_sorts_last_proposes() -> None:
    desk = Desk()
    desk.case()
    mails = [desk.email_out("11:00") for _ in range(4)]
    desk.resolve("12:00")
    proposing = desk.run.rows_of("staging.email_meaning").where(rule="SP2")
    assert proposing.only("email_id") == [max(mails, key=desk.guid)]


def test_two_articles_in_one_email_went_out_with_it() -> None:
    """The second article is no proposal of its own at the later moment of its link."""
    desk = Desk()
    desk.case()
    links = [
        desk.link_article(when, article=article, issenttocustomer=True)
        for when, article in (("11:59", "article"), ("12:05", "other_article"))
    ]
    desk.email_out("12:00")
    assert meaning(desk)["link_id"] == links[1]
    assert desk.run.activity("solution_proposed_to_customer").only("rule", "event_time") == [("SP3", at("12:00"))]


SOLUTION, REFERENCE = 2, 1


@pytest.mark.parametrize(
    ("usages", "moments", "named"),
    [
        ((SOLUTION, REFERENCE), ("11:58", "11:59"), 0),
        ((SOLUTION, None), ("11:58", "11:59"), 0),
        ((SOLUTION, SOLUTION), ("11:58", "11:59"), 1),
        ((REFERENCE, None), ("11:59", "11:58"), 0),
    ],
)
def test_of_two_articles_in_one_email_the_solution_is_named_else_the_last_one_linked(usages, moments, named) -> None:
    desk = Desk()
    desk.case()
    links = [
        desk.link_article(moment, article=article, issenttocustomer=True, knowledgeusage=usage)
        for moment, article, usage in zip(moments, ("article", "other_article"), usages, strict=True)
    ]
    desk.email_out("12:00")
    assert meaning(desk)["link_id"] == links[named]


def test_of_two_articles_linked_in_one_second_the_one_that_sorts_last_is_named() -> None:
    desk = Desk()
    wanted = []
    for number in range(6):
        case = desk.case(f"case {number}")
        links = [
            desk.link_article("11:59", case, article=article, issenttocustomer=True)
            for article in ("article", "other_article")
        ]
        desk.email_out("12:00", case)
        wanted.append((case, max(links, key=desk.guid)))
    assert sorted(desk.run.rows_of("staging.email_meaning").only("case_id", "link_id")) == wanted


def test_two_articles_in_an_email_that_asks_propose_nothing() -> None:
    desk = Desk()
    desk.case()
    for article in ("article", "other_article"):
        desk.link_article("12:00", article=article, issenttocustomer=True)
    desk.email_out("12:00")
    desk.status("12:00", WAITING)
    assert desk.run.activity("solution_proposed_to_customer") == []


def test_of_two_articles_in_an_email_one_of_no_known_use_is_no_less_than_a_reference() -> None:
    desk = Desk()
    desk.case()
    desk.link_article("11:55", article="article", issenttocustomer=True, knowledgeusage=1)
    last = desk.link_article("12:00", article="other_article", issenttocustomer=True, knowledgeusage=None)
    desk.email_out("12:05")
    assert desk.run.rows_of("staging.email_meaning").only("rule", "link_id") == [("SP3", last)]
