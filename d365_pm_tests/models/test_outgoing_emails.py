"""Why an outgoing e-mail says nothing about its case (reference: event-log semantics 3.15, step 1)."""

from collections.abc import Mapping
from typing import Any

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import guid

TEMPLATES = [
    {"template_id": guid("thanks"), "meaning": "acknowledgement"},
    {"template_id": guid("survey_template"), "meaning": "survey"},
]
EMAILS: dict[str, tuple[dict[str, Any], tuple[int | None, str | None]]] = {
    "an e-mail of an agent": ({}, (1, None)),
    "sent, its status unknown": ({"statuscode": None}, (1, None)),
    "its maker unknown": ({"isworkflowcreated": None}, (1, None)),
    "of a user that nobody knows": ({"by": ("systemuser", "gone")}, (1, None)),
    "a draft": ({"statuscode": 1}, (1, "not_sent")),
    "without a time of sending": ({"senton": None}, (None, "not_sent")),
    "a survey": ({"templateid": ("template", "survey_template")}, (1, "survey")),
    "an acknowledgement": ({"templateid": ("template", "thanks")}, (1, "automatic")),
    "made by a workflow": ({"isworkflowcreated": True}, (1, "automatic")),
    "of a system actor": ({"by": "robot"}, (1, "automatic")),
    "to a colleague": ({"to": "bob"}, (1, "internal")),
    "before the creation": ({"senton": "09:59:59"}, (None, "before_creation")),
    "in the second of the creation": ({"senton": "10:00:00"}, (1, None)),
    "in the second of the resolution": ({"senton": "12:00:00"}, (1, None)),
    "after the resolution": ({"senton": "12:00:01"}, (1, "after_resolution")),
    "in the second of the reactivation": ({"senton": "13:00:00"}, (2, None)),
}
"""What is special about an e-mail of 11:00; its episode and what speaks against it."""


def weighed() -> Mapping[str, tuple[object, object]]:
    """Episode and reason of each e-mail; each case was open from 10:00 to 12:00 and again since 13:00."""
    desk = Desk(seeds={"email_templates": TEMPLATES})
    for name, (columns, _) in EMAILS.items():
        desk.case(name, "10:00")
        desk.email_out("11:00", name, **columns)
        desk.resolve("12:00", name)
        desk.reactivate("13:00", name)
    rows = desk.run.rows_of("staging.outgoing_email")
    return {
        case: (episode, reason) for case, episode, reason in rows.only("case_id", "episode_no", "discarded_because")
    }


def test_an_email_has_its_episode_and_the_reason_that_speaks_against_it() -> None:
    assert weighed() == {name: wanted for name, (_, wanted) in EMAILS.items()}


def test_only_outgoing_emails_of_known_cases_are_weighed() -> None:
    desk = Desk()
    desk.case("c1", "10:00")
    desk.email_in("11:00")
    desk.email_out("11:00", regardingobjectid=("incident", "unread"))
    desk.email_out("11:00", regardingobjectid="jane")
    desk.rows["email"][desk.email_out("11:00")]["activityid"] = "no guid"
    assert desk.run.rows_of("staging.outgoing_email") == []
    assert sorted(desk.run.rows_of("staging.email").only("case_id")) == ["c1", "unread"]
