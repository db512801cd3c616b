"""A bearer token, who issues it, and when it is renewed.

What a token is used for does not belong here, nor how each kind of sign-in gets one.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from d365_pm.dataverse.errors import GarbledReplyError, TransientError

logger = logging.getLogger(__name__)

_MARGIN = 300.0
"""Seconds before its end at which a token is renewed."""
_AGAIN = 30.0
"""Seconds until the next try to renew a token that is still good."""
_LAST_USE = 10.0
"""Seconds before its end at which a token is not used any more: a request is on its way for a while."""
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; its value never prints.

    Attributes:
        value: What goes behind `Bearer`.
        lifetime: Seconds that it lives from the moment it was issued.
    """

    value: str = field(repr=False)
    lifetime: float

    @classmethod
    def granted(cls, answer: Mapping[str, Any], *, host: str) -> "Token":
        """The token in an identity provider's answer.

        Raises:
            GarbledReplyError: It is none; used as a header it would fail with itself in the message.
        """
        value = answer["access_token"]
        if not isinstance(value, str) or not _PRINTABLE.fullmatch(value):
            raise GarbledReplyError(f"The token of the identity provider {host} is damaged.")
        try:
            return cls(value, max(0.0, float(answer.get("expires_in", 0))))
        except (TypeError, ValueError):
            return cls(value, 0.0)


class Issuer(Protocol):
    """A kind of sign-in."""

    def issue(self) -> Token:
        """Get a new token; blocks.

        Raises:
            SignInError: Refused for good.
            TransientError: The identity provider cannot be asked just now.
        """

    def close(self) -> None:
        """Free what was opened, and stop waiting for anybody."""


class TokenSource:
    """One token for all requests of a client, renewed one task at a time."""

    def __init__(self, issuer: Issuer, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0
        self._ends_at = 0.0

    async def bearer(self, *, rejected: str | None = None) -> str:
        """A token with life left in it.

        Args:
            rejected: A token that Dataverse has just refused: never returned again.
        """
        async with self._lock:
            token = self._token
            if token is None or token.value == rejected:
                token = await self._issue()
            elif self._clock() >= self._renew_at:
                token = await self._renewed(token)
            return token.value

    def close(self) -> None:
        """Free what the issuer opened."""
        self._issuer.close()

    async def _renewed(self, token: Token) -> Token:
        try:
            return await self._issue()
        except TransientError as error:
            now = self._clock()
            if now >= self._ends_at - _LAST_USE:
                raise
            logger.warning("%s The present token is good for another %.0f s.", error, self._ends_at - now)
            self._renew_at = now + _AGAIN
            return token

    async def _issue(self) -> Token:
        asked_at = self._clock()
        token = await asyncio.to_thread(self._issuer.issue)
        # A token that lives shorter than twice the margin would be renewed at every request.
        self._renew_at = asked_at + token.lifetime - min(_MARGIN, token.lifetime / 2)
        self._ends_at = asked_at + token.lifetime
        self._token = token
        logger.debug("Signed in; the token lives %.0f s.", token.lifetime)
        return token
