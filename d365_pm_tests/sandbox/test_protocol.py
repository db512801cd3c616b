"""Addresses, versions, headers, privileges and compression (Web API reference 1 and 9)."""

import re
from collections.abc import Callable

import httpx
import pytest

from d365_pm.sandbox.credentials import load_credentials
from d365_pm.sandbox.serving import RunningSandbox
from d365_pm_tests.sandbox.conftest import API, CASES, ORIGIN, error_of, guid, values


def test_every_version_up_to_the_present_one_is_served_from_its_own_address(web: httpx.Client) -> None:
    for version in ("v9.0", "v9.1", "v9.2"):
        answer = web.get(f"{ORIGIN}/api/data/{version}/incidents?$select=title&$top=1")
        assert answer.json()["@odata.context"] == f"{ORIGIN}/api/data/{version}/$metadata#incidents(title)"


def test_a_version_of_the_future_is_501(web: httpx.Client) -> None:
    assert error_of(web.get(f"{ORIGIN}/api/data/v9.3/incidents"))[:2] == (501, "0x8006088a")


def test_a_path_without_version_is_answered_outside_the_envelope(web: httpx.Client) -> None:
    for path in ("/api/data", "/api/data/incidents"):
        assert set(web.get(f"{ORIGIN}{path}").json()) == {"Message"}


def test_the_service_document_lists_the_sets(web: httpx.Client) -> None:
    document = web.get(f"{API}/").json()
    assert document["@odata.context"] == f"{API}/$metadata"
    assert {"name": "msfp_surveies", "kind": "EntitySet", "url": "msfp_surveies"} in document["value"]


def test_headers_that_clients_read(web: httpx.Client) -> None:
    headers = web.get("WhoAmI").headers
    assert headers["OData-Version"] == "4.0"
    assert headers["Content-Type"].startswith("application/json; odata.metadata=minimal")
    assert headers["x-ms-dop-hint"].isdigit()
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-ms-service-request-id"])


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("incidentz", 404, "Resource not found for the segment 'incidentz'."),
        ("incident", 404, "Resource not found for the segment 'incident'."),
        ("incidents/nothing", 404, "Resource not found for the segment 'nothing'."),
        ("NoSuchFunction()", 404, "Resource not found for the segment 'NoSuchFunction'."),
        (
            "incidents?$select=new_foo",
            400,
            "Could not find a property named 'new_foo' on type 'Microsoft.Dynamics.CRM.incident'.",
        ),
        (
            "incidents?$select=ownerid",
            400,
            "Could not find a property named 'ownerid' on type 'Microsoft.Dynamics.CRM.incident'.",
        ),
        ("incidents?$skip=1", 400, "The query parameter $skip is not supported."),
        ("incidents?$search=x", 400, "The query parameter $search is not supported."),
        ("incidents?$format=json", 400, "The query parameter $format is not supported."),
        ("incidents?$Select=title", 400, "The query parameter $Select is not supported."),
    ],
)
def test_odata_errors_share_one_code(web: httpx.Client, path: str, status: int, message: str) -> None:
    assert error_of(web.get(path)) == (status, "0x80060888", message)


def test_a_missing_record_is_named(web: httpx.Client) -> None:
    row_id = guid("nobody")
    assert error_of(web.get(f"incidents({row_id})")) == (
        404,
        "0x80040217",
        f"Entity 'incident' With Id = {row_id} Does Not Exist",
    )


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_writes_are_refused_with_an_empty_code(web: httpx.Client, method: str) -> None:
    assert error_of(web.request(method, "incidents"))[:2] == (405, "")


def test_a_very_long_url_is_refused(web: httpx.Client) -> None:
    assert web.get(f"incidents?$filter=title eq '{'x' * 33_000}'").status_code == 400


def test_without_application_user_everything_is_403(switched: Callable[..., httpx.Client]) -> None:
    client = switched(has_application_user=False)
    assert error_of(client.get("WhoAmI")) == (403, "0x80072560", "The user is not a member of the organization.")


def test_without_privilege_one_table_is_403_and_the_others_are_not(switched: Callable[..., httpx.Client]) -> None:
    client = switched(unreadable_tables=frozenset({"incident"}))
    status, code, message = error_of(client.get("incidents"))
    assert (status, code) == (403, "0x80040220")
    assert "is missing prvReadincident privilege" in message and "on OTC=112 for entity 'incident'" in message
    assert client.get("emails").status_code == 200


def test_a_related_table_without_privilege_cannot_be_reached_through_a_filter(
    switched: Callable[..., httpx.Client],
) -> None:
    client = switched(unreadable_tables=frozenset({"account"}))
    assert client.get("incidents?$filter=customerid_account/name eq 'x'").status_code == 403


def test_a_table_that_the_environment_lacks_is_gone_everywhere(switched: Callable[..., httpx.Client]) -> None:
    client = switched(missing_tables=frozenset({"msfp_surveyinvite"}))
    assert client.get("msfp_surveyinvites").status_code == 404
    assert client.get("EntityDefinitions(LogicalName='msfp_surveyinvite')").status_code == 404
    assert "msfp_surveyinvites" not in client.get(f"{API}/$metadata").text


def token(sandbox: RunningSandbox, https: httpx.Client) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": sandbox.env["D365_CLIENT_ID"],
        "client_secret": sandbox.env["D365_CLIENT_SECRET"],
        "scope": f"{sandbox.url}/.default",
    }
    found: str = https.post(f"/{sandbox.env['D365_TENANT_ID']}/oauth2/v2.0/token", data=form).json()["access_token"]
    return found


def test_pages_are_compressed_for_those_who_ask(sandbox: RunningSandbox, https: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {token(sandbox, https)}"}
    plain = https.get("/api/data/v9.2/incidents", headers=headers | {"Accept-Encoding": "identity"})
    packed = https.get("/api/data/v9.2/incidents", headers=headers | {"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert len(values(plain)) == len(values(packed)) == CASES
    assert packed.num_bytes_downloaded < plain.num_bytes_downloaded / 5


def test_only_the_sandboxs_own_authority_vouches_for_it(sandbox: RunningSandbox) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"), httpx.Client(trust_env=False) as client:
        client.get(sandbox.url)


def test_private_files_are_for_their_owner_only(tmp_path: object, sandbox: RunningSandbox) -> None:
    state = sandbox.certificate.parent
    private = {"ca-key.pem", "server.pem", "credentials.json", "client-certificate.pem"}
    assert {path.name for path in state.iterdir()} == private | {"ca.pem"}
    assert {(state / name).stat().st_mode & 0o777 for name in private} == {0o600}
    assert "PRIVATE KEY" not in (state / "ca.pem").read_text()
    assert load_credentials(state).client_secret == sandbox.env["D365_CLIENT_SECRET"]
