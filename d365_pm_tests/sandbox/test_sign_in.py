"""Sign-in with real msal, and Entra's refusals."""

import re
import time
from pathlib import Path

import httpx
import jwt
import msal
import pytest
import requests

from d365_pm.sandbox.app import build_app
from d365_pm.sandbox.credentials import Credentials, load_certificate, new_credentials
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.serving import RunningSandbox
from d365_pm.sandbox.switches import Switches
from d365_pm.sandbox.tokens import issue_token
from d365_pm_tests.sandbox.conftest import API, ORIGIN, memory_client


def application(sandbox: RunningSandbox, credential: object) -> msal.ConfidentialClientApplication:
    session = requests.Session()
    session.trust_env, session.verify = False, sandbox.env["D365_CA_BUNDLE"]
    return msal.ConfidentialClientApplication(
        sandbox.env["D365_CLIENT_ID"],
        authority=f"{sandbox.env['D365_AUTHORITY']}/{sandbox.env['D365_TENANT_ID']}",
        client_credential=credential,
        instance_discovery=False,
        http_client=session,
    )


def scope(sandbox: RunningSandbox) -> list[str]:
    return [f"{sandbox.url}/.default"]


def test_msal_gets_a_token_with_the_secret_that_opens_the_web_api(sandbox: RunningSandbox, https: httpx.Client) -> None:
    result = application(sandbox, sandbox.env["D365_CLIENT_SECRET"]).acquire_token_for_client(scope(sandbox))
    answer = https.get("/api/data/v9.2/WhoAmI", headers={"Authorization": f"Bearer {result['access_token']}"})
    assert answer.status_code == 200
    assert set(answer.json()) == {"@odata.context", "BusinessUnitId", "UserId", "OrganizationId"}


def test_msal_gets_a_token_with_the_certificate(sandbox: RunningSandbox) -> None:
    pem = sandbox.certificate.read_text()
    certificate = pem[pem.index("-----BEGIN CERTIFICATE") :]
    credential = {"private_key": pem, "public_certificate": certificate}
    assert "access_token" in application(sandbox, credential).acquire_token_for_client(scope(sandbox))


def test_msal_with_a_foreign_certificate_is_refused(sandbox: RunningSandbox, tmp_path: Path) -> None:
    pem = load_certificate(tmp_path, sandbox.env["D365_CLIENT_ID"]).read_text()
    credential = {"private_key": pem, "public_certificate": pem[pem.index("-----BEGIN CERTIFICATE") :]}
    result = application(sandbox, credential).acquire_token_for_client(scope(sandbox))
    assert (result["error"], result["error_codes"]) == ("invalid_client", [700027])


def test_msal_with_a_wrong_secret_gets_entras_words(sandbox: RunningSandbox) -> None:
    result = application(sandbox, "guess").acquire_token_for_client(scope(sandbox))
    assert result["error"] == "invalid_client"
    assert result["error_codes"] == [7000215]
    assert re.match(
        r"AADSTS7000215: Invalid client secret provided\. .* Trace ID: [0-9a-f-]{36} ", result["error_description"]
    )


def test_msal_refuses_an_unknown_tenant_at_discovery(sandbox: RunningSandbox) -> None:
    session = requests.Session()
    session.trust_env, session.verify = False, sandbox.env["D365_CA_BUNDLE"]
    with pytest.raises(ValueError, match="double check your tenant"):
        msal.ConfidentialClientApplication(
            sandbox.env["D365_CLIENT_ID"],
            authority=f"{sandbox.url}/00000000-0000-0000-0000-000000000001",
            client_credential="x",
            instance_discovery=False,
            http_client=session,
        )


@pytest.fixture
def credentials() -> Credentials:
    return new_credentials()


def post(
    credentials: Credentials, *, tenant: str | None = None, switches: Switches | None = None, **fields: str
) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "scope": f"{ORIGIN}/.default",
    } | fields
    client = memory_client(build_app(Environment({}, switches), credentials))
    return client.post(f"{ORIGIN}/{tenant or credentials.tenant_id}/oauth2/v2.0/token", data=form)


