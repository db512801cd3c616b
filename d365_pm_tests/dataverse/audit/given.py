"""Tables, rows and answers of an audited environment, as the reference shows them (sections 7.2 to 7.5)."""

import json
from typing import Any

from d365_pm.dataverse.metadata import Attribute, Definition

TARGET = "@Microsoft.Dynamics.CRM.lookuplogicalname"
CASE = "7b1c9d40-aaaa-4e5f-8a9b-000000000001"
USER = "4026be43-6b69-e111-8f65-000000000001"
TEAM = "39e0dbe4-131b-e111-ba7e-000000000002"

_TYPES = {
    "incidentid": "Uniqueidentifier",
    "ownerid": "Owner",
    "customerid": "Customer",
    "subjectid": "Lookup",
    "statuscode": "Status",
    "statecode": "State",
    "prioritycode": "Picklist",
    "isescalated": "Boolean",
    "title": "String",
    "description": "Memo",
    "new_cost": "Money",
    "new_cost_base": "Money",
    "new_share": "Decimal",
    "new_ratio": "Double",
    "new_count": "Integer",
    "escalatedon": "DateTime",
}


def definition(table: str, key: str, types: dict[str, str]) -> Definition:
    attributes = {
        name: Attribute(name, kind, is_readable=True, is_secured=False, is_audited=True, is_custom=False)
        for name, kind in types.items()
    }
    return Definition(table, f"{table}s", key, True, True, attributes)


DEFINITIONS = (
    definition("incident", "incidentid", _TYPES),
    definition("queueitem", "queueitemid", {"workerid": "Owner", "objectid": "Lookup", "queueid": "Lookup"}),
)


def changedata(*changes: tuple[str, Any, Any]) -> str:
    """The column's text, attributes in the order given."""
    return json.dumps(
        {"changedAttributes": [{"logicalName": name, "oldValue": old, "newValue": new} for name, old, new in changes]}
    )


def canonical(*changes: tuple[str, str | None, str | None]) -> str:
    """The common form, put together by hand."""
    parts = [
        f'{{"logicalName":{_json(name)},"oldValue":{_json(old)},"newValue":{_json(new)}}}' for name, old, new in changes
    ]
    return '{"changedAttributes":[' + ",".join(parts) + "]}"


def attribute_detail(old: dict[str, Any], new: dict[str, Any], **others: Any) -> dict[str, Any]:
    """An `AttributeAuditDetail`."""
    bag = {"@odata.type": "#Microsoft.Dynamics.CRM.incident"}
    return {
        "@odata.type": "#Microsoft.Dynamics.CRM.AttributeAuditDetail",
        "InvalidNewValueAttributes": [],
        "LocLabelLanguageCode": 0,
        "DeletedAttributes": {"Count": 0, "Keys": [], "Values": []},
        "OldValue": bag | old,
        "NewValue": bag | new,
    } | others


def lookup(name: str, table: str, key: str) -> dict[str, str]:
    """A lookup as an entity of the Web API holds it."""
    return {
        f"_{name}_value@OData.Community.Display.V1.FormattedValue": "Somebody",
        f"_{name}_value@Microsoft.Dynamics.CRM.associatednavigationproperty": name,
        f"_{name}_value{TARGET}": table,
        f"_{name}_value": key,
    }


def _json(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)
