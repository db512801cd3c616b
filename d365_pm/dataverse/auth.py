"""Sign-in: where bearer tokens come from and when they are renewed.

Belongs here: msal and the cache of one token. Does not belong here: what a token is used for, and what a refusal means
(`refusal.py`). Another kind of sign-in is another `Issuer`.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx
import msal

from d365_pm.dataverse.certificate import read_certificate
from d365_pm.dataverse.diagnosis import diagnose_silence
from d365_pm.dataverse.errors import GarbledReplyError, ServerFaultError
from d365_pm.dataverse.refusal import refusal, unknown_authority
from d365_pm.dataverse.tls import trust, uses_proxy
from d365_pm.settings import Settings

logger = logging.getLogger(__name__)

_MARGIN = 300.0
"""Seconds before its end at which a token is renewed."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; its value never prints.

    Attributes:
        value: What goes behind `Bearer`.
        lifetime: Seconds that it lives from the moment it was issued.
    """

    value: str = field(repr=False)
    lifetime: float


class Issuer(Protocol):
    """A kind of sign-in."""

    def issue(self) -> Token:
        """Get a new token; blocks.

        Raises:
            SignInError: Refused for good.
            TransientError: The identity provider cannot be asked just now.
        """

    def close(self) -> None:
        """Free what was opened."""


class TokenSource:
    """One token for all requests of a client, renewed one task at a time."""

    def __init__(self, issuer: Issuer, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0

    async def bearer(self, *, rejected: str | None = None) -> str:
        """A token with life left in it.

        Args:
            rejected: A token that Dataverse has just refused: never returned again.
        """
        async with self._lock:
            token = self._token
            if token is None or token.value == rejected or self._clock() >= self._renew_at:
                asked_at = self._clock()
                token = await asyncio.to_thread(self._issuer.issue)
                # A token that lives shorter than twice the margin would be renewed at every request.
                self._renew_at = asked_at + token.lifetime - min(_MARGIN, token.lifetime / 2)
                self._token = token
                logger.debug("Signed in; the token lives %.0f s.", token.lifetime)
            return token.value

    def close(self) -> None:
        """Free what the issuer opened."""
        self._issuer.close()


class ApplicationIssuer:
    """Signs in as an application, with a client secret or a certificate."""

    def __init__(self, settings: Settings) -> None:
        self._authority = f"{settings.authority}/{settings.tenant_id}"
        self._host = httpx.URL(settings.authority).host
        self._client_id = settings.client_id
        self._credential = _credential(settings)
        self._scopes = [f"{settings.url}/.default"]
        self._http = httpx.Client(
            verify=trust(settings.ca_bundle), trust_env=uses_proxy(settings.authority), timeout=60.0
        )
        self._reached = False

    def issue(self) -> Token:
        """Ask the identity provider for a new token."""
        try:
            answer = self._ask()
        except httpx.HTTPError as fault:
            raise diagnose_silence(fault, host=self._host, setting="D365_AUTHORITY", reached=self._reached) from None
        except msal.exceptions.MsalServiceError:
            raise ServerFaultError(f"The identity provider {self._host} failed.") from None
        except (ValueError, KeyError) as fault:
            raise unknown_authority(fault, self._host) from None
        self._reached = True
        if "access_token" not in answer:
            raise refusal(answer)
        return Token(answer["access_token"], float(answer.get("expires_in", 0)))

    def close(self) -> None:
        """Close the connection to the identity provider."""
        self._http.close()

    def _ask(self) -> dict[str, Any]:
        # A new application each time: msal's own caches would hand out the refused token, or the failed answer, again.
        # Without instance discovery it asks exactly the configured authority and never another host, whatever cloud.
        application = msal.ConfidentialClientApplication(
            self._client_id,
            client_credential=self._credential,
            authority=self._authority,
            instance_discovery=False,
            http_client=_JsonOnly(self._http, self._host),
        )
        answer: dict[str, Any] = application.acquire_token_for_client(scopes=self._scopes)
        return answer


class _JsonOnly:
    """Keeps answers that are no JSON from msal, which would write them, tokens included, to its log."""

    def __init__(self, http: httpx.Client, host: str) -> None:
        self._http = http
        self._host = host

    def get(self, url: str, *, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        return self._checked(self._http.get(url, params=params, headers=headers))

    def post(self, url: str, *, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        # msal's assertion is bytes, which httpx would send as their Python notation, b'…'.
        fields = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
        return self._checked(self._http.post(url, params=params, content=urlencode(data), headers=fields))

    def close(self) -> None:
        self._http.close()

    def _checked(self, response: httpx.Response) -> httpx.Response:
        if response.status_code >= 500:
            raise ServerFaultError(f"The identity provider {self._host} failed.", status=response.status_code)
        if response.status_code == 200:
            try:
                response.json()
            except ValueError:
                raise GarbledReplyError(f"The answer of the identity provider {self._host} is cut.") from None
        return response


def _credential(settings: Settings) -> str | dict[str, str] | None:
    if settings.client_certificate:
        password = settings.client_certificate_password
        return read_certificate(settings.client_certificate, password.get_secret_value() if password else None)
    return settings.client_secret.get_secret_value() if settings.client_secret else None
