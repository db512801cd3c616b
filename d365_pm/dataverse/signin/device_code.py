"""Signing in as a person, for developers: a code shown once, typed into a browser on any device.

The tokens are kept in the person's own configuration folder, readable by that person only, and never beside the data.
"""

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msal

from d365_pm.dataverse.clouds import authority
from d365_pm.dataverse.errors import SignInError
from d365_pm.dataverse.refusal import refusal
from d365_pm.dataverse.signin.provider import Answer, ProviderHttp, ask
from d365_pm.dataverse.signin.token import Token
from d365_pm.dataverse.tls import trust, uses_proxy
from d365_pm.settings import Settings

Show = Callable[[str], None]


class DeviceCodeIssuer:
    """Signs in as a person.

    Args:
        settings: Which application and environment.
        show: Shows a sentence with the code to the person; None where nobody sits.
        folder: Where tokens are kept; the person's configuration folder by default.
    """

    def __init__(self, settings: Settings, *, show: Show | None, folder: Path | None = None) -> None:
        address = authority(settings)
        self._authority = f"{address}/{settings.tenant_id}"
        self._host = httpx.URL(address).host
        self._client_id = settings.client_id
        self._scopes = [f"{settings.url}/user_impersonation"]
        self._show = show
        self._file = (folder or _folder()) / f"tokens-{_digest(self._authority, str(self._client_id))}.json"
        self._http = httpx.Client(verify=trust(settings.ca_bundle), trust_env=uses_proxy(address), timeout=60.0)
        self._reached = False
        self._has_issued = False
        self._is_closed = False

    def issue(self) -> Token:
        """A token from what is kept, else from the person."""
        cache = _read(self._file)
        answer = self._ask(lambda: self._signed_in(self._application(cache)))
        if cache.has_state_changed:
            _keep(self._file, cache.serialize())
        if "access_token" not in answer:
            raise refusal(answer)
        self._has_issued = True
        return Token.granted(answer, host=self._host)

    def close(self) -> None:
        """Stop waiting for the person, and close the connection to the identity provider."""
        self._is_closed = True
        self._http.close()

    def _ask(self, question: Callable[[], Answer]) -> Answer:
        answer = ask(question, host=self._host, reached=self._reached)
        self._reached = True
        return answer

    def _application(self, cache: msal.SerializableTokenCache) -> Any:
        return msal.PublicClientApplication(
            self._client_id,
            authority=self._authority,
            instance_discovery=False,
            token_cache=cache,
            http_client=ProviderHttp(self._http, self._host),
        )

    def _signed_in(self, application: Any) -> Answer:
        for account in application.get_accounts():
            # Whoever asks a second time has a token that ends or was refused; the kept one would be the same again.
            answer: Answer | None = application.acquire_token_silent_with_error(
                self._scopes, account=account, force_refresh=self._has_issued
            )
            if answer and "access_token" in answer:
                return answer
        return self._by_code(application)

    def _by_code(self, application: Any) -> Answer:
        if self._show is None:
            raise SignInError(
                "Nobody is here to sign in: run a command in a terminal once, or set D365_SIGN_IN to a kind that needs "
                "no person."
            )
        flow: Answer = application.initiate_device_flow(scopes=self._scopes)
        if "user_code" not in flow:
            return flow
        self._show(f"To sign in, open {flow['verification_uri']} in a browser and enter the code {flow['user_code']}.")
        # msal looks at the condition only while it waits.
        flow["interval"] = max(1, int(flow.get("interval", 5)))
        answer: Answer = application.acquire_token_by_device_flow(flow, exit_condition=self._is_over)
        return answer

    def _is_over(self, flow: Answer) -> bool:
        return self._is_closed or bool(flow["expires_at"] < time.time())


def terminal() -> Show | None:
    """Shows on the terminal, where there is one."""
    if not sys.stderr.isatty():
        return None
    return lambda sentence: _write(f"{sentence}\n")


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _folder() -> Path:
    base = os.environ.get("APPDATA") if os.name == "nt" else os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "d365-pm"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _read(file: Path) -> msal.SerializableTokenCache:
    cache = msal.SerializableTokenCache()
    try:
        cache.deserialize(file.read_text("utf-8"))
    except (OSError, ValueError):
        return msal.SerializableTokenCache()
    return cache


def _keep(file: Path, content: str) -> None:
    """Replace the file in one step; only its owner may read it, from its first byte on."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)  # made with 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
