"""The envelope, wire types and annotations (Web API reference 2.1, 2.2, 2.5 and 4)."""

import datetime as dt
from collections.abc import Callable

import httpx
import pytest

from d365_pm.sandbox.environment import Environment
from d365_pm_tests.sandbox.conftest import API, CALLS, CASES, arrow, client_of, guid, values

ALL = {"Prefer": 'odata.include-annotations="*"'}
CASE = guid("case", 3)


def test_the_documented_row_with_all_annotations() -> None:
    """The example of reference 2.1, key by key and in its order."""
    case = {
        "incidentid": "7b1c9d40-aaaa-4e5f-8a9b-000000000001",
        "title": "Login loop",
        "_customerid_value": "0a3f1e30-1111-4a2b-9c3d-00000000000a",
        "_customerid_type": "account",
        "statuscode": 1,
        "createdon": dt.datetime(2026, 2, 9, 9, 14, 3, tzinfo=dt.UTC),
        "versionnumber": 81550512,
    }
    account = {"accountid": "0a3f1e30-1111-4a2b-9c3d-00000000000a", "name": "Fabrikam"}
    client = client_of(Environment({"incident": arrow("incident", [case]), "account": arrow("account", [account])}))
    answer = client.get("incidents?$select=title,_customerid_value,statuscode,createdon&$count=true", headers=ALL)
    body = answer.json()
    [row] = body.pop("value")
    version = body.pop("@Microsoft.Dynamics.CRM.globalmetadataversion")
    assert version.isdigit()
    assert body == {
        "@odata.context": f"{API}/$metadata#incidents(title,_customerid_value,statuscode,createdon)",
        "@odata.count": 1,
        "@Microsoft.Dynamics.CRM.totalrecordcount": 1,
        "@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded": False,
    }
    assert list(row.items()) == [
        ("@odata.etag", 'W/"81550512"'),
        ("title", "Login loop"),
        ("_customerid_value@OData.Community.Display.V1.FormattedValue", "Fabrikam"),
        ("_customerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty", "customerid_account"),
        ("_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname", "account"),
        ("_customerid_value", "0a3f1e30-1111-4a2b-9c3d-00000000000a"),
        ("statuscode@OData.Community.Display.V1.FormattedValue", "In Progress"),
        ("statuscode", 1),
        ("createdon@OData.Community.Display.V1.FormattedValue", "2/9/2026 9:14 AM"),
        ("createdon", "2026-02-09T09:14:03Z"),
        ("incidentid", "7b1c9d40-aaaa-4e5f-8a9b-000000000001"),
    ]


def test_without_prefer_there_is_no_annotation(web: httpx.Client) -> None:
    answer = web.get("incidents?$top=3")
    assert "Preference-Applied" not in answer.headers
    assert all("@" not in name or name == "@odata.etag" for row in values(answer) for name in row)
    assert set(answer.json()) == {"@odata.context", "value"}


def test_nulls_are_written_and_carry_no_annotation(web: httpx.Client) -> None:
    row = web.get(f"incidents({guid('case', 0)})?$select=_customerid_value,escalatedon,followupby", headers=ALL).json()
    assert [name for name in row if "value@" in name or "on@" in name or "by@" in name] == []
    assert (row["_customerid_value"], row["escalatedon"], row["followupby"]) == (None, None, None)


def test_wire_types(web: httpx.Client) -> None:
    row = web.get(f"incidents({CASE})?$select=createdon,followupby,statuscode,isescalated,versionnumber,title").json()
    assert row["createdon"] == "2026-02-01T00:00:00Z"
    assert row["followupby"] == "2026-02-01"
    assert (row["statuscode"], row["versionnumber"]) == (1, 1003)
    assert isinstance(row["isescalated"], bool)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Microsoft.Dynamics.CRM.lookuplogicalname", {"Microsoft.Dynamics.CRM.lookuplogicalname"}),
        ("OData.Community.*", {"OData.Community.Display.V1.FormattedValue"}),
        (
            "Microsoft.Dynamics.CRM.*",
            {"Microsoft.Dynamics.CRM.lookuplogicalname", "Microsoft.Dynamics.CRM.associatednavigationproperty"},
        ),
        ("Microsoft.Dynamics.CRM.globalmetadataversion", set()),
    ],
)
def test_annotations_are_chosen_by_name_or_prefix(web: httpx.Client, wanted: str, found: set[str]) -> None:
    headers = {"Prefer": f'odata.maxpagesize=2,odata.include-annotations="{wanted}"'}
    answer = web.get("incidents?$select=_ownerid_value,statuscode", headers=headers)
    assert answer.headers["Preference-Applied"] == headers["Prefer"]
    assert {name.partition("@")[2] for row in values(answer) for name in row if "_value@" in name} == found
    version = "@Microsoft.Dynamics.CRM.globalmetadataversion" in answer.json()
    assert version == wanted.startswith(("Microsoft.Dynamics.CRM.g", "Microsoft.Dynamics.CRM.*"))


