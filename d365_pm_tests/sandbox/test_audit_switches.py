"""What the switches of auditing leave of the audit rows, and how it is read (Web API reference 7.1 to 7.4)."""

import datetime as dt
import json
from typing import Any

import httpx
import pytest

from d365_pm.sandbox.desk import generate
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.sandbox.conftest import FIRST_DAY, client_of, error_of, guid, values
from d365_pm_tests.sandbox.test_audit_details import CRM, audit, changedata, environment_of

MINUTE = dt.timedelta(minutes=1)
OWNER = {"ownerid": (None, f"team,{guid('team', 0)}")}
ROWS = [
    audit(0, None, action=107, table="organization"),
    audit(1, changedata(title=(None, "a"), **OWNER), action=1, operation=1),
    audit(2, changedata(**OWNER), action=13),
    audit(3, changedata(statuscode=("1", "5"))),
    audit(4, changedata(queueid=(None, f"queue,{guid('q')}")), table="queueitem"),
]
EVERY = (
    "audits?$select=auditid,createdon,action,objecttypecode,_objectid_value,changedata,attributemask&$orderby=createdon"
)


def read(environment: Environment, url: str = EVERY, prefer: str | None = None) -> list[dict[str, Any]]:
    """Audit rows."""
    return values(client_of(environment, prefer=prefer).get(url))


def numbers(rows: list[dict[str, Any]]) -> list[int]:
    """Rows by their number."""
    known = {guid("audit", number): number for number in range(20)}
    return [known[row["auditid"]] for row in rows]


def names(row: dict[str, Any]) -> list[str]:
    """Columns that a row tells of."""
    return [change["logicalName"] for change in json.loads(row["changedata"])["changedAttributes"]]


def test_nothing_is_lost_without_a_switch() -> None:
    rows = read(environment_of(*ROWS))
    assert numbers(rows) == [0, 1, 2, 3, 4]
    assert [row["changedata"] for row in rows] == [row["changedata"] for row in ROWS]


def test_an_organisation_without_auditing_has_no_rows_and_says_so() -> None:
    environment = environment_of(*ROWS, audit_off=True)
    assert read(environment) == []
    environment.upsert("audit", [audit(7, changedata(title=("a", "b")))])
    assert read(environment) == []
    [organization] = read(environment, "organizations?$select=isauditenabled")
    assert organization["isauditenabled"] is False


def test_a_table_without_auditing_has_no_rows_and_its_metadata_says_so() -> None:
    environment = environment_of(*ROWS, unaudited_tables=frozenset({"queueitem"}))
    assert numbers(read(environment)) == [0, 1, 2, 3]
    client = client_of(environment)
    for table, is_audited in (("queueitem", False), ("incident", True)):
        definition = client.get(f"EntityDefinitions(LogicalName='{table}')?$select=IsAuditEnabled").json()
        assert definition["IsAuditEnabled"]["Value"] is is_audited


def test_a_column_without_auditing_is_not_told_of_and_rows_about_it_alone_are_missing() -> None:
    environment = environment_of(*ROWS, unaudited_columns=frozenset({"incident.ownerid"}))
    rows = read(environment)
    assert numbers(rows) == [0, 1, 3, 4]
    assert names(rows[1]) == ["title"]
    client = client_of(environment)
    for column, is_audited in (("ownerid", False), ("title", True)):
        path = f"EntityDefinitions(LogicalName='incident')/Attributes(LogicalName='{column}')?$select=IsAuditEnabled"
        assert client.get(path).json()["IsAuditEnabled"]["Value"] is is_audited


def test_a_column_goes_on_being_left_out_while_the_sandbox_runs() -> None:
    environment = environment_of(*ROWS, unaudited_columns=frozenset({"incident.ownerid"}))
    client = client_of(environment)
    assert len(values(client.get(EVERY))) == 4
    environment.upsert("audit", [audit(8, changedata(title=("a", "b"), **OWNER)), audit(9, changedata(**OWNER))])
    rows = values(client.get(EVERY))
    assert numbers(rows) == [0, 1, 3, 4, 8] and names(rows[-1]) == ["title"]
    detail = client.get(f"audits({guid('audit', 8)})/{CRM}.RetrieveAuditDetails").json()["AuditDetail"]
    assert set(detail["NewValue"]) == {"@odata.type", "title"}


