"""E-mails with a link to a survey: the server looks into the bodies, and only ids are read (semantics 3.12, V3)."""

from datetime import UTC, datetime

import duckdb

from d365_pm.assets.build import _views
from d365_pm.lake import Window

LINK = "https://forms.example/r/"
WINDOW = Window(None, datetime(2099, 1, 1, tzinfo=UTC))


def written(desk, *bodies: str) -> list[str]:
    """Sent e-mails of cases with these bodies; returns their ids."""
    emails = desk.sandbox.environment.tables["email"].rows
    sent = emails.filter(emails["directioncode"], emails["statuscode"] == 3)
    ids = sorted(sent["activityid"].to_list())[: len(bodies)]
    rows = [{"activityid": key, "description": body} for key, body in zip(ids, bodies, strict=True)]
    desk.sandbox.environment.upsert("email", rows)
    return ids


def test_only_sent_emails_of_cases_with_such_a_link_are_read(bench):
    desk = bench()
    desk.given = {"D365_PM_SURVEY_LINKS": f"{LINK}, it's us"}
    one, two, _three, draft, other = written(desk, f"<a href='{LINK}1'>", "Hi, it's us", "its us", LINK, LINK)
    desk.sandbox.environment.upsert("email", [{"activityid": draft, "statuscode": 1}])
    contact = min(desk.source("contact"))
    elsewhere = {"_regardingobjectid_value": contact, "_regardingobjectid_type": "contact"}
    desk.sandbox.environment.upsert("email", [{"activityid": other} | elsewhere])

    desk.load("survey_email", window=WINDOW)

    assert set(desk.kept("survey_email")) == {one, two}
    asked = [entry for entry in desk.sandbox.environment.log.entries if entry.table == "emails"]
    assert asked
    assert {entry.query.partition("&")[0] for entry in asked if entry.page} == {"$select=activityid,versionnumber"}


def test_other_links_leave_other_emails(bench):
    desk = bench()
    one, two = written(desk, f"{LINK}1", "https://survey.example/2")
    desk.given = {"D365_PM_SURVEY_LINKS": LINK}
    desk.load("survey_email", window=WINDOW)
    assert set(desk.kept("survey_email")) == {one}

    desk.given = {"D365_PM_SURVEY_LINKS": "https://survey.example/"}
    desk.load("survey_email", window=WINDOW)

    assert set(desk.kept("survey_email")) == {two}


def test_without_the_setting_what_was_read_says_nothing(bench):
    desk = bench()
    (one,) = written(desk, LINK)
    desk.given = {"D365_PM_SURVEY_LINKS": LINK}
    desk.load("survey_email", window=WINDOW)
    assert duckdb.sql(_views(duckdb.connect(), desk.settings, {"survey_email"})["survey_email"]).fetchall()[0][0] == one

    desk.given = {"D365_PM_SURVEY_LINKS": ""}

    assert duckdb.sql(_views(duckdb.connect(), desk.settings, {"survey_email"})["survey_email"]).fetchall() == []
