"""Signing in as an application: with a client secret, a certificate, or a token of another identity provider."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msal

from d365_pm.dataverse.certificate import read_certificate
from d365_pm.dataverse.clouds import authority
from d365_pm.dataverse.refusal import refusal
from d365_pm.dataverse.signin.provider import Answer, ProviderHttp, ask
from d365_pm.dataverse.signin.token import Token
from d365_pm.dataverse.tls import trust, uses_proxy
from d365_pm.errors import SettingsError
from d365_pm.settings import Settings, SignIn


class ApplicationIssuer:
    """Signs in as an application."""

    def __init__(self, settings: Settings) -> None:
        address = authority(settings)
        self._authority = f"{address}/{settings.tenant_id}"
        self._host = httpx.URL(address).host
        self._client_id = settings.client_id
        self._credential = _credential(settings)
        self._scopes = [f"{settings.url}/.default"]
        self._http = httpx.Client(verify=trust(settings.ca_bundle), trust_env=uses_proxy(address), timeout=60.0)
        self._reached = False

    def issue(self) -> Token:
        """Ask the identity provider for a new token."""
        credential = self._credential()
        answer = ask(lambda: self._question(credential), host=self._host, reached=self._reached)
        self._reached = True
        if "access_token" not in answer:
            raise refusal(answer)
        return Token.granted(answer, host=self._host)

    def close(self) -> None:
        """Close the connection to the identity provider."""
        self._http.close()

    def _question(self, credential: Any) -> Answer:
        # A new application each time: msal's own caches would hand out the refused token, or the failed answer, again.
        # Without instance discovery it asks exactly the configured authority and never another host, whatever cloud.
        application = msal.ConfidentialClientApplication(
            self._client_id,
            client_credential=credential,
            authority=self._authority,
            instance_discovery=False,
            http_client=ProviderHttp(self._http, self._host),
        )
        answer: Answer = application.acquire_token_for_client(scopes=self._scopes)
        return answer


def _credential(settings: Settings) -> Callable[[], Any]:
    """What proves who we are; read at once where it stays, and anew at every sign-in where it changes."""
    kind = settings.sign_in_kind
    if kind is SignIn.CERTIFICATE:
        assert settings.client_certificate is not None
        password = settings.client_certificate_password
        certificate = read_certificate(settings.client_certificate, password.get_secret_value() if password else None)
        return lambda: certificate
    if kind is SignIn.FEDERATED:
        assert settings.federated_token_file is not None
        file = settings.federated_token_file
        _assertion(file)
        return lambda: _federated(file)
    secret = settings.client_secret
    return lambda: secret.get_secret_value() if secret else None


def _federated(file: Path) -> dict[str, Any]:
    assertion = _assertion(file)
    return {"client_assertion": lambda: assertion}


def _assertion(file: Path) -> str:
    try:
        content = file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        content = ""
    if content.count(".") != 2:
        raise SettingsError(
            f"D365_FEDERATED_TOKEN_FILE names {file}, which does not hold a token that can be read: correct the path "
            "or its permissions, and check that the platform projects a token into it."
        )
    return content