def test_auditing_that_began_later_recorded_nothing_before_and_its_own_beginning() -> None:
    since = FIRST_DAY + 2 * MINUTE + dt.timedelta(seconds=30)
    rows = read(environment_of(*ROWS, audit_since=since))
    told = [(row["action"], row["objecttypecode"], row["createdon"]) for row in rows]
    assert sorted(told[:2]) == [
        (105, "incident", "2026-02-01T00:02:30Z"),
        (107, "organization", "2026-02-01T00:02:30Z"),
    ]
    assert numbers(rows[2:]) == [3, 4]


def test_a_beginning_that_the_desk_tells_moves_and_is_not_doubled() -> None:
    desk = generate(cases=8, seed=2, days=20)
    since = min(desk.tables["audit"]["createdon"].to_pylist()) + dt.timedelta(days=5)
    environment = Environment(desk.tables, Switches(audit_since=since.replace(microsecond=0)))
    rows = read(environment)
    starts = [(row["action"], row["objecttypecode"]) for row in rows if row["action"] in (105, 107)]
    assert sorted(starts) == [(105, "incident"), (105, "queueitem"), (107, "organization")]
    moments = [dt.datetime.fromisoformat(row["createdon"]) for row in rows]
    assert min(moments) == since.replace(microsecond=0)
    assert read(environment) == rows


def test_an_interruption_leaves_its_two_switches_and_no_row_between_them() -> None:
    stopped = FIRST_DAY + 2 * MINUTE
    pause = (stopped, stopped + dt.timedelta(seconds=90))
    environment = environment_of(*ROWS, audit_pauses=(pause,))
    rows = read(environment)
    told = [(row["action"], row["objecttypecode"], row["createdon"]) for row in rows if row["action"] > 100]
    assert told[1:] == [
        (110, "organization", "2026-02-01T00:02:00Z"),
        (107, "organization", "2026-02-01T00:03:30Z"),
    ]
    assert numbers([row for row in rows if row["action"] < 100]) == [1, 4]
    assert read(environment) == rows


def test_long_values_are_cut_and_end_in_an_ellipsis() -> None:
    long, exact = "ä" * 6_000, "b" * 5_000
    environment = environment_of(audit(0, changedata(description=(exact, long))))
    [row] = read(environment)
    [change] = json.loads(row["changedata"])["changedAttributes"]
    assert change == {"logicalName": "description", "oldValue": exact, "newValue": "ä" * 5_000 + "…"}
    path = f"audits({guid('audit', 0)})/{CRM}.RetrieveAuditDetails"
    detail = client_of(environment).get(path).json()["AuditDetail"]
    assert (detail["OldValue"]["description"], detail["NewValue"]["description"]) == (exact, "ä" * 5_000 + "…")


@pytest.mark.parametrize(("form", "text"), [("plain", "{0},{1}"), ("wrapped", ",{0},{1},")])
def test_masks_name_the_changed_columns_by_number(form: str, text: str) -> None:
    environment = environment_of(*ROWS, attribute_masks=form)
    select = "$select=LogicalName,ColumnNumber"
    found = values(client_of(environment).get(f"EntityDefinitions(LogicalName='incident')/Attributes?{select}"))
    number = {column["LogicalName"]: column["ColumnNumber"] for column in found}
    rows = read(environment)
    assert rows[1]["attributemask"] == text.format(number["title"], number["ownerid"])
    assert rows[0]["attributemask"] is None
    assert read(environment_of(*ROWS))[1]["attributemask"] is None


def test_rows_become_visible_after_a_while_and_vanish_after_their_retention() -> None:
    environment = environment_of(*ROWS, audit_visible_after=60.0, audit_retention_days=1)
    client = client_of(environment)

    def at(instant: dt.datetime) -> tuple[list[int], int]:
        environment.clock = lambda: instant
        rows = values(client.get(EVERY))
        path = f"audits({guid('audit', 3)})/{CRM}.RetrieveAuditDetails"
        return numbers(rows), client.get(path).status_code

    assert at(FIRST_DAY + 3.5 * MINUTE) == ([0, 1, 2], 404)
    assert at(FIRST_DAY + 5 * MINUTE) == ([0, 1, 2, 3, 4], 200)
    assert at(FIRST_DAY + dt.timedelta(days=1) + 2 * MINUTE) == ([2, 3, 4], 200)
    assert at(FIRST_DAY + dt.timedelta(days=2)) == ([], 404)
    [organization] = values(client.get("organizations?$select=auditretentionperiodv2"))
    assert organization["auditretentionperiodv2"] == 1


