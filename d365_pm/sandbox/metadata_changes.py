"""`RetrieveMetadataChanges`: the definitions that changed since a stamp (Web API reference 8).

Belongs here: the subset that finds schema drift: tables by name, chosen properties of tables and columns, removed
columns. Does not belong here: the definitions themselves (`definitions.py`). How the platform writes the lists of
removed ids is not documented; here each is a list of GUIDs.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from d365_pm.sandbox.answers import Answer, json_answer
from d365_pm.sandbox.call import Call
from d365_pm.sandbox.change_tracking import DeltaToken, expired, organization_days
from d365_pm.sandbox.definitions import Definition, column_definitions, table_definition
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.errors import INVALID_ARGUMENT, ApiError, bad_request
from d365_pm.sandbox.formats import Formats
from d365_pm.sandbox.options import parameters
from d365_pm.sandbox.schema import Table
from d365_pm.sandbox.stored import stable_id

_CALL = re.compile(r"RetrieveMetadataChanges\((.*)\)", re.DOTALL)
_ARGUMENT = re.compile(r"\s*(\w+)=(@\w+|'[^']*'|\{.*?\}(?=,\w+=|$)|[^,]*)\s*,?", re.DOTALL)
_USUAL_DAYS = 90
_FEWEST = ("LogicalName", "MetadataId", "HasChanged")


def answer_metadata_changes(environment: Environment, call: Call) -> Answer | None:
    """Answer a call of the function; None when the path names another.

    Raises:
        ApiError: The query cannot be read, or the stamp is no longer good.
    """
    match = _CALL.fullmatch(call.path)
    if match is None:
        return None
    now = DeltaToken.now(environment)
    given = parameters(call.query)
    found = {name: given.get(text, text) for name, text in _ARGUMENT.findall(match[1])}
    query = _query(found.get("Query", "{}"))
    stamp = _stamp(environment, found.get("ClientVersionStamp", "").strip("'"))
    context = f"{call.base}/$metadata#Microsoft.Dynamics.CRM.RetrieveMetadataChangesResponse"
    removed = [] if stamp is None else _removed(environment, stamp)
    return json_answer(
        {
            "@odata.context": context,
            "ServerVersionStamp": now.text,
            "EntityMetadata": _changed(environment, query, stamp),
            "DeletedMetadata": {
                "Count": len(removed) and 1,
                "IsReadOnly": False,
                "Keys": ["Attribute"] if removed else [],
                "Values": [removed] if removed else [],
            },
        }
    )


def _query(text: str) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        raise bad_request("The argument Query must be an EntityQueryExpression.", code=INVALID_ARGUMENT) from None


def _stamp(environment: Environment, text: str) -> DeltaToken | None:
    """The client's stamp; None for a first call."""
    if text in ("", "null"):
        return None
    status = environment.switches.expired_token_status
    try:
        stamp = DeltaToken.read(text)
    except ApiError:
        raise expired(status) from None
    days = organization_days(environment, "expiresubscriptionsindays", _USUAL_DAYS)
    age = environment.clock() - stamp.at
    if age.total_seconds() > days * 86_400 or stamp.version > environment.version_number:
        raise expired(status)
    return stamp


def _changed(environment: Environment, query: Mapping[str, Any], stamp: DeltaToken | None) -> list[Definition]:
    """The tables that the query wants and that changed, each with its columns that did."""
    formats = Formats(environment.switches.user_language, environment.switches.user_time_zone)
    names = _wanted_names(query)
    shown: list[Definition] = []
    for name, stored in environment.tables.items():
        if (names is not None and name not in names) or (stamp is not None and stored.altered <= stamp.version):
            continue
        definition = table_definition(stored.definition, formats) | {"HasChanged": stamp is not None or None}
        chosen = _chosen(definition, query.get("Properties"))
        if _wants(query.get("Properties"), "Attributes"):
            chosen["Attributes"] = _columns(environment, stored.definition, query, stamp, formats)
        shown.append(chosen)
    return shown


def _columns(
    environment: Environment, table: Table, query: Mapping[str, Any], stamp: DeltaToken | None, formats: Formats
) -> list[Definition]:
    properties = (query.get("AttributeQuery") or {}).get("Properties")
    added = {
        change.column
        for change in environment.schema_changes
        if stamp is not None and change.table == table.name and change.version > stamp.version
    }
    return [
        _chosen(each | {"HasChanged": stamp is not None or None}, properties)
        for each in column_definitions(table, formats)
        if stamp is None or each["LogicalName"] in added or each["AttributeOf"] in added
    ]


def _chosen(definition: Definition, properties: Mapping[str, Any] | None) -> Definition:
    if properties is None or properties.get("AllProperties"):
        return {name: value for name, value in definition.items() if name not in ("OptionSet", "GlobalOptionSet")}
    names = dict.fromkeys((*_FEWEST, *properties.get("PropertyNames", ())))
    return {name: definition[name] for name in names if name in definition}


def _wants(properties: Mapping[str, Any] | None, name: str) -> bool:
    return properties is None or bool(properties.get("AllProperties")) or name in properties.get("PropertyNames", ())


def _wanted_names(query: Mapping[str, Any]) -> frozenset[str] | None:
    """Logical names that the criteria allow; None for all.

    Raises:
        ApiError: A condition that is not about names.
    """
    names: frozenset[str] | None = None
    for condition in (query.get("Criteria") or {}).get("Conditions", ()):
        if condition.get("PropertyName") != "LogicalName" or condition.get("ConditionOperator") not in ("Equals", "In"):
            raise bad_request("The sandbox finds tables by LogicalName, with Equals or In.", code=INVALID_ARGUMENT)
        value = (condition.get("Value") or {}).get("Value")
        found = frozenset([value] if isinstance(value, str) else value or ())
        names = found if names is None else names & found
    return names


def _removed(environment: Environment, stamp: DeltaToken) -> list[str]:
    """`MetadataId` of the columns that were removed since."""
    return [
        stable_id("column", change.table, change.column)
        for change in environment.schema_changes
        if change.is_removal and change.version > stamp.version
    ]
