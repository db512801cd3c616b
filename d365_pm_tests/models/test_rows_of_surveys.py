"""Invitations, what went out and what only hints at it; changes and codes that nobody can read (3.12, 4.12, 4.13)."""

from typing import Any

import pytest

from d365_pm_tests.models.desk import SENT, Desk
from d365_pm_tests.models.names import at, guid
from d365_pm_tests.models.raw_desk import CREATE, DELETE, UPSERT

STATUSES = {2, 3, 6, 7, 9, 10, 11, 12}
"""Last digits of the statuses of an invitation that went out (3.12)."""


def test_an_invitation_went_out_by_its_status() -> None:
    desk = Desk()
    desk.case()
    for number in range(15):
        desk.invite("11:00", status=647390000 + number)
    desk.invite("11:00", status=None)  # type: ignore[arg-type]
    rows = desk.run.rows_of("staging.survey_sending")
    assert sorted(rows.only("source_row_id")) == sorted(f"invite {number + 1}" for number in STATUSES)
    assert set(
        rows.only("case_id", "sent_at", "sent_by_id", "rule", "source_table", "source_column", "confidence")
    ) == {("c1", at("11:00"), "voice", "V1", "msfp_surveyinvite", "createdon", "A")}


def _contexts(desk: Desk) -> dict[str, tuple[str | None, str | None]]:
    """Text of the context of an invitation, and the case that it names."""
    one, other = desk.guid("c1"), desk.guid("c2")
    return {
        "by id": (f'{{"case":"{one}"}}', "c1"),
        "by id in capitals": (f'{{"case":"{one.upper()}"}}', "c1"),
        "by number": ('{"number":"CAS-1-X"}', "c1"),
        "by number in small letters": ("cas-1-x", "c1"),
        "by both": (f"CAS-1-X {one}", "c1"),
        "by both and a word": (f"the case CAS-1-X; {one}", "c1"),
        "two cases": (f"{one}, {other}", None),
        "a longer number": ("CAS-1-X9", None),
        "nothing": ("hello", None),
        "no context": (None, None),
    }


def test_an_invitation_regards_a_case_or_names_one() -> None:
    desk = Desk()
    for case, number in (("c1", "CAS-1-X"), ("c2", "CAS-2-X"), ("c3", "")):
        desk.case(case)
        desk.update(case, ticketnumber=number)
    wanted = {}
    for number, (text, case) in enumerate(_contexts(desk).values()):
        columns = {"regardingobjectid": ("account", "acme"), "msfp_contextparameters": text}
        invitation = desk.invite(f"11:{number:02}", **columns)
        if case:
            wanted[invitation] = (case, False)
    regarding = desk.invite("12:00", "c2", msfp_contextparameters=desk.guid("c1"))
    deleted = desk.invite("12:01", "c2")
    desk.delete(deleted, noticed="13:00")
    wanted[regarding] = ("c2", True)
    rows = desk.run.rows_of("staging.msfp_surveyinvite")
    assert {row["invite_id"]: (row["case_id"], row["is_regarding"]) for row in rows} == wanted
    assert set(rows.only("created_by_id", "status_code")) == {("voice", SENT)}
    sent = desk.run.rows_of("staging.survey_sending")
    assert {row["source_row_id"]: (row["rule"], row["confidence"]) for row in sent} == {
        name: ("V1", "A") if is_regarding else ("V2", "C") for name, (_, is_regarding) in wanted.items()
    }


MAILS: dict[str, tuple[dict[str, Any], bool]] = {
    "before": ({"when": "10:54:59"}, True),
    "five minutes before": ({"when": "10:55:00"}, False),
    "with it": ({"when": "11:00:00"}, False),
    "five minutes after": ({"when": "11:05:00"}, False),
    "after": ({"when": "11:05:01"}, True),
    "a draft": ({"when": "12:00", "statuscode": 1}, False),
    "no survey": ({"when": "12:00", "templateid": None}, False),
    "incoming": ({"when": "12:00", "directioncode": False}, False),
}


