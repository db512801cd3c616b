"""Asking an identity provider through msal, so that every failure becomes an error of our tree and nothing is logged.

Belongs here: what all kinds of sign-in share. Does not belong here: what a refusal means (`refusal.py`).
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import msal

from d365_pm.dataverse.diagnosis import diagnose_silence
from d365_pm.dataverse.errors import DataverseError, GarbledReplyError, ServerFaultError
from d365_pm.dataverse.quiet import quieten
from d365_pm.dataverse.refusal import unknown_authority
from d365_pm.dataverse.retry import parse_http_date, parse_retry_after

Answer = dict[str, Any]


def ask(question: Callable[[], Answer], *, host: str, reached: bool) -> Answer:
    """Ask, and translate what msal and httpx raise.

    Args:
        question: A call of msal.
        host: Whom it asks.
        reached: Whether the host has answered before.

    Raises:
        DataverseError: No answer; a refusal is an answer.
    """
    error: DataverseError
    try:
        return question()
    except httpx.HTTPError as fault:
        error = diagnose_silence(fault, host=host, setting="D365_AUTHORITY", reached=reached)
    except msal.exceptions.MsalServiceError:
        error = ServerFaultError(f"The identity provider {host} failed.")
    except (ValueError, KeyError) as fault:
        error = unknown_authority(fault, host)
    except (AttributeError, TypeError, IndexError):
        # msal takes the members of an answer for what they should be.
        error = GarbledReplyError(f"The answer of the identity provider {host} cannot be read.")
    # Raised here and not above, so that it does not carry what msal raised, which may repeat what was sent.
    raise error


class ProviderHttp:
    """The HTTP client of msal: keeps from it what it would write to its log, tokens included.

    Args:
        http: What sends.
        host: Whom it asks, for the sentences of errors.
        every_answer_is_json: Refuse other answers under any status, not only under success.
    """

    def __init__(self, http: httpx.Client, host: str, *, every_answer_is_json: bool = False) -> None:
        quieten()
        self._http = http
        self._host = host
        self._every_answer_is_json = every_answer_is_json

    def get(self, url: str, *, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        """GET, as msal asks."""
        return self._checked(self._http.get(url, params=params, headers=headers))

    def post(self, url: str, *, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        """POST a form, as msal asks."""
        # msal's assertion is bytes, which httpx would send as their Python notation, b'…'.
        fields = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
        return self._checked(self._http.post(url, params=params, content=urlencode(data), headers=fields))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _checked(self, response: httpx.Response) -> httpx.Response:
        status = response.status_code
        if status in {408, 429} or status >= 500:
            what = "limits sign-ins for the moment" if status == 429 else "failed"
            error = ServerFaultError(f"The identity provider {self._host} {what}.", status=status)
            sent_at = parse_http_date(response.headers.get("date"))
            error.retry_after = parse_retry_after(response.headers.get("retry-after"), now=sent_at)
            raise error
        if (status == 200 or self._every_answer_is_json) and not _is_json(response):
            raise GarbledReplyError(f"The answer of the identity provider {self._host} is cut or no JSON.")
        return response


def _is_json(response: httpx.Response) -> bool:
    try:
        response.json()
    except ValueError:
        return False
    return True
