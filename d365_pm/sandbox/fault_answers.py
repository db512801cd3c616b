"""Faults that take the place of an answer: refusals, gateway pages, errors in disguise.

Belongs here: status, headers and body of each (Web API reference 1.7, 5.2, 6 and 9). Does not belong here: pages that
are only altered (`fault_pages.py`).
"""

from collections.abc import Mapping

import msgspec

from d365_pm.sandbox.answers import Answer
from d365_pm.sandbox.errors import ApiError, missing_privilege, unknown_segment
from d365_pm.sandbox.faults import FaultKind, Fired
from d365_pm.sandbox.stored import stable_id

_INCIDENT_TYPE_CODE = 112

_PAGE = b"<!DOCTYPE html><html><head><title>%s</title></head><body><h1>%s</h1></body></html>"


def _page(status: int, title: bytes) -> Answer:
    return Answer((_PAGE % (title, title),), media_type="text/html", status=status)


_REFUSALS: Mapping[FaultKind, ApiError] = {
    FaultKind.THROTTLED: ApiError(
        429, "0x80072322", "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
    ),
    FaultKind.UNAVAILABLE: ApiError(503, "", "The service is unavailable."),
    FaultKind.REQUEST_TIMEOUT: ApiError(408, "", "The server timed out waiting for the request."),
    FaultKind.SQL_TIMEOUT: ApiError(500, "0x80044151", "SQL timeout expired."),
    FaultKind.EXPIRED_DELTA: ApiError(
        400,
        "0x80044352",
        "Version stamp associated with the client has expired. Please perform a full sync.",
    ),
}
_ANSWERS: Mapping[FaultKind, Answer] = {
    FaultKind.BAD_GATEWAY: _page(502, b"502 Bad Gateway"),
    FaultKind.GATEWAY_TIMEOUT: _page(504, b"504 Gateway Time-out"),
    FaultKind.HTML: _page(200, b"Sign in to your account"),
    FaultKind.SERVER_ERROR: Answer((b'{"error":"temporarily_unavailable"}',), status=500),
    FaultKind.ERROR_BODY: Answer((b'{"error":{"code":"0x80040216","message":"An unexpected error occurred."}}',)),
    FaultKind.EMPTY_BODY: Answer(()),
}


def replacing(fired: Fired) -> Answer | None:
    """The answer that a fault gives instead of the right one; None for faults of another sort."""
    kind = fired.fault.kind
    if kind in _ANSWERS:
        return _ANSWERS[kind]
    refusal = _REFUSALS.get(kind) or _refusal_of_table(kind, fired.target.entity_set or "")
    if refusal is None:
        return None
    body = msgspec.json.encode(refusal.body())
    return Answer((body,), status=refusal.status, headers=_retry_after(fired))


def _refusal_of_table(kind: FaultKind, entity_set: str) -> ApiError | None:
    if kind is FaultKind.TABLE_GONE:
        return unknown_segment(entity_set)
    if kind is FaultKind.FORBIDDEN:
        return missing_privilege(entity_set, _INCIDENT_TYPE_CODE, stable_id("user"), stable_id("prvRead", entity_set))
    return None


def _retry_after(fired: Fired) -> dict[str, str]:
    kind, seconds = fired.fault.kind, fired.seconds
    if kind is FaultKind.THROTTLED or (kind is FaultKind.UNAVAILABLE and seconds):
        return {"Retry-After": f"{seconds:g}"}
    return {}
