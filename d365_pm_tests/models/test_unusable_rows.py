"""Rows of files that something else wrote: ids that are no GUID leave out their row, rows without a case are listed."""

import pytest

from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.raw_rows import RAW_SCHEMAS

_KEYS = {
    "incident": "incidentid",
    "incidentresolution": "activityid",
    "audit": "auditid",
    "queueitem": "queueitemid",
    "slakpiinstance": "slakpiinstanceid",
    "knowledgearticleincident": "knowledgearticleincidentid",
    "email": "activityid",
    "msfp_surveyinvite": "activityid",
    "msfp_surveyresponse": "activityid",
    "systemuser": "systemuserid",
    "team": "teamid",
    "queue": "queueid",
    "subject": "subjectid",
    "product": "productid",
    "contact": "contactid",
    "knowledgearticle": "knowledgearticleid",
}
_CASES = {
    "incidentresolution": "_incidentid_value",
    "queueitem": "_objectid_value",
    "slakpiinstance": "_regarding_value",
    "knowledgearticleincident": "_incidentid_value",
    "email": "_regardingobjectid_value",
    "msfp_surveyinvite": "_regardingobjectid_value",
    "msfp_surveyresponse": "_regardingobjectid_value",
}
_NOBODY = "00000000-0000-4000-8000-00000000dead"


def lively() -> Desk:
    """A case with a row in most tables."""
    desk = Desk()
    desk.case()
    desk.enqueue("10:05", "queue_n1")
    desk.clock("clock", "10:01")
    desk.link_article("10:20")
    desk.email_out("10:30")
    desk.resolve("11:00")
    desk.invite("11:05")
    desk.respond("11:30", ("csat", "4", 4))
    return desk


def with_copies(columns: dict[str, str], value: str) -> Desk:
    """The desk with a copy of a row of each table, and a value in one column of it."""
    desk = lively()
    for number, (table, column) in enumerate(columns.items()):
        rows = desk.rows.setdefault(table, {})
        like = next(iter(rows.values()), dict.fromkeys(RAW_SCHEMAS[table].names))
        own = {_KEYS[table]: f"00000000-0000-4000-8000-{number:012}", "regardingentityid": value}
        rows["copy"] = {**like, **{name: own[name] for name in own if name in like}, column: value}
    return desk


@pytest.mark.parametrize("value", ["no guid", "", "Z" * 36])
def test_keys_that_are_no_guid_take_no_model_down_and_change_nothing(value: str):
    assert with_copies(_KEYS, value).run.log() == lively().run.log()


def test_rows_of_cases_that_were_not_read_are_listed_each_with_the_reason():
    desk = with_copies(_CASES, _NOBODY)

    found = {(row["table_name"], row["reason"]) for row in desk.run.rows_of("staging.unusable_row")}

    assert found == {(table, "its case was not read") for table in _CASES}
    assert desk.run.log() == lively().run.log()


def test_a_row_that_names_its_case_by_no_guid_is_listed():
    desk = with_copies({"email": "_regardingobjectid_value"}, "CAS-01018-X")

    [found] = desk.run.rows_of("staging.unusable_row")

    assert (found["table_name"], found["reason"]) == ("email", "names no case, or names it by an id that is no GUID")


def test_a_healthy_case_has_no_unusable_row():
    assert lively().run.rows_of("staging.unusable_row") == []
