"""What an audit row says in full: the objects that the audit functions answer with, and `RetrieveAuditDetails`.

Belongs here: one audit row to one `AuditDetail` (Web API reference 7.5). Does not belong here: values
(`audit_values.py`), histories (`audit_history.py`).
"""

import re
import uuid
from collections.abc import Collection
from typing import Any

import msgspec

from d365_pm.sandbox.answers import Answer, json_answer
from d365_pm.sandbox.audit_store import NOBODY, AuditRow, AuditStore
from d365_pm.sandbox.audit_values import Change, UnreadableValueError, ValueWriter, read_changes, wire_moment
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.errors import bad_request, not_in_log, unknown_segment
from d365_pm.sandbox.formats import Formats
from d365_pm.sandbox.prefer import FORMATTED_VALUE, LOOKUP_TABLE, Preferences
from d365_pm.sandbox.privileges import require
from d365_pm.sandbox.records_api import Call
from d365_pm.sandbox.schema import Table

NAMESPACE = "Microsoft.Dynamics.CRM"
HISTORY_PRIVILEGE = "prvReadRecordAuditHistory"
_PATH = re.compile(rf"audits\(([^()]*)\)/{re.escape(NAMESPACE)}\.RetrieveAuditDetails(?:\(\))?")
_KINDS = {14: "Share", 48: "Share", 49: "Share", 33: "Relationship", 34: "Relationship", 64: "UserAccess",
          65: "UserAccess", 57: "RolePrivilege", 58: "RolePrivilege", 59: "RolePrivilege"}  # fmt: skip
_DATA_OPERATIONS = frozenset({1, 2, 3})
_NO_COLUMNS: dict[str, Any] = {"Count": 0, "Keys": [], "Values": []}
_FOREVER = -1
_DAY = 86_400

Json = dict[str, Any]


def answer_details(environment: Environment, store: AuditStore, call: Call) -> Answer | None:
    """`GET audits(<id>)/Microsoft.Dynamics.CRM.RetrieveAuditDetails`; None for any other path.

    Raises:
        ApiError: 403 without the privilege, 404 for an unknown id, 400 for anything but a GUID.
    """
    match = _PATH.fullmatch(call.path)
    if match is None:
        return None
    if "audit" not in environment.tables:
        raise unknown_segment("audits")
    require(environment, HISTORY_PRIVILEGE)
    try:
        audit_id = str(uuid.UUID(match[1].partition("=")[2].strip("'") if "=" in match[1] else match[1].strip("'")))
    except ValueError:
        raise bad_request(f"The key value '{match[1]}' is not valid; the key of a row is a GUID.") from None
    row = store.row(audit_id)
    if row is None:
        raise not_in_log(audit_id)
    detail = DetailWriter(environment, call.preferences).detail(row)
    context = f"{call.base}/$metadata#{NAMESPACE}.RetrieveAuditDetailsResponse"
    return json_answer({"@odata.context": context, "AuditDetail": detail})