def test_a_survey_by_mail_is_the_invitation_within_five_minutes_of_it() -> None:
    desk = Desk(seeds={"email_templates": [{"template_id": guid("survey"), "meaning": "survey"}]})
    wanted = []
    for case, (columns, counts) in MAILS.items():
        desk.case(case)
        invitation = desk.invite("11:00:00", case)
        desk.invite("11:00:01", case, status=647390004)
        mail = {"templateid": ("template", "survey")} | columns
        name = desk.email_out(mail.pop("when"), case, by="bob", **mail)
        wanted.append((case, "V1", "msfp_surveyinvite", invitation, "createdon", "A", "voice"))
        if counts:
            wanted.append((case, "V3", "email", name, "senton", "C", "bob"))
    desk.case("without an invitation")
    name = desk.email_out("11:00", "without an invitation", templateid=("template", "survey"))
    wanted.append(("without an invitation", "V3", "email", name, "senton", "C", "alice"))
    columns = ("case_id", "rule", "source_table", "source_row_id", "source_column", "confidence", "sent_by_id")
    assert sorted(desk.run.rows_of("staging.survey_sending").only(*columns)) == sorted(wanted)
    actors = {row["source_row_id"]: row["actor_id"] for row in desk.run.activity("satisfaction_survey_sent")}
    assert set(actors.values()) == {None, "bob", "alice"}


def test_a_link_or_an_answer_hints_at_a_survey_that_nothing_dates() -> None:
    desk = Desk()
    for case, link in {"link": "https://s.example", "blank": " ", "none": None, "sent": "https://s.example"}.items():
        desk.case(case, msdyn_casesurveyinviteurl=link)
    invitation = desk.invite("11:00", "sent")
    desk.case("answer")
    desk.respond("12:00", case="answer")
    desk.case("both", msdyn_casesurveyinviteurl="https://s.example")
    desk.respond("12:00", case="both")
    desk.case("answer to an invitation")
    desk.respond("12:00", case="answer to an invitation", msfp_surveyinviteid=invitation)
    desk.case("deleted answer")
    desk.delete(desk.respond("12:00", case="deleted answer"), noticed="13:00")
    desk.respond("12:00", case="none", regardingobjectid=("account", "none"))
    desk.respond("12:00", case="none", regardingobjectid=None)
    assert sorted(desk.run.rows_of("staging.survey_evidence").only("case_id")) == ["answer", "both", "link"]


def test_changes_that_nobody_can_read_are_those_of_cases() -> None:
    desk = Desk()
    desk.case("c1")
    rows = {
        "update": ({}, {"_payload": "opaque"}),
        "upsert": ({"operation": UPSERT}, {"_payload": "unavailable"}),
        "again": ({}, {"_payload": "opaque"}),
        "read": ({}, {"_payload": "read"}),
        "plain": ({}, {}),
        "create": ({"operation": CREATE}, {"_payload": "opaque"}),
        "delete": ({"operation": DELETE}, {"_payload": "opaque"}),
        "of a queue item": ({"of_table": "queueitem"}, {"_payload": "opaque"}),
    }
    for number, (name, (options, columns)) in enumerate(rows.items()):
        case = "c1" if name == "again" else desk.case(f"of {name}")
        audited = desk.audit(case, f"11:{number:02}", {"prioritycode": (2, 1)}, **options)
        desk.rows["audit"][audited] |= columns
    found = desk.run.rows_of("staging.unreadable_audit").only("case_id")
    assert sorted(found) == ["c1", "of update", "of upsert"]


@pytest.mark.parametrize("code", [8, 9])
def test_codes_without_a_role_with_their_cases_and_changes(code: int) -> None:
    desk = Desk(
        labels={("incident", "statuscode", 8): ("Fora", "Out"), ("incident", "statecode", 8): ("Estado", "State")}
    )
    for case in ("c1", "c2", "c3"):
        desk.case(case, statuscode=code if case != "c3" else None)
    desk.status("11:00", 3, "c1")
    desk.status("11:10", code, "c1")
    rows = desk.run.rows_of("staging.unmapped_status")
    known = {8: (8, "Fora", 0, 0)} if code != 8 else {}
    known[code] = (code, {8: "Fora", 9: "code:9"}[code], 2, 1)
    assert sorted(rows.only("status_code", "label", "cases", "changes")) == [known[key] for key in sorted(known)]
