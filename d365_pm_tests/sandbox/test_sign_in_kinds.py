"""Sign-in without a secret, by real msal: federated token, device code, managed identity."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import msal
import pytest
import requests

from d365_pm.sandbox.device_codes import DeviceCodes
from d365_pm.sandbox.federation import write_federated_token
from d365_pm.sandbox.serving import RunningSandbox, running_server
from d365_pm.sandbox.sign_in_errors import SignInError
from d365_pm.sandbox.switches import Switches
from d365_pm.sandbox.tls import client_context
from d365_pm_tests.sandbox.conftest import desk
from d365_pm_tests.sandbox.test_sign_in import application, scope


@pytest.fixture(scope="module")
def served() -> Iterator[RunningSandbox]:
    with running_server(desk(), Switches(has_managed_identity=True)) as running:
        yield running


def opens(sandbox: RunningSandbox, result: dict[str, Any]) -> bool:
    """The token opens the Web API."""
    assert "access_token" in result, result
    context = client_context(Path(sandbox.env["D365_CA_BUNDLE"]))
    headers = {"Authorization": f"Bearer {result['access_token']}"}
    url = f"{sandbox.url}/api/data/v9.2/WhoAmI"
    return httpx.get(url, headers=headers, verify=context, trust_env=False).status_code == 200


def session(sandbox: RunningSandbox) -> requests.Session:
    made = requests.Session()
    made.trust_env, made.verify = False, sandbox.env["D365_CA_BUNDLE"]
    return made


def person(sandbox: RunningSandbox) -> msal.PublicClientApplication:
    return msal.PublicClientApplication(
        sandbox.env["D365_CLIENT_ID"],
        authority=f"{sandbox.env['D365_AUTHORITY']}/{sandbox.env['D365_TENANT_ID']}",
        instance_discovery=False,
        http_client=session(sandbox),
    )


def test_msal_signs_in_with_a_federated_token(served: RunningSandbox, tmp_path: Path) -> None:
    path = tmp_path / "federated.jwt"
    write_federated_token(served.credentials, path)
    assert path.stat().st_mode & 0o777 == 0o600
    credential = {"client_assertion": path.read_text}
    assert opens(served, application(served, credential).acquire_token_for_client(scope(served)))


@pytest.mark.parametrize(
    ("change", "number"),
    [({"exp": 1}, 700024), ({"aud": "api://elsewhere"}, 700213), ({"sub": "somebody else"}, 700213)],
)
def test_a_federated_token_that_does_not_fit_is_refused(
    served: RunningSandbox, tmp_path: Path, change: dict[str, Any], number: int
) -> None:
    path = tmp_path / "federated.jwt"
    write_federated_token(served.credentials, path)
    claims = jwt.decode(path.read_text(), options={"verify_signature": False}) | change
    forged = jwt.encode(claims, served.credentials.signing_key, algorithm="HS256")
    result = application(served, {"client_assertion": lambda: forged}).acquire_token_for_client(scope(served))
    assert (result["error"], result["error_codes"]) == ("invalid_client", [number])


def test_a_federated_token_of_another_key_is_refused(served: RunningSandbox, tmp_path: Path) -> None:
    path = tmp_path / "federated.jwt"
    write_federated_token(served.credentials, path)
    claims = jwt.decode(path.read_text(), options={"verify_signature": False})
    forged = jwt.encode(claims, "x" * 64, algorithm="HS256")
    result = application(served, {"client_assertion": lambda: forged}).acquire_token_for_client(scope(served))
    assert result["error_codes"] == [700027]


def test_msal_signs_a_person_in_with_a_device_code(served: RunningSandbox) -> None:
    app = person(served)
    flow = app.initiate_device_flow([f"{served.url}/user_impersonation"])
    assert flow["user_code"] in flow["message"]
    result = app.acquire_token_by_device_flow(flow)
    assert opens(served, result)
    [account] = app.get_accounts()
    assert account["username"] == "developer@sandbox.test"


def test_a_device_code_waits_for_the_person() -> None:
    with running_server(desk(), Switches(approves_device_codes=False)) as running:
        app = person(running)
        flow = app.initiate_device_flow([f"{running.url}/.default"])
        # An end in the past makes msal ask once and give up.
        asked_once = flow | {"expires_at": 0}
        assert app.acquire_token_by_device_flow(asked_once)["error"] == "authorization_pending"
        page = f"{flow['verification_uri']}?code={flow['user_code']}"
        assert session(running).get(page).status_code == 200
        assert opens(running, app.acquire_token_by_device_flow(flow))
        again = app.acquire_token_by_device_flow(flow | {"expires_at": 0})
        assert again["error"] == "bad_verification_code"


def test_a_device_code_ends() -> None:
    now = [0.0]
    codes = DeviceCodes(are_approved=True, clock=lambda: now[0])
    code = codes.start("https://page")["device_code"]
    now[0] = 900.0
    with pytest.raises(SignInError, match="expired_token"):
        codes.redeem(code)


def test_a_persons_requests_are_theirs_in_the_log(served: RunningSandbox) -> None:
    app = person(served)
    result = app.acquire_token_by_device_flow(app.initiate_device_flow([f"{served.url}/.default"]))
    served.environment.log.clear()
    assert opens(served, result)
    assert served.environment.log.entries[-1].user not in (None, served.env["D365_CLIENT_ID"])


@pytest.mark.parametrize("environment", ["machine_env", "app_service_env"])
@pytest.mark.parametrize("is_named", [False, True])
def test_msal_signs_in_as_the_machine(
    served: RunningSandbox, monkeypatch: pytest.MonkeyPatch, environment: str, is_named: bool
) -> None:
    for name, value in getattr(served, environment).items():
        monkeypatch.setenv(name, value)
    named = msal.UserAssignedManagedIdentity(client_id=served.env["D365_CLIENT_ID"])
    identity = named if is_named else msal.SystemAssignedManagedIdentity()
    client = msal.ManagedIdentityClient(identity, http_client=session(served))
    assert opens(served, client.acquire_token_for_client(resource=served.url))


def test_another_identity_and_another_resource_are_refused(
    served: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in served.machine_env.items():
        monkeypatch.setenv(name, value)
    stranger = msal.ManagedIdentityClient(
        msal.UserAssignedManagedIdentity(client_id="00000000-0000-0000-0000-000000000001"), http_client=session(served)
    )
    assert stranger.acquire_token_for_client(resource=served.url)["error"] == "invalid_request"
    own = msal.ManagedIdentityClient(msal.SystemAssignedManagedIdentity(), http_client=session(served))
    assert own.acquire_token_for_client(resource="https://elsewhere.test")["error"] == "invalid_resource"


def test_the_machine_answers_only_who_knows_the_header(served: RunningSandbox) -> None:
    query = {"resource": served.url, "api-version": "2018-02-01"}
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"{served.identity}/metadata/identity/oauth2/token", params=query).status_code == 400
        assert client.get(f"{served.identity}/msi/token", params=query).status_code == 401


def test_a_machine_without_identity_says_so() -> None:
    with running_server({}) as running:
        assert running.identity is None
