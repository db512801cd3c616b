"""Signing in as a managed identity of Azure: no secret at all, the platform knows who runs here."""

import os
from typing import Any

import httpx
import msal

from d365_pm.dataverse.errors import ConnectionFailedError, SignInError
from d365_pm.dataverse.signin.provider import Answer, ProviderHttp, ask
from d365_pm.dataverse.signin.token import Token
from d365_pm.dataverse.tls import trust
from d365_pm.settings import Settings

_HOST = "of this machine's managed identity"
# The endpoint is on this machine or next to it; whoever is not in Azure should not wait long to learn it.
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class ManagedIdentityIssuer:
    """Signs in as the identity of the machine, or as the user-assigned one whose client id is configured."""

    def __init__(self, settings: Settings) -> None:
        self._resource = settings.url
        self._identity = _identity(settings.client_id)
        # Never through a proxy: the platform's endpoint answers this machine only.
        self._http = httpx.Client(verify=trust(settings.ca_bundle), trust_env=False, timeout=_TIMEOUT)
        self._reached = False

    def issue(self) -> Token:
        """Ask the platform for a new token."""
        if {"IDENTITY_ENDPOINT", "IDENTITY_SERVER_THUMBPRINT"} <= os.environ.keys():
            raise SignInError(
                "Managed identities of Service Fabric are not supported: set D365_SIGN_IN to another kind."
            )
        answer = self._asked()
        self._reached = True
        if "access_token" not in answer:
            raise _refusal(answer)
        return Token.granted(answer, host=_HOST)

    def close(self) -> None:
        """Close the connection to the platform."""
        self._http.close()

    def _asked(self) -> Answer:
        try:
            return ask(self._question, host=_HOST, reached=self._reached)
        except ConnectionFailedError:
            if self._reached:
                raise
        raise SignInError(
            "No managed identity answers on this machine: run on an Azure resource that has one, or set D365_SIGN_IN "
            "to another kind."
        )

    def _question(self) -> Answer:
        # A new client each time, because msal's own cache would hand out the refused token again.
        client = msal.ManagedIdentityClient(
            self._identity, http_client=ProviderHttp(self._http, _HOST, every_answer_is_json=True)
        )
        answer: Answer = client.acquire_token_for_client(resource=self._resource)
        return answer


def _identity(client_id: str | None) -> Any:
    if client_id:
        return msal.UserAssignedManagedIdentity(client_id=client_id)
    return msal.SystemAssignedManagedIdentity()


def _refusal(answer: Answer) -> SignInError:
    """The platform's own description stays out: it may repeat what was sent."""
    code = answer.get("error")
    return SignInError(
        "The managed identity gets no token: assign it to this resource, set D365_CLIENT_ID to its client id if it is "
        "user-assigned (and remove it if it is not), and check D365_URL.",
        code=code if isinstance(code, str) and code.isascii() and code.replace("_", "").isalnum() else None,
    )
