"""Signing in through the real msal against an identity provider made of canned answers."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt
import pytest
import trustme
from cryptography.x509 import load_pem_x509_certificate

from d365_pm.dataverse.auth import ApplicationIssuer, Token, TokenSource
from d365_pm.dataverse.errors import DataverseError, GarbledReplyError, ServerFaultError, SignInError
from d365_pm.settings import Settings
from d365_pm_tests.dataverse.wire import NumberedIssuer, run

SECRET = "planted~Secret.8Q"
HOSTS = ["https://login.microsoftonline.com", "https://login.microsoftonline.us", "https://127.0.0.1:8443"]
ENVIRONMENT = {"https://login.microsoftonline.us": "https://contoso.crm.microsoftdynamics.us"}


def settings(**overrides: Any) -> Settings:
    given = {
        "url": "https://contoso.crm4.dynamics.com",
        "tenant_id": "11111111-1111-1111-1111-111111111111",
        "client_id": "22222222-2222-2222-2222-222222222222",
        "client_secret": SECRET,
    }
    return Settings(_env_file=None, **(given | overrides))


class Provider:
    """An identity provider; `token` answers the token endpoint."""

    def __init__(self, authority: str, token: Callable[[httpx.Request], httpx.Response]) -> None:
        self.base = f"{authority}/{settings().tenant_id}"
        self.token = token
        self.forms: list[dict[str, list[str]]] = []
        self.urls: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(str(request.url))
        if request.method == "GET":
            return httpx.Response(
                200,
                json={
                    "issuer": f"{self.base}/v2.0",
                    "authorization_endpoint": f"{self.base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{self.base}/oauth2/v2.0/token",
                },
            )
        self.forms.append(parse_qs(request.content.decode()))
        return self.token(request)


def granted(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"token_type": "Bearer", "expires_in": 4500, "access_token": "the-token"})


def refused(code: int) -> Callable[[httpx.Request], httpx.Response]:
    body = {"error": "invalid_client", "error_description": f"AADSTS{code}: sent {SECRET}", "error_codes": [code]}
    return lambda request: httpx.Response(401, json=body | {"correlation_id": "c0-42"})


def issuer(provider: Callable[[httpx.Request], httpx.Response], **overrides: Any) -> ApplicationIssuer:
    made = ApplicationIssuer(settings(**overrides))
    made._http = httpx.Client(transport=httpx.MockTransport(provider))
    return made


@pytest.mark.parametrize("authority", HOSTS)
def test_secret_sign_in_asks_the_configured_authority_only(authority: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    provider = Provider(authority, granted)
    token = issuer(provider, authority=authority, url=ENVIRONMENT.get(authority, settings().url)).issue()
    assert SECRET not in caplog.text
    assert "the-token" not in caplog.text
    assert token == Token("the-token", 4500.0)
    assert provider.urls == [
        f"{provider.base}/v2.0/.well-known/openid-configuration",
        f"{provider.base}/oauth2/v2.0/token",
    ]
    form = provider.forms[0]
    assert form["grant_type"] == ["client_credentials"]
    assert form["scope"] == [f"{ENVIRONMENT.get(authority, settings().url)}/.default"]
    assert form["client_secret"] == [SECRET]


def test_certificate_sign_in_sends_a_signed_assertion_and_no_secret(tmp_path: Path) -> None:
    pem = tmp_path / "client.pem"
    leaf = trustme.CA().issue_cert("client.example", key_type=trustme.KeyType.RSA)
    leaf.private_key_and_cert_chain_pem.write_to_path(pem)
    provider = Provider(HOSTS[0], granted)
    issuer(provider, client_secret=None, client_certificate=pem).issue()
    form = provider.forms[0]
    assert form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    assert "client_secret" not in form
    claims = jwt.decode(
        form["client_assertion"][0],
        load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes()).public_key(),  # type: ignore[arg-type]
        algorithms=["PS256"],
        audience=f"{provider.base}/oauth2/v2.0/token",
    )
    assert claims["iss"] == claims["sub"] == settings().client_id


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (7000215, "client secret is wrong: set D365_CLIENT_SECRET"),
        (7000222, "client secret has expired"),
        (700016, "D365_CLIENT_ID"),
        (90002, "D365_TENANT_ID"),
        (700027, "D365_CLIENT_CERTIFICATE"),
        (999999, "login.microsoftonline.com/error"),
    ],
)
def test_a_refusal_becomes_one_sentence_without_the_secret(
    code: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SignInError, match=words) as caught:
        issuer(Provider(HOSTS[0], refused(code))).issue()
    assert f"AADSTS{code}" in str(caught.value)
    assert "c0-42" in str(caught.value)
    assert SECRET not in f"{caught.value!r} {caught.value} {caplog.text}"


def test_an_unknown_tenant_is_named_though_msal_stops_before_the_token() -> None:
    body = {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}
    with pytest.raises(SignInError, match="tenant does not exist"):
        issuer(lambda request: httpx.Response(400, json=body)).issue()


def test_an_authority_that_is_none() -> None:
    with pytest.raises(SignInError, match="D365_AUTHORITY"):
        issuer(lambda request: httpx.Response(404, html="<html></html>")).issue()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(500, text="oops"), ServerFaultError),
        (httpx.Response(503), ServerFaultError),
        (httpx.Response(429, json={"error": "too_many"}), ServerFaultError),
        (httpx.Response(400, json={"error": "x", "error_description": "AADSTS90033: transient"}), ServerFaultError),
        (httpx.Response(200, json={"access_token": "cut-tok\u00e9n", "expires_in": 60}), GarbledReplyError),
        (httpx.Response(200, json={"access_token": "cut-tok\r\nX: y", "expires_in": 60}), GarbledReplyError),
        (httpx.Response(200, text='{"access_token": "cut-tok'), GarbledReplyError),
    ],
)
def test_a_passing_fault_of_the_provider_is_transient_and_not_remembered(
    answer: httpx.Response, kind: type[DataverseError], caplog: pytest.LogCaptureFixture
) -> None:
    provider = Provider(HOSTS[0], lambda request: answer)
    made = issuer(provider)
    with pytest.raises(kind):
        made.issue()
    assert "cut-tok" not in caplog.text
    provider.token = granted
    assert made.issue().value == "the-token"


def test_no_connection_to_the_provider_names_its_setting() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(DataverseError, match="D365_AUTHORITY"):
        issuer(broken).issue()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_token_is_kept_until_five_minutes_before_its_end() -> None:
    clock, source_issuer = Clock(), NumberedIssuer(lifetime=3600.0)

    async def scenario() -> list[str]:
        source = TokenSource(source_issuer, clock=clock)
        seen = []
        for moment in (0.0, 3299.0, 3301.0):
            clock.now = moment
            seen.append(await source.bearer())
        return seen

    assert run(scenario()) == ["token-1", "token-1", "token-2"]


def test_a_short_lived_token_is_not_renewed_at_every_request() -> None:
    clock, source_issuer = Clock(), NumberedIssuer(lifetime=60.0)

    async def scenario() -> list[str]:
        source = TokenSource(source_issuer, clock=clock)
        seen = []
        for moment in (0.0, 29.0, 31.0):
            clock.now = moment
            seen.append(await source.bearer())
        return seen

    assert run(scenario()) == ["token-1", "token-1", "token-2"]


def test_many_tasks_with_one_refused_token_renew_it_once() -> None:
    class Slow(NumberedIssuer):
        def issue(self) -> Token:
            time.sleep(0.02)
            return super().issue()

    source_issuer = Slow()

    async def scenario() -> list[str]:
        source = TokenSource(source_issuer)
        old = await source.bearer()
        return await asyncio.gather(*(source.bearer(rejected=old) for _ in range(20)))

    assert set(run(scenario())) == {"token-2"}
    assert source_issuer.issued == 2


def test_a_token_does_not_print() -> None:
    assert "the-token" not in repr(Token("the-token", 1.0))


def test_the_provider_says_how_long_to_wait() -> None:
    busy = httpx.Response(429, json={"error": "too_many"}, headers={"Retry-After": "17"})
    with pytest.raises(ServerFaultError) as caught:
        issuer(Provider(HOSTS[0], lambda request: busy)).issue()
    assert caught.value.retry_after == 17.0


class FailingIssuer(NumberedIssuer):
    """Fails while `is_down`."""

    is_down = False

    def issue(self) -> Token:
        if self.is_down:
            raise ServerFaultError("The identity provider failed.")
        return super().issue()


def test_a_token_that_is_still_good_outlives_a_provider_that_is_down() -> None:
    clock, source_issuer = Clock(), FailingIssuer(lifetime=3600.0)

    async def scenario() -> list[str]:
        source = TokenSource(source_issuer, clock=clock)
        seen = [await source.bearer()]
        source_issuer.is_down = True
        clock.now = 3400.0
        seen.append(await source.bearer())
        source_issuer.is_down = False
        clock.now = 3405.0
        seen.append(await source.bearer())
        clock.now = 3431.0
        seen.append(await source.bearer())
        return seen

    assert run(scenario()) == ["token-1", "token-1", "token-1", "token-2"]


@pytest.mark.parametrize(("moment", "rejected"), [(3595.0, None), (10.0, "token-1")], ids=["ended", "refused"])
def test_a_token_that_is_no_more_good_does_not(moment: float, rejected: str | None) -> None:
    clock, source_issuer = Clock(), FailingIssuer(lifetime=3600.0)

    async def scenario() -> None:
        source = TokenSource(source_issuer, clock=clock)
        await source.bearer()
        source_issuer.is_down = True
        clock.now = moment
        await source.bearer(rejected=rejected)

    with pytest.raises(ServerFaultError):
        run(scenario())
