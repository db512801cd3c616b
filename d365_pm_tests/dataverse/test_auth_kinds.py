"""Federated, managed and personal sign-in through the real msal, against endpoints made of canned answers."""

import json
import logging
import stat
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from d365_pm.dataverse.auth import (
    ApplicationIssuer,
    DeviceCodeIssuer,
    ManagedIdentityIssuer,
    Token,
    build_issuer,
)
from d365_pm.dataverse.errors import (
    ConnectionFailedError,
    DataverseError,
    GarbledReplyError,
    ServerFaultError,
    SignInError,
)
from d365_pm.errors import SettingsError
from d365_pm.settings import Settings

URL = "https://contoso.crm4.dynamics.com"
TENANT, CLIENT = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
BASE = f"https://login.microsoftonline.com/{TENANT}"
TOKEN = {"token_type": "Bearer", "expires_in": 4500, "access_token": "planted-token"}


@pytest.fixture(autouse=True)
def _no_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IMDS_ENDPOINT", "MSI_ENDPOINT", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)


def settings(kind: str, **overrides: Any) -> Settings:
    given = {"url": URL, "tenant_id": TENANT, "client_id": CLIENT, "sign_in": kind}
    return Settings(_env_file=None, **(given | overrides))


class Provider:
    """An identity provider; answers each token request from a list, the last one for ever."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.forms: list[dict[str, list[str]]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            names = ("authorization_endpoint", "token_endpoint", "device_authorization_endpoint")
            paths = ("authorize", "token", "devicecode")
            body = {name: f"{BASE}/oauth2/v2.0/{path}" for name, path in zip(names, paths, strict=True)}
            return httpx.Response(200, json={"issuer": f"{BASE}/v2.0", **body})
        self.forms.append(parse_qs(request.content.decode()))
        if request.url.path.endswith("devicecode"):
            return httpx.Response(200, json=DEVICE)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


DEVICE = {
    "device_code": "planted-device-code",
    "user_code": "ABCD-EFGH",
    "verification_uri": "https://microsoft.com/devicelogin",
    "expires_in": 900,
    "interval": 1,
    "message": "planted message",
}


def assertion(subject: str) -> str:
    return jwt.encode({"sub": subject}, "k" * 32, algorithm="HS256")


def federated(file: Path, provider: Provider) -> ApplicationIssuer:
    made = ApplicationIssuer(settings("federated", D365_FEDERATED_TOKEN_FILE=file))
    made._http = httpx.Client(transport=httpx.MockTransport(provider))
    return made


def test_the_projected_token_is_read_anew_at_every_sign_in(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    file, provider = tmp_path / "token", Provider(httpx.Response(200, json=TOKEN))
    first, second = assertion("first"), assertion("second")
    file.write_text(f"{first}\n")
    issuer = federated(file, provider)
    assert issuer.issue() == Token("planted-token", 4500.0)
    file.write_text(second)
    issuer.issue()
    assert [form["client_assertion"] for form in provider.forms] == [[first], [second]]
    form = provider.forms[0]
    assert form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    assert form["grant_type"] == ["client_credentials"]
    assert form["scope"] == [f"{URL}/.default"]
    assert not any(secret in caplog.text for secret in (first, second, "planted-token"))


@pytest.mark.parametrize("content", [None, "", "no token", "\x00\xff"])
def test_a_token_file_that_cannot_be_used_is_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content.encode("latin-1"))
    with pytest.raises(SettingsError, match="D365_FEDERATED_TOKEN_FILE"):
        build_issuer(settings("federated", D365_FEDERATED_TOKEN_FILE=file))


@pytest.mark.parametrize(("code", "words"), [(700213, "federated credential"), (700024, "renewed by the platform")])
def test_a_refused_federation_says_what_to_do(tmp_path: Path, code: int, words: str) -> None:
    file = tmp_path / "token"
    file.write_text(assertion("x"))
    body = {"error": "invalid_client", "error_description": f"AADSTS{code}: No match."}
    with pytest.raises(SignInError, match=words):
        federated(file, Provider(httpx.Response(401, json=body))).issue()


class Platform:
    """The token endpoint of an Azure machine: a real server on loopback."""

    def __init__(self) -> None:
        self.status, self.body = 200, json.dumps({"access_token": "planted-token", "expires_in": "86400"})
        self.queries: list[dict[str, list[str]]] = []
        self.headers: list[dict[str, str]] = []
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                platform.queries.append(parse_qs(urlsplit(self.path).query))
                platform.headers.append({name.lower(): value for name, value in self.headers.items()})
                self.send_response(platform.status)
                self.end_headers()
                self.wfile.write(platform.body.encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=5)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    served = Platform()
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", served.address)
    yield served
    served.stop()


@pytest.mark.parametrize("client_id", [None, CLIENT], ids=["system-assigned", "user-assigned"])
def test_a_managed_identity_asks_the_platform_for_the_environment(platform: Platform, client_id: str | None) -> None:
    issuer = build_issuer(settings("managed-identity", client_id=client_id, tenant_id=None))
    assert issuer.issue() == Token("planted-token", 86400.0)
    issuer.issue()
    assert len(platform.queries) == 2
    query = platform.queries[0]
    assert query["resource"] == [URL]
    assert query.get("client_id") == ([client_id] if client_id else None)
    assert platform.headers[0]["metadata"] == "true"


def test_a_managed_identity_works_on_app_service_too(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{platform.address}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "planted-header")
    platform.body = json.dumps({"access_token": "planted-token", "expires_on": "4000000000"})
    issuer = ManagedIdentityIssuer(settings("managed-identity", client_id=None))
    assert issuer.issue().value == "planted-token"
    assert platform.headers[0]["x-identity-header"] == "planted-header"


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (
            400,
            {"error": "invalid_request", "error_description": "planted"},
            SignInError,
            "assign it",
        ),
        (500, {"error": "unknown"}, ServerFaultError, "failed"),
        (429, {"error": "too_many"}, ServerFaultError, "limits sign-ins"),
        (404, "planted page", DataverseError, "cut or no JSON"),
        (200, "planted page", DataverseError, "cut or no JSON"),
    ],
)
def test_what_the_platform_refuses_is_said_without_its_words(
    platform: Platform,
    caplog: pytest.LogCaptureFixture,
    status: int,
    body: Any,
    kind: type[DataverseError],
    words: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    platform.status, platform.body = status, body if isinstance(body, str) else json.dumps(body)
    with pytest.raises(kind, match=words) as caught:
        ManagedIdentityIssuer(settings("managed-identity")).issue()
    assert "planted" not in f"{caught.value!r} {caplog.text}"


def test_outside_azure_a_managed_identity_says_so(platform: Platform) -> None:
    platform.stop()
    with pytest.raises(SignInError, match="No managed identity answers on this machine"):
        ManagedIdentityIssuer(settings("managed-identity")).issue()


def test_a_platform_that_has_answered_before_is_asked_again(platform: Platform) -> None:
    issuer = ManagedIdentityIssuer(settings("managed-identity"))
    issuer.issue()
    platform.stop()
    with pytest.raises(ConnectionFailedError):
        issuer.issue()


PERSON = {
    **TOKEN,
    "refresh_token": "planted-refresh",
    "scope": f"{URL}/user_impersonation",
    "client_info": "eyJ1aWQiOiJ1IiwidXRpZCI6InQifQ",
}
PENDING = httpx.Response(400, json={"error": "authorization_pending"})


def personal(
    folder: Path, provider: Callable[[httpx.Request], httpx.Response], shown: list[str] | None
) -> DeviceCodeIssuer:
    show = shown.append if shown is not None else None
    made = DeviceCodeIssuer(settings("device-code"), show=show, folder=folder)
    made._http = httpx.Client(transport=httpx.MockTransport(provider))
    return made


def signed_in() -> httpx.Response:
    claims = {"iss": f"{BASE}/v2.0", "aud": CLIENT, "sub": "s", "oid": "u", "tid": "t", "exp": 4_000_000_000, "iat": 1}
    return httpx.Response(200, json=PERSON | {"id_token": jwt.encode(claims, "k" * 32, algorithm="HS256")})


def test_a_person_types_the_code_once_and_is_remembered(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    folder, shown, provider = tmp_path / "config", [], Provider(PENDING, signed_in())
    assert personal(folder, provider, shown).issue().value == "planted-token"
    assert shown == [
        "To sign in, open https://microsoft.com/devicelogin in a browser and enter the code ABCD-EFGH.",
    ]
    assert f"{URL}/user_impersonation" in provider.forms[0]["scope"][0].split()
    # Another run, with nobody there: the kept token, without asking anybody.
    asked = len(provider.forms)
    later = personal(folder, provider, None)
    assert later.issue().value == "planted-token"
    assert len(provider.forms) == asked
    # It was refused or ends: the refresh token brings another one, still with nobody there.
    provider.answers = [httpx.Response(200, json=PERSON | {"access_token": "second-token"})]
    assert later.issue().value == "second-token"
    assert provider.forms[-1]["refresh_token"] == ["planted-refresh"]
    assert not any(secret in caplog.text for secret in ("planted-token", "planted-refresh", "planted-device", "ABCD"))


def test_only_the_owner_may_read_what_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    personal(folder, Provider(signed_in()), []).issue()
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "planted-refresh" in file.read_text()


def test_the_kept_tokens_stand_in_the_configuration_folder_of_the_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    issuer = build_issuer(settings("device-code"))
    assert isinstance(issuer, DeviceCodeIssuer)
    assert issuer._file.parent == tmp_path / "d365-pm"


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path) -> None:
    personal(tmp_path, Provider(signed_in()), []).issue()
    (file,) = tmp_path.iterdir()
    file.write_text("{cut")
    shown: list[str] = []
    personal(tmp_path, Provider(signed_in()), shown).issue()
    assert len(shown) == 1


def test_where_nobody_sits_nobody_is_waited_for(tmp_path: Path) -> None:
    provider = Provider(PENDING)
    with pytest.raises(SignInError, match="Nobody is here to sign in"):
        personal(tmp_path, provider, None).issue()
    assert provider.forms == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"error": "authorization_declined"}, "declined in the browser"),
        ({"error": "expired_token"}, "not entered in time"),
        ({"error": "invalid_client", "error_description": "AADSTS7000218: planted"}, "Allow public client flows"),
    ],
)
def test_a_refused_person_learns_what_to_do(tmp_path: Path, answer: dict[str, str], words: str) -> None:
    with pytest.raises(SignInError, match=words) as caught:
        personal(tmp_path, Provider(httpx.Response(400, json=answer)), []).issue()
    assert "planted" not in str(caught.value)


def test_an_answer_of_odd_members_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(GarbledReplyError):
        personal(tmp_path, Provider(httpx.Response(200, json=PERSON | {"id_token": 7})), []).issue()


def test_closing_stops_waiting_for_the_person(tmp_path: Path) -> None:
    shown: list[str] = []
    issuer = personal(tmp_path, Provider(PENDING), shown)
    issuer._show = lambda sentence: setattr(issuer, "_is_closed", True)
    with pytest.raises(SignInError, match="not entered in time"):
        issuer.issue()