class DetailWriter:
    """Writes audit rows in full for one request."""

    def __init__(self, environment: Environment, preferences: Preferences) -> None:
        switches = environment.switches
        self._environment = environment
        self._formats = Formats(switches.user_language, switches.user_time_zone)
        self._values = ValueWriter(environment.tables, self._formats, preferences)
        self._preferences = preferences

    def detail(self, row: AuditRow, *, only: Collection[str] | None = None) -> Json:
        """One row.

        Args:
            row: The audit row.
            only: Columns to show; None shows all that changed.
        """
        record = {"AuditRecord": self._record(row)} if self._environment.switches.details_have_record else {}
        if row.is_switch:
            return record
        return {**self._content(row, only), **record}

    def _content(self, row: AuditRow, only: Collection[str] | None) -> Json:
        kind = _KINDS.get(row.values["action"])
        if kind is not None:
            return {"@odata.type": f"#{NAMESPACE}.{kind}AuditDetail", **_told(kind, row)}
        if row.values["operation"] in _DATA_OPERATIONS:
            changes = read_changes(row.values["changedata"])
            shown = changes if only is None else tuple(change for change in changes if change.name in only)
            return self._attributes(row.table, shown)
        return {"@odata.type": f"#{NAMESPACE}.AuditDetail"}

    def _attributes(self, table_name: str, changes: tuple[Change, ...]) -> Json:
        stored = self._environment.tables.get(table_name)
        old: Json = {"@odata.type": f"#{NAMESPACE}.{table_name}"}
        new: Json = dict(old)
        invalid, removed = [], []
        columns = stored.definition.by_name if stored else {}
        for change in changes:
            if stored is None or change.name not in columns:
                removed.append(change.name)
                continue
            for bag, text in ((old, change.old), (new, change.new)):
                if text is not None and not self._put(bag, stored.definition, change.name, text):
                    invalid.append(change.name)
        return {
            "@odata.type": f"#{NAMESPACE}.AttributeAuditDetail",
            "InvalidNewValueAttributes": list(dict.fromkeys(invalid)),
            "LocLabelLanguageCode": 0,
            "DeletedAttributes": _removed(removed),
            "OldValue": old,
            "NewValue": new,
        }

    def _put(self, bag: Json, table: Table, name: str, text: str) -> bool:
        try:
            bag.update(self._values.properties(table, table.by_name[name], text))
        except UnreadableValueError:
            return False
        return True

    def _record(self, row: AuditRow) -> Json:
        values = row.values
        days = self._environment.switches.audit_retention_days
        return {
            "auditid": row.id,
            **self._labelled("createdon", row.created, wire_moment(row.created)),
            **self._labelled("action", values["action"], values["action"]),
            **self._labelled("operation", values["operation"], values["operation"]),
            "objecttypecode": values["objecttypecode"],
            **self._lookup("objectid", NOBODY if row.is_switch else values["_objectid_value"], row.table),
            **self._lookup("userid", values["_userid_value"], values["_userid_type"]),
            **self._lookup("callinguserid", values["_callinguserid_value"], "systemuser"),
            **self._lookup("regardingobjectid", values["_regardingobjectid_value"], values["_regardingobjectid_type"]),
            "transactionid": values["transactionid"] or NOBODY,
            "attributemask": values["attributemask"],
            "useradditionalinfo": values["useradditionalinfo"],
            "versionnumber": 0,
            "timetoliveinseconds": _FOREVER if days is None else days * _DAY,
        }

    def _labelled(self, name: str, value: Any, shown: Any) -> Json:
        if value is None or not self._preferences.wants(FORMATTED_VALUE):
            return {name: shown}
        column = self._environment.tables["audit"].definition.by_name[name]
        return {f"{name}@{FORMATTED_VALUE}": self._values.label(column, value), name: shown}

    def _lookup(self, name: str, row_id: str | None, table: str | None) -> Json:
        """Never with a navigation property: audit rows have none to show (reference 7.2)."""
        key = f"_{name}_value"
        if row_id is None:
            return {key: None}
        stored = self._environment.tables.get(table) if table else None
        label = stored.name_by_id.get(row_id) if stored and self._preferences.wants(FORMATTED_VALUE) else None
        found: Json = {} if label is None or name == "objectid" else {f"{key}@{FORMATTED_VALUE}": label}
        if table and self._preferences.wants(LOOKUP_TABLE):
            found[f"{key}@{LOOKUP_TABLE}"] = table
        return {**found, key: row_id}


def _removed(names: list[str]) -> Json:
    """Columns that the table has lost; they have no number any more."""
    return {"Count": len(names), "Keys": list(range(len(names))), "Values": names} if names else dict(_NO_COLUMNS)


def _told(kind: str, row: AuditRow) -> Json:
    """What a row tells that is no change of columns; a row without such text tells nothing."""
    try:
        told = msgspec.json.decode(row.values["changedata"] or "{}")
    except msgspec.DecodeError:
        told = {}
    told = told if isinstance(told, dict) else {}
    if kind == "Share":
        principal = _entity(told.get("principal"))
        return {"OldPrivileges": told.get("oldPrivileges"), "NewPrivileges": told.get("newPrivileges"),
                "Principal": principal}  # fmt: skip
    if kind == "Relationship":
        targets = [_entity(text) for text in told.get("targetRecords", [])]
        return {"RelationshipName": told.get("relationshipName"), "TargetRecords": targets}
    if kind == "UserAccess":
        return {"AccessTime": wire_moment(row.created), "Interval": told.get("interval", 0)}
    return {"OldRolePrivileges": told.get("oldRolePrivileges", []),
            "NewRolePrivileges": told.get("newRolePrivileges", [])}  # fmt: skip


def _entity(text: str | None) -> Json | None:
    """A row named as `table,guid`."""
    if not text:
        return None
    table, _, row_id = text.partition(",")
    return {"@odata.type": f"#{NAMESPACE}.{table}", f"{table}id": row_id}
