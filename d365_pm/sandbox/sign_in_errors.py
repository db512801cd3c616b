"""Entra's refusals as bodies.

Belongs here: the error raised inside the sign-in. Does not belong here: when it is raised (`auth.py`). The numbers are
Entra's published AADSTS codes.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any


class SignInError(Exception):
    """A refused sign-in: HTTP status, OAuth error and Entra's number with its sentence."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(error)
        self.status = status
        self._error = error
        self._number = number
        self._text = text

    def body(self) -> dict[str, Any]:
        """Entra's error body."""
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        stamp = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        description = (
            f"AADSTS{self._number}: {self._text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
        )
        return {
            "error": self._error,
            "error_description": description,
            "error_codes": [self._number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
        }


def require(form: Mapping[str, str], name: str) -> str:
    """A field of a posted form.

    Raises:
        SignInError: It is missing.
    """
    if not form.get(name):
        text = f"The request body must contain the following parameter: '{name}'."
        raise SignInError(400, "invalid_request", 900144, text)
    return form[name]
