"""Change histories of one row and of one of its columns (Web API reference 7.5)."""

import json
from typing import Any

import httpx
import pytest

from d365_pm_tests.sandbox.conftest import client_of, error_of, guid
from d365_pm_tests.sandbox.test_audit_details import CASE, CRM, NOBODY, audit, changedata, environment_of

ROWS = [
    audit(0, None, action=105),
    audit(1, changedata(title=(None, "a"), statuscode=(None, "1")), action=1, operation=1),
    audit(2, changedata(statuscode=("1", "2"))),
    audit(3, changedata(title=("a", "b"), statuscode=("2", "1"))),
    audit(4, changedata(statuscode=("1", "5")), action=16),
    {**audit(5, changedata(title=(None, "other")), action=1, operation=1), "_objectid_value": guid("case", 1)},
]


def history(
    client: httpx.Client, *, column: str | None = None, target: str | None = None, **paging: Any
) -> httpx.Response:
    """Ask for a history, each argument by an alias."""
    kind = "Record" if column is None else "Attribute"
    values = {"@t": target or f"{{'@odata.id':'incidents({CASE})'}}"}
    arguments = ["Target=@t"]
    if column is not None:
        values["@a"] = f"'{column}'"
        arguments.append("AttributeLogicalName=@a")
    if paging:
        values["@p"] = json.dumps(paging)
        arguments.append("PagingInfo=@p")
    return client.get(f"Retrieve{kind}ChangeHistory({','.join(arguments)})", params=values)


def collection(answer: httpx.Response) -> dict[str, Any]:
    """The collection of a successful answer."""
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["AuditDetailCollection"]
    return found


def ids(found: dict[str, Any]) -> list[str]:
    """Audit ids of a page."""
    return [detail["AuditRecord"]["auditid"] for detail in found["AuditDetails"]]


def numbered(*numbers: int) -> list[str]:
    """Audit ids by number."""
    return [guid("audit", number) for number in numbers]


@pytest.fixture(scope="module")
def client() -> httpx.Client:
    """A client of an environment with the rows above."""
    return client_of(environment_of(*ROWS))


def test_a_record_has_all_its_rows_newest_first_with_the_switches_of_auditing(client: httpx.Client) -> None:
    answer = history(client)
    assert answer.json()["@odata.context"].endswith(f"#{CRM}.RetrieveRecordChangeHistoryResponse")
    found = collection(answer)
    assert ids(found) == numbered(4, 3, 2, 1, 0)
    switch = found["AuditDetails"][-1]
    assert set(switch) == {"AuditRecord"} and switch["AuditRecord"]["_objectid_value"] == NOBODY
    assert found["AuditDetails"][0]["NewValue"] == {"@odata.type": f"#{CRM}.incident", "statuscode": 5}
    assert (found["MoreRecords"], found["PagingCookie"], found["TotalRecordCount"]) == (False, "", -1)


def test_pages_by_cookie_and_by_number_alone(client: httpx.Client) -> None:
    first = collection(history(client, PageNumber=1, Count=2))
    assert (ids(first), first["MoreRecords"]) == (numbered(4, 3), True)
    assert first["PagingCookie"].startswith('<cookie page="1"><cookieExtensions ContinuationToken="')
    second = collection(history(client, PageNumber=2, Count=2, PagingCookie=first["PagingCookie"]))
    assert (ids(second), second["MoreRecords"]) == (numbered(2, 1), True)
    third = collection(history(client, PageNumber=3, Count=2))
    assert (ids(third), third["MoreRecords"], third["PagingCookie"]) == (numbered(0), False, "")


def test_a_cookie_goes_on_where_it_was_though_newer_rows_came() -> None:
    environment = environment_of(*ROWS)
    client = client_of(environment)
    first = collection(history(client, PageNumber=1, Count=2))
    environment.upsert("audit", [audit(9, changedata(title=("b", "c")))])
    second = collection(history(client, PageNumber=2, Count=2, PagingCookie=first["PagingCookie"]))
    assert ids(second) == numbered(2, 1)
    assert ids(collection(history(client, PageNumber=2, Count=2))) == numbered(3, 2)


def test_a_total_is_real_where_the_environment_counts_and_minus_one_elsewhere(client: httpx.Client) -> None:
    assert collection(history(client, PageNumber=1, Count=2, ReturnTotalRecordCount=True))["TotalRecordCount"] == 5
    other = client_of(environment_of(*ROWS, history_counts_rows=False))
    assert collection(history(other, PageNumber=1, Count=2, ReturnTotalRecordCount=True))["TotalRecordCount"] == -1


def test_a_column_has_its_own_changes_only(client: httpx.Client) -> None:
    answer = history(client, column="title")
    assert answer.json()["@odata.context"].endswith(f"#{CRM}.RetrieveAttributeChangeHistoryResponse")
    found = collection(answer)
    assert ids(found) == numbered(3, 1)
    assert found["AuditDetails"][0]["NewValue"] == {"@odata.type": f"#{CRM}.incident", "title": "b"}


def test_arguments_may_stand_in_the_parentheses(client: httpx.Client) -> None:
    answer = client.get(f"RetrieveRecordChangeHistory(Target={{'@odata.id':'incidents({CASE})'}})")
    assert ids(collection(answer)) == numbered(4, 3, 2, 1, 0)


@pytest.mark.parametrize("column", [None, "title"])
def test_a_row_that_does_not_exist_has_an_empty_history(client: httpx.Client, column: str | None) -> None:
    found = collection(history(client, column=column, target=f"{{'@odata.id':'incidents({guid('nothing')})'}}"))
    assert (found["AuditDetails"], found["MoreRecords"]) == ([], False)


def test_the_zero_id_is_refused_for_records_only(client: httpx.Client) -> None:
    target = f'{{"@odata.id":"incidents({NOBODY})"}}'
    assert error_of(history(client, target=target)) == (400, "0x80040203", "Expected non-empty Guid.")
    assert collection(history(client, target=target, column="title"))["AuditDetails"] == []


def test_the_target_uses_the_plural_name(client: httpx.Client) -> None:
    expected = (404, "0x80060888", "Resource not found for the segment 'incident'.")
    assert error_of(history(client, target=f"{{'@odata.id':'incident({CASE})'}}")) == expected


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"column": "nothing"}, "0x80041103"),
        ({"target": "incidents"}, "0x80040203"),
        ({"target": "{'@odata.id':'incidents(7)'}"}, "0x80060888"),
        ({"PageNumber": 0, "Count": 2}, "0x8004112a"),
        ({"PageNumber": 3, "Count": 2, "PagingCookie": "<cookie/>"}, "0x8004112a"),
    ],
)
def test_refused_arguments(client: httpx.Client, arguments: dict[str, Any], code: str) -> None:
    assert error_of(history(client, **arguments))[:2] == (400, code)


@pytest.mark.parametrize("column", [None, "title"])
def test_histories_need_their_privilege(column: str | None) -> None:
    client = client_of(environment_of(*ROWS, missing_privileges=frozenset({"prvReadRecordAuditHistory"})))
    assert error_of(history(client, column=column))[:2] == (403, "0x80040220")