def test_time_is_stored_finer_than_it_is_shown() -> None:
    environment = environment_of(*ROWS, audit_has_fractions=True)
    rows = read(environment)
    assert [row["createdon"] for row in rows] == [f"2026-02-01T00:0{minute}:00Z" for minute in range(5)]
    assert read(environment, f"{EVERY}&$filter=createdon le 2026-02-01T00:01:00Z") == rows[:1]
    window = "createdon ge 2026-02-01T00:01:00Z and createdon lt 2026-02-01T00:02:00Z"
    assert read(environment, f"{EVERY}&$filter={window}") == rows[1:2]


def test_the_page_size_is_honoured_or_ignored() -> None:
    honoured = client_of(environment_of(*ROWS), prefer="odata.maxpagesize=2").get(EVERY).json()
    assert len(honoured["value"]) == 2 and "@odata.nextLink" in honoured
    ignored = client_of(environment_of(*ROWS, audits_ignore_page_size=True), prefer="odata.maxpagesize=2")
    answer = ignored.get(EVERY).json()
    assert len(answer["value"]) == 5 and "@odata.nextLink" not in answer
    assert len(values(ignored.get(f"{EVERY}&$top=1"))) == 1


def test_more_rows_than_any_page_come_at_once_where_pages_are_unknown() -> None:
    rows = [{**audit(1, None), "auditid": guid("many", number)} for number in range(5_100)]
    answer = client_of(environment_of(*rows, audits_ignore_page_size=True)).get("audits?$select=auditid").json()
    assert len(answer["value"]) == 5_100 and "@odata.nextLink" not in answer


def test_names_are_lost_unless_the_changed_row_is_selected() -> None:
    environment = environment_of(*ROWS, audit_names_need_object=True)
    unnamed = read(environment, "audits?$select=auditid,changedata&$orderby=createdon")
    assert names(unnamed[1]) == ["", ""]
    assert names(read(environment)[1]) == ["title", "ownerid"]
    assert names(read(environment_of(*ROWS), "audits?$select=changedata&$orderby=createdon")[1]) == ["title", "ownerid"]


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("createdon ge 2026-02-01T00:00:00Z and operation eq 2", 200),
        ("action eq 2 and objecttypecode eq 'incident'", 200),
        (f"_objectid_value eq {guid('case', 0)} and _userid_value ne null", 200),
        ("contains(attributemask,',20,')", 200),
        ("useradditionalinfo eq 'changedata'", 200),
        ("changedata ne null", 400),
        ("contains(changedata,'x')", 400),
        ("attributemask eq '20'", 400),
    ],
)
def test_conditions_that_the_audit_store_takes(condition: str, status: int) -> None:
    answer = client_of(environment_of(*ROWS)).get("audits", params={"$select": "auditid", "$filter": condition})
    assert answer.status_code == status


def test_some_audit_stores_sort_by_time_only() -> None:
    client = client_of(environment_of(*ROWS, audits_sort_by_time_only=True))
    assert numbers(values(client.get("audits?$select=auditid&$orderby=createdon desc"))) == [4, 3, 2, 1, 0]
    assert error_of(client.get("audits?$select=auditid&$orderby=createdon,auditid"))[:2] == (400, "0x80060888")


def test_reading_the_audit_needs_a_privilege() -> None:
    client = client_of(environment_of(*ROWS, missing_privileges=frozenset({"prvReadAuditSummary"})))
    status, code, message = error_of(client.get("audits?$select=auditid&$top=1"))
    assert (status, code) == (403, "0x80040220")
    assert "is missing prvReadAuditSummary privilege" in message


@pytest.fixture(scope="module")
def plain() -> httpx.Client:
    """A client of an environment without switches."""
    return client_of(environment_of(*ROWS))


def test_the_audit_can_be_counted(plain: httpx.Client) -> None:
    assert plain.get("audits/$count?$filter=objecttypecode eq 'incident'").text == "3"
