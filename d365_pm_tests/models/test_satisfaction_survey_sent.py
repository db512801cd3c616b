"""Satisfaction Survey Sent: rules V1 to V4 (reference: event-log semantics 3.12, tables 9)."""

import json

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, guid
from d365_pm_tests.models.stories import Story, story

CODE = "satisfaction_survey_sent"
STATUSES = {
    "queued": (0, False),
    "unsubscribed": (1, False),
    "sent": (2, True),
    "responded": (3, True),
    "failed": (4, False),
    "created": (5, False),
    "read": (6, True),
    "started": (7, True),
    "delayed": (8, False),
    "reminder scheduled": (9, True),
    "reminder sent": (10, True),
    "reminder failed": (11, True),
    "reminder in progress": (12, True),
    "skipped": (13, False),
}


@pytest.mark.parametrize(("offset", "is_sent"), STATUSES.values(), ids=STATUSES.keys())
@story
def test_v1_the_status_of_an_invitation_tells_whether_it_went_out(desk: Desk, offset: int, is_sent: bool) -> Story:
    desk.case()
    desk.invite("12:00", status=647390000 + offset)
    yield
    assert desk.run.activity(CODE).only("rule") == (["V1"] if is_sent else [])


@story
def test_v1_the_invitation_dates_the_survey(desk: Desk) -> Story:
    desk.case()
    name = desk.invite("12:00", by="voice")
    yield
    assert desk.run.activity(CODE).only("event_time", "source_table", "source_row_id", "confidence") == [
        (at("12:00"), "msfp_surveyinvite", name, "A")
    ]


@story
def test_v1_every_invitation_is_one_event(desk: Desk) -> Story:
    desk.case()
    desk.invite("12:00")
    desk.invite("13:00")
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("12:00"), at("13:00")]


@story
def test_v1_a_pulse_survey_may_go_out_before_the_resolution(desk: Desk) -> Story:
    desk.case()
    desk.invite("11:00")
    desk.resolve("12:00")
    yield
    assert desk.run.activity(CODE).only("event_time") == [at("11:00")]


@story
def test_an_invitation_about_something_else_is_no_survey_of_the_case(desk: Desk) -> Story:
    desk.case()
    desk.invite("12:00", regardingobjectid="jane")
    yield
    assert desk.run.activity(CODE) == []


@pytest.mark.parametrize("key", ["incidentid", "ticketnumber"], ids=["by its id", "by its number"])
@story
def test_v2_the_context_of_an_invitation_names_its_case(desk: Desk, key: str) -> Story:
    desk.case()
    context = {"CaseReference": desk.value("c1", key)}
    desk.invite("12:00", regardingobjectid=None, msfp_contextparameters=json.dumps(context))
    yield
    assert desk.run.activity(CODE).only("rule", "case_id", "event_time", "confidence") == [
        ("V2", "c1", at("12:00"), "C")
    ]


@story
def test_v2_adds_nothing_to_an_invitation_that_regards_its_case(desk: Desk) -> Story:
    desk.case()
    desk.invite("12:00", msfp_contextparameters=json.dumps({"incidentid": desk.guid("c1")}))
    yield
    assert desk.run.activity(CODE).only("rule") == ["V1"]


@story
def test_a_response_without_an_invitation_has_no_time(desk: Desk) -> Story:
    desk.case()
    desk.respond("13:00", ("csat", 5, 5.0))
    yield
    assert desk.run.activity(CODE) == []


def test_v3_an_email_from_a_survey_template_sends_a_survey() -> None:
    desk = Desk(seeds={"email_templates": [{"template_id": guid("survey_template"), "meaning": "survey"}]})
    desk.case()
    mail = desk.email_out("12:05", by="robot", templateid=("template", "survey_template"))
    assert desk.run.activity(CODE).only("rule", "event_time", "source_row_id", "confidence") == [
        ("V3", at("12:05"), mail, "C")
    ]


@pytest.mark.parametrize(
    ("sent", "rules"), [("12:04", ["V1"]), ("12:06", ["V1", "V3"])], ids=["4 min apart", "6 min apart"]
)
def test_v3_gives_way_to_an_invitation_within_five_minutes(sent: str, rules: list[str]) -> None:
    desk = Desk(seeds={"email_templates": [{"template_id": guid("survey_template"), "meaning": "survey"}]})
    desk.case()
    desk.invite("12:00")
    desk.email_out(sent, templateid=("template", "survey_template"))
    assert desk.run.activity(CODE).only("rule") == rules


@pytest.mark.parametrize(
    ("sent", "rules"), [("12:04", ["V1"]), ("12:06", ["V1", "V3"])], ids=["4 min apart", "6 min apart"]
)
@story
def test_v3_an_email_with_a_link_to_a_survey_sends_one(desk: Desk, sent: str, rules: list[str]) -> Story:
    desk.case()
    desk.invite("12:00")
    mail = desk.email_out(sent)
    desk.email_out("12:30")
    desk.rows["survey_email"][mail] = {"activityid": desk.guid(mail)}
    yield
    surveys = desk.run.activity(CODE)
    assert surveys.only("rule") == rules
    assert surveys.where(rule="V3").only("event_time", "source_row_id", "confidence") in ([], [(at(sent), mail, "C")])


@pytest.mark.parametrize(("has_link", "proposals"), [(True, []), (False, ["SP2"])])
@story
def test_v3_an_email_with_a_link_to_a_survey_proposes_nothing(
    desk: Desk, has_link: bool, proposals: list[str]
) -> Story:
    desk.case()
    mail = desk.email_out("11:00")
    if has_link:
        desk.rows["survey_email"][mail] = {"activityid": desk.guid(mail)}
    desk.resolve("12:00")
    yield
    assert desk.run.activity("solution_proposed_to_customer").only("rule") == proposals


@story
def test_v4_a_survey_link_alone_is_evidence_without_a_time(desk: Desk) -> Story:
    desk.case(msdyn_casesurveyinviteurl="https://survey.example/1")
    yield
    assert desk.run.activity(CODE) == []
    assert desk.run.cases().one()["SurveyEvidenceWithoutTime"] is True


@story
def test_v4_a_response_without_invitation_is_evidence_without_a_time(desk: Desk) -> Story:
    desk.case()
    desk.respond("13:00", ("csat", 4, 4.0))
    yield
    assert desk.run.cases().one()["SurveyEvidenceWithoutTime"] is True


@story
def test_v4_is_silent_beside_an_invitation_and_without_evidence(desk: Desk) -> Story:
    desk.case("sent", msdyn_casesurveyinviteurl="https://survey.example/1")
    desk.invite("12:00", "sent")
    desk.case("plain")
    yield
    assert set(desk.run.cases().only("SurveyEvidenceWithoutTime")) == {False}


@pytest.mark.parametrize(
    ("author", "actor"),
    [("alice", "alice"), ("voice", None), (("systemuser", "gone"), None), (None, None)],
    ids=["a person", "an automation", "nobody known", "nobody"],
)
@story
def test_v1_only_a_person_is_its_actor(desk: Desk, author: str | tuple[str, str] | None, actor: str | None) -> Story:
    desk.case()
    desk.invite("12:00", by=author)
    yield
    assert desk.run.activity(CODE).only("event_time", "actor_id") == [(at("12:00"), actor)]
