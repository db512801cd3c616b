"""`$expand` and navigation paths (Web API reference 2.4)."""

import httpx
import pytest

from d365_pm_tests.sandbox.conftest import API, error_of, guid, values

CASE = guid("case", 1)


def test_a_lookup_expands_to_one_object_or_null(web: httpx.Client) -> None:
    query = "incidents?$select=ticketnumber&$expand=customerid_account($select=name)&$orderby=ticketnumber&$top=2"
    first, second = values(web.get(query))
    assert first["customerid_account"] is None
    assert second["customerid_account"] == {
        "@odata.etag": 'W/"0"',
        "name": "Fabrikam 1",
        "accountid": guid("account", 1),
    }


def test_the_context_names_what_was_expanded(web: httpx.Client) -> None:
    body = web.get("incidents?$select=title&$expand=customerid_account($select=name)&$top=1").json()
    assert body["@odata.context"] == f"{API}/$metadata#incidents(title,customerid_account(name))"


def test_expanded_rows_carry_the_annotations_of_the_request(web: httpx.Client) -> None:
    row = web.get(
        f"incidents({guid('case', 9)})?$select=title&$expand=parentcaseid($select=statecode)",
        headers={"Prefer": 'odata.include-annotations="*"'},
    ).json()
    assert row["parentcaseid"]["statecode@OData.Community.Display.V1.FormattedValue"] == "Cancelled"


def test_expansions_nest(web: httpx.Client) -> None:
    inner = "parentcaseid($select=title;$expand=customerid_account($select=name))"
    answer = web.get(f"incidents({guid('case', 9)})?$select=title&$expand={inner}")
    assert answer.json()["parentcaseid"]["customerid_account"]["name"] == "Fabrikam 3"


def test_owners_expand_to_what_users_and_teams_share(web: httpx.Client) -> None:
    rows = values(web.get("incidents?$select=title&$expand=ownerid&$orderby=ticketnumber&$top=2"))
    assert [row["ownerid"]["ownerid"] for row in rows] == [guid("team", 0), guid("user", 1)]
    assert "fullname" not in rows[1]["ownerid"]


def test_a_collection_expands_with_a_link_that_is_always_there(web: httpx.Client) -> None:
    row = web.get(
        f"incidents({CASE})?$select=title&$expand=Incident_Emails($select=subject;$orderby=createdon desc)"
    ).json()
    assert [mail["subject"] for mail in row["Incident_Emails"]] == ["Mail 9", "Mail 5", "Mail 1"]
    link = row["Incident_Emails@odata.nextLink"]
    assert link == f"{API}/incidents({CASE})/Incident_Emails?$select=subject"
    assert {mail["subject"] for mail in values(web.get(link))} == {"Mail 1", "Mail 5", "Mail 9"}


def test_an_empty_collection_is_an_empty_list(web: httpx.Client) -> None:
    row = web.get(f"incidents({guid('case', 50)})?$select=title&$expand=Incident_Emails($select=subject)").json()
    assert row["Incident_Emails"] == []


def test_a_collection_can_be_filtered_inside_and_behind_its_path(web: httpx.Client) -> None:
    row = web.get(f"incidents({CASE})?$select=title&$expand=Incident_Emails($filter=subject eq 'Mail 5')").json()
    assert [mail["subject"] for mail in row["Incident_Emails"]] == ["Mail 5"]
    found = values(web.get(f"incidents({CASE})/Incident_Emails?$filter=subject eq 'Mail 5' or subject eq 'Mail 2'"))
    assert [mail["subject"] for mail in found] == ["Mail 5"]


def test_a_single_valued_path_leads_to_the_row(web: httpx.Client) -> None:
    assert web.get(f"incidents({CASE})/customerid_account?$select=name").json()["name"] == "Fabrikam 1"
    assert web.get(f"incidents({guid('case', 0)})/customerid_account").status_code == 204


@pytest.mark.parametrize(
    "expand",
    [
        pytest.param("Customerid_account", id="names have case"),
        pytest.param("customerid", id="polymorphic without target"),
        pytest.param("customerid_account($top=1)", id="top towards one"),
        pytest.param("customerid_account($orderby=name)", id="order towards one"),
        pytest.param("customerid_account($select=name", id="unbalanced"),
        pytest.param("customerid_account($skip=1)", id="skip"),
        pytest.param("customerid_account($select=new_foo)", id="unknown column inside"),
        pytest.param("Incident_Emails/$ref", id="reference to a collection"),
        pytest.param(",".join(["customerid_account"] * 16), id="more than 15"),
    ],
)
def test_refused_expansions(web: httpx.Client, expand: str) -> None:
    assert error_of(web.get("incidents", params={"$expand": expand}))[:2] == (400, "0x80060888")


def test_a_reference_is_the_key_alone(web: httpx.Client) -> None:
    row = web.get(f"incidents({CASE})?$select=title&$expand=customerid_account/$ref").json()
    assert row["customerid_account"]["accountid"] == guid("account", 1)
    assert "name" not in row["customerid_account"]