def test_preferences_may_come_in_several_lines_and_unknown_ones_are_dropped(web: httpx.Client) -> None:
    lines = [("Prefer", "odata.maxpagesize=9999"), ("Prefer", 'respond-async, odata.include-annotations="*"')]
    answer = web.get("incidents?$select=title", headers=lines)
    assert answer.headers["Preference-Applied"] == 'odata.maxpagesize=5000,odata.include-annotations="*"'


def test_owners_of_both_kinds_name_their_table(web: httpx.Client) -> None:
    rows = values(web.get("incidents?$select=_ownerid_value&$orderby=ticketnumber&$top=2", headers=ALL))
    names = [row["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] for row in rows]
    labels = [row["_ownerid_value@OData.Community.Display.V1.FormattedValue"] for row in rows]
    assert (names, labels) == (["team", "systemuser"], ["Tier 2", "bia"])


def test_formatted_values_follow_the_callers_language_and_zone(switched: Callable[..., httpx.Client]) -> None:
    client = switched(user_language=1046, user_time_zone="America/Sao_Paulo")
    row = client.get(f"incidents({CASE})?$select=statuscode,createdon,versionnumber,isescalated", headers=ALL).json()
    formatted = {name.partition("@")[0]: value for name, value in row.items() if "FormattedValue" in name}
    assert formatted["statuscode"] == "Em Progresso"
    assert formatted["createdon"] == "31/01/2026 21:00"
    assert formatted["versionnumber"] == "1.003"
    assert formatted["isescalated"] in ("Sim", "Não")


def test_audit_rows_have_no_etag_and_no_navigation_annotation(web: httpx.Client) -> None:
    query = "audits?$select=objecttypecode,_objectid_value,changedata&$filter=objecttypecode eq 'incident'"
    rows = values(web.get(query, headers=ALL))
    assert len(rows) == 3
    for row in rows:
        assert "@odata.etag" not in row
        assert [name for name in row if name.endswith("associatednavigationproperty")] == []
        assert row["objecttypecode@OData.Community.Display.V1.FormattedValue"] == "Case"
        assert row["_objectid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "incident"


def test_changedata_can_be_withheld(switched: Callable[..., httpx.Client]) -> None:
    client = switched(returns_changedata=False)
    assert client.get("audits?$select=auditid,changedata&$top=1").status_code == 400
    assert "changedata" not in values(client.get("audits?$top=1"))[0]


def test_counts_stop_at_the_ceiling(web: httpx.Client) -> None:
    body = web.get("phonecalls?$select=subject&$count=true", headers=ALL).json()
    assert body["@odata.count"] == body["@Microsoft.Dynamics.CRM.totalrecordcount"] == 5000
    assert body["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] is True
    assert len(body["value"]) == 5000 and "@odata.nextLink" in body
    plain = web.get("phonecalls/$count")
    assert (plain.text, plain.headers["Content-Type"].partition(";")[0]) == ("5000", "text/plain")
    assert web.get("incidents/$count?$filter=statecode eq 0").text == str(sum(n % 3 == 0 for n in range(CASES)))


def test_without_count_the_total_is_minus_one(web: httpx.Client) -> None:
    assert web.get("incidents?$top=1", headers=ALL).json()["@Microsoft.Dynamics.CRM.totalrecordcount"] == -1


def test_total_record_count_is_all_or_nothing(web: httpx.Client) -> None:
    body = web.get('RetrieveTotalRecordCount(EntityNames=@p)?@p=["incident","phonecall"]').json()
    assert body["EntityRecordCountCollection"] == {
        "Count": 2,
        "IsReadOnly": False,
        "Keys": ["incident", "phonecall"],
        "Values": [CASES, CALLS],
    }
    refused = web.get('RetrieveTotalRecordCount(EntityNames=@p)?@p=["incident","nothing"]')
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "0x80040203")


def test_smoke_functions_work_with_and_without_parentheses(web: httpx.Client) -> None:
    who = web.get("WhoAmI").json()
    assert who == web.get("WhoAmI()").json()
    assert (who["OrganizationId"], who["BusinessUnitId"]) == (guid("organization"), guid("unit"))
    version = web.get("RetrieveVersion()").json()
    assert version["@odata.context"] == f"{API}/$metadata#Microsoft.Dynamics.CRM.RetrieveVersionResponse"
    assert version["Version"].startswith("9.2.")


def test_a_single_row_has_its_own_context(web: httpx.Client) -> None:
    row = web.get(f"incidents({CASE})?$select=ticketnumber").json()
    assert row["@odata.context"] == f"{API}/$metadata#incidents(ticketnumber)/$entity"
    assert (row["ticketnumber"], row["incidentid"]) == ("CAS-00003", CASE)


def test_text_survives_json(web: httpx.Client) -> None:
    titles = {row["title"] for row in values(web.get("incidents?$select=title"))}
    assert titles == {"Login loop", "login FAILED", "Impressão", '50% off "now"', "it's slow", None}