@pytest.mark.parametrize(
    ("fields", "status", "error", "number"),
    [
        pytest.param({"client_secret": "x"}, 401, "invalid_client", 7000215, id="wrong secret"),
        pytest.param({"client_id": "x"}, 400, "unauthorized_client", 700016, id="unknown client"),
        pytest.param({"tenant": "contoso"}, 400, "invalid_tenant", 90002, id="unknown tenant"),
        pytest.param({"scope": "https://other.test/.default"}, 400, "invalid_resource", 500011, id="other resource"),
        pytest.param({"scope": f"{ORIGIN}/user_impersonation"}, 400, "invalid_scope", 1002012, id="delegated scope"),
        pytest.param({"grant_type": "password"}, 400, "unsupported_grant_type", 70003, id="other grant"),
        pytest.param({"scope": ""}, 400, "invalid_request", 900144, id="no scope"),
    ],
)
def test_refusals_of_the_token_endpoint(
    credentials: Credentials, fields: dict[str, str], status: int, error: str, number: int
) -> None:
    answer = post(credentials, **fields)
    assert (answer.status_code, answer.json()["error"], answer.json()["error_codes"]) == (status, error, [number])
    assert answer.json()["error_description"].startswith(f"AADSTS{number}: ")


def test_an_expired_secret_is_told_from_a_wrong_one(credentials: Credentials) -> None:
    answer = post(credentials, switches=Switches(secret_is_expired=True))
    assert (answer.status_code, answer.json()["error_codes"]) == (401, [7000222])


def test_the_lifetime_of_a_token_can_be_chosen(credentials: Credentials) -> None:
    answer = post(credentials, switches=Switches(token_lifetime=7)).json()
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert answer["expires_in"] == 7
    assert claims["exp"] - claims["iat"] == 7


def web_with(credentials: Credentials, authorization: str | None) -> httpx.Response:
    headers = {"Authorization": authorization} if authorization else {}
    return memory_client(build_app(Environment({}), credentials)).get(f"{API}/WhoAmI", headers=headers)


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        pytest.param(None, "Authorization header is missing.", id="none"),
        pytest.param("Basic eA==", "Authorization header is not a bearer token.", id="other scheme"),
        pytest.param("Bearer x.y.z", "The token is not valid.", id="not a token"),
    ],
)
def test_401_has_no_body_and_says_why_in_headers(
    credentials: Credentials, authorization: str | None, reason: str
) -> None:
    answer = web_with(credentials, authorization)
    assert (answer.status_code, answer.content, answer.headers["401_error_reason"]) == (401, b"", reason)
    assert answer.headers["WWW-Authenticate"] == (
        f"Bearer authorization_uri={ORIGIN}/{credentials.tenant_id}/oauth2/authorize, resource_id={ORIGIN}/"
    )


def test_a_token_ends(credentials: Credentials) -> None:
    token = issue_token(credentials, resource=ORIGIN, lifetime=-1)
    answer = web_with(credentials, f"Bearer {token}")
    assert (answer.status_code, answer.headers["401_error_reason"]) == (401, "The token has expired.")


def test_a_token_of_another_sandbox_or_resource_is_refused(credentials: Credentials) -> None:
    foreign = issue_token(new_credentials(), resource=ORIGIN, lifetime=60)
    elsewhere = issue_token(credentials, resource="https://other.test", lifetime=60)
    assert web_with(credentials, f"Bearer {foreign}").status_code == 401
    assert web_with(credentials, f"Bearer {elsewhere}").status_code == 401


def test_tokens_of_one_second_differ(credentials: Credentials) -> None:
    started = time.time()
    tokens = {issue_token(credentials, resource=ORIGIN, lifetime=60) for _ in range(3)}
    assert len(tokens) == 3 and time.time() - started < 1
