"""Details that are no list of changed columns: links, shares and whatever else the platform records.

They are kept as they came, without the audit row, which the list has told, and without annotations. Only links, which
models read, are brought into the short form that lookups have: how `changedata` writes them is not documented.
"""

from typing import Any

import msgspec

from d365_pm.dataverse.audit.entry import NOTHING, Entry, Payload

NAMESPACE = "#Microsoft.Dynamics.CRM."

_TYPE = "@odata.type"
_LINK = f"{NAMESPACE}RelationshipAuditDetail"
# Numbers as text: they are kept, not counted with.
_DECODER = msgspec.json.Decoder(float_hook=str)


def opaque(content: bytes | msgspec.Raw) -> Entry:
    """The entry of an element of the detail functions that holds no changed columns."""
    found = _DECODER.decode(content)
    if not isinstance(found, dict):
        return Entry(bytes(content).decode(), Payload.OPAQUE)
    if found.get(_TYPE) == _LINK:
        kept = {"relationshipName": found.get("RelationshipName"), "targetRecords": _targets(found)}
    else:
        kept = {name: found[name] for name in sorted(found) if name == _TYPE or _is_told(name)}
    if not any(value for name, value in kept.items() if name != _TYPE):
        return NOTHING
    return Entry(msgspec.json.encode(kept).decode(), Payload.OPAQUE)


def _is_told(name: str) -> bool:
    return name != "AuditRecord" and not name.startswith("@")


def _targets(found: dict[str, Any]) -> list[str]:
    """The linked records as `table,guid`."""
    targets = []
    for record in found.get("TargetRecords") or ():
        table = str(record.get(_TYPE, "")).removeprefix(NAMESPACE)
        ids = [str(value) for name, value in record.items() if name == f"{table}id"]
        # Activities are keyed by activityid, whatever their table.
        others = [str(value) for name, value in record.items() if name.endswith("id") and "@" not in name]
        targets.append(",".join([table, *(ids or others)[:1]]))
    return targets
