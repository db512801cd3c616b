"""`RetrieveRecordChangeHistory` and `RetrieveAttributeChangeHistory`: everything recorded about one row, page by page.

Belongs here: arguments, pages and cookies (Web API reference 7.5). Does not belong here: the entries
(`audit_details.py`).
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

import msgspec

from d365_pm.sandbox.answers import Answer, json_answer
from d365_pm.sandbox.audit_details import HISTORY_PRIVILEGE, NAMESPACE, DetailWriter
from d365_pm.sandbox.audit_store import NOBODY, AuditRow, AuditStore
from d365_pm.sandbox.audit_values import read_changes
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.errors import BAD_PAGE, INVALID_ARGUMENT, bad_request, unknown_column, unknown_segment
from d365_pm.sandbox.options import parameters
from d365_pm.sandbox.privileges import require
from d365_pm.sandbox.records_api import Call

_CALL = re.compile(r"Retrieve(?P<kind>Record|Attribute)ChangeHistory\((?P<arguments>.*)\)", re.DOTALL)
_ARGUMENT = re.compile(r"\s*(\w+)\s*=\s*(@\w+|'(?:[^']|'')*'|\{[^{}]*\})\s*(?:,|$)")
_TARGET = re.compile(r"""\{\s*['"]@odata\.id['"]\s*:\s*['"](?:https?://[^'"]*/|/?)(\w+)\(([^()]*)\)['"]\s*\}""")
_COOKIE = re.compile(r'<cookie page="(\d+)"><cookieExtensions ContinuationToken="([^"]*)" /></cookie>')
_LARGEST_PAGE = 5_000


class _PagingInfo(msgspec.Struct):
    PageNumber: int = 1
    Count: int = _LARGEST_PAGE
    PagingCookie: str | None = None
    ReturnTotalRecordCount: bool = False


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The arguments of one call; `attribute` is None for the whole row."""

    table: str
    record_id: str
    attribute: str | None
    paging: _PagingInfo


def answer_history(environment: Environment, store: AuditStore, call: Call) -> Answer | None:
    """Answer a change history; None for any other path. A row that does not exist has an empty one.

    Raises:
        ApiError: 403 without the privilege, 404 for an unknown set, 400 for other arguments that cannot be.
    """
    match = _CALL.fullmatch(call.path)
    if match is None:
        return None
    require(environment, HISTORY_PRIVILEGE)
    if "audit" not in environment.tables:
        raise unknown_segment(call.path.partition("(")[0])
    is_record = match["kind"] == "Record"
    wanted = _wanted(environment, _arguments(match["arguments"], parameters(call.query)), is_record=is_record)
    rows = store.of_record(wanted.record_id, wanted.table, has_switches=is_record)
    if wanted.attribute is not None:
        rows = [row for row in rows if _touches(row, wanted.attribute)]
    collection = _page(environment, call, rows, wanted)
    context = f"{call.base}/$metadata#{NAMESPACE}.Retrieve{match['kind']}ChangeHistoryResponse"
    return json_answer({"@odata.context": context, "AuditDetailCollection": collection})


def _arguments(text: str, aliases: dict[str, str]) -> dict[str, str]:
    found = {match[1]: match[2] for match in _ARGUMENT.finditer(text)}
    for name, value in found.items():
        if value.startswith("@"):
            if value not in aliases:
                raise bad_request(f"The parameter alias '{value}' has no value.")
            found[name] = aliases[value]
    return found


def _wanted(environment: Environment, arguments: dict[str, str], *, is_record: bool) -> _Wanted:
    match = _TARGET.fullmatch(arguments.get("Target", "").strip())
    if match is None:
        raise bad_request("The argument Target must read {'@odata.id':'incidents(<id>)'}.", code=INVALID_ARGUMENT)
    table = environment.by_entity_set(match[1]).definition
    try:
        record_id = str(uuid.UUID(match[2].partition("=")[2] if "=" in match[2] else match[2]))
    except ValueError:
        raise bad_request(f"The key value '{match[2]}' is not valid; the key of a row is a GUID.") from None
    if record_id == NOBODY and is_record:
        raise bad_request("Expected non-empty Guid.", code=INVALID_ARGUMENT)
    attribute = None if is_record else arguments.get("AttributeLogicalName", "").strip("'")
    if attribute is not None and attribute not in table.by_name:
        raise unknown_column(attribute, table.name)
    return _Wanted(table.name, record_id, attribute, _paging(arguments.get("PagingInfo")))


def _paging(text: str | None) -> _PagingInfo:
    try:
        paging = msgspec.json.decode(text, type=_PagingInfo) if text else _PagingInfo()
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise bad_request("The argument PagingInfo is no valid PagingInfo object.", code=INVALID_ARGUMENT) from None
    if paging.PageNumber < 1 or paging.Count < 1:
        raise bad_request("PageNumber and Count of PagingInfo must be positive.", code=BAD_PAGE)
    return paging


def _touches(row: AuditRow, attribute: str) -> bool:
    return any(change.name == attribute for change in read_changes(row.values["changedata"]))


def _page(environment: Environment, call: Call, rows: Sequence[AuditRow], wanted: _Wanted) -> dict[str, Any]:
    paging = wanted.paging
    size = min(paging.Count, _LARGEST_PAGE)
    start = _after_cookie(rows, paging) if paging.PagingCookie else (paging.PageNumber - 1) * size
    shown = rows[start : start + size]
    has_more = start + size < len(rows)
    is_counted = paging.ReturnTotalRecordCount and environment.switches.history_counts_rows
    only = None if wanted.attribute is None else {wanted.attribute}
    writer = DetailWriter(environment, call.preferences)
    return {
        "MoreRecords": has_more,
        "PagingCookie": _cookie(paging.PageNumber, shown[-1]) if has_more else "",
        "TotalRecordCount": len(rows) if is_counted else -1,
        "AuditDetails": [writer.detail(row, only=only) for row in shown],
    }


def _cookie(page: int, last: AuditRow) -> str:
    """Where the next page begins; the token shows the time as finely as it is stored (reference 7.4)."""
    created = last.created.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    token = msgspec.json.encode({"createdon": created, "auditid": last.id}).decode()
    return f'<cookie page="{page}"><cookieExtensions ContinuationToken="{escape(token)}" /></cookie>'


def _after_cookie(rows: Sequence[AuditRow], paging: _PagingInfo) -> int:
    match = _COOKIE.fullmatch(paging.PagingCookie or "")
    if match is None or int(match[1]) != paging.PageNumber - 1:
        raise bad_request("The paging cookie does not fit the page that PagingInfo asks for.", code=BAD_PAGE)
    try:
        token = msgspec.json.decode(unescape(match[2]), type=dict[str, str])
        last = (token["createdon"], token["auditid"])
    except (msgspec.DecodeError, KeyError):
        raise bad_request("The paging cookie of PagingInfo is malformed.", code=BAD_PAGE) from None
    key = [(row.created.strftime("%Y-%m-%dT%H:%M:%S.%f0Z"), row.id) for row in rows]
    return next((position for position, each in enumerate(key) if each < last), len(rows))
