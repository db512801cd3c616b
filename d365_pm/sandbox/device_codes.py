"""Sign-in with a device code: a person confirms in a browser what a program has asked for.

Belongs here: codes that wait, their approval and their end. Does not belong here: the token (`auth.py`).
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from d365_pm.sandbox.sign_in_errors import SignInError

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_LIFETIME = 900
_INTERVAL = 1
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"


@dataclass(slots=True)
class _Code:
    user_code: str
    ends_at: float
    is_approved: bool


class DeviceCodes:
    """The codes of one sandbox; each opens one token.

    Args:
        are_approved: A code is approved from the start; otherwise it waits for `approve`.
        clock: Seconds on a steady clock.
    """

    def __init__(self, *, are_approved: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._are_approved = are_approved
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._lock = threading.Lock()

    def start(self, page: str) -> dict[str, Any]:
        """A new pair of codes, as the endpoint answers it.

        Args:
            page: Address at which a person approves.
        """
        device_code = secrets.token_urlsafe(32)
        user_code = "".join(secrets.choice(_LETTERS) for _ in range(9))
        with self._lock:
            self._codes[device_code] = _Code(user_code, self._clock() + _LIFETIME, self._are_approved)
        return {
            "user_code": user_code,
            "device_code": device_code,
            "verification_uri": page,
            "expires_in": _LIFETIME,
            "interval": _INTERVAL,
            "message": f"To sign in, use a web browser to open the page {page} and enter the code {user_code}.",
        }

    def approve(self, user_code: str) -> bool:
        """Approve what waits under a code; False when nothing does."""
        with self._lock:
            waiting = [code for code in self._codes.values() if code.user_code == user_code.strip().upper()]
            for code in waiting:
                code.is_approved = True
        return bool(waiting)

    def redeem(self, device_code: str) -> None:
        """Take an approved code.

        Raises:
            SignInError: It is unknown, has ended or still waits.
        """
        with self._lock:
            code = self._codes.get(device_code)
            if code is None:
                raise SignInError(400, "bad_verification_code", 70018, "Invalid verification code.")
            if self._clock() >= code.ends_at:
                text = "The verification code has expired before signing in. Retry signing in."
                raise SignInError(400, "expired_token", 70020, text)
            if not code.is_approved:
                text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
                raise SignInError(400, "authorization_pending", 70016, text)
            del self._codes[device_code]
