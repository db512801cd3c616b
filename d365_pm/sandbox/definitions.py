"""Tables and columns as metadata objects: what `EntityDefinitions` shows of them.

Belongs here: one definition to one JSON object (Web API reference 8). Does not belong here: paths and options
(`metadata_api.py`). Besides the stored columns every choice and lookup has its label column, which cannot be selected.
"""

from collections.abc import Iterator
from typing import Any

from d365_pm.sandbox.formats import Formats
from d365_pm.sandbox.schema import LANGUAGES, AttributeType, Column, Option, Table
from d365_pm.sandbox.stored import stable_id

_TYPED = "#Microsoft.Dynamics.CRM."
_CASTS = {kind: f"{kind}AttributeMetadata" for kind in AttributeType} | {
    AttributeType.CUSTOMER: "LookupAttributeMetadata",
    AttributeType.OWNER: "LookupAttributeMetadata",
    AttributeType.UNIQUEIDENTIFIER: "UniqueIdentifierAttributeMetadata",
}

Definition = dict[str, Any]


def table_definition(table: Table, formats: Formats) -> Definition:
    """`EntityMetadata` of a table."""
    return {
        "MetadataId": table_metadata_id(table),
        "LogicalName": table.name,
        "SchemaName": table.name,
        "LogicalCollectionName": table.entity_set,
        "EntitySetName": table.entity_set,
        "PrimaryIdAttribute": table.key,
        "PrimaryNameAttribute": table.primary_name,
        "ObjectTypeCode": table.object_type_code,
        "DisplayName": _label(table.display_name, table.display_name, formats.language),
        "TableType": table.table_type,
        "IsActivity": table.is_activity,
        "IsCustomEntity": "_" in table.name,
        "IsManaged": True,
        "ChangeTrackingEnabled": table.has_change_tracking,
        "CanChangeTrackingBeEnabled": _managed(True, "canchangetrackingbeenabled"),
        "IsAuditEnabled": _managed(table.is_audited, "canmodifyauditsettings"),
        "Privileges": [_read_privilege(table)],
    }


def _read_privilege(table: Table) -> Definition:
    is_owned = "ownerid" in table.by_name
    return {
        "CanBeBasic": is_owned,
        "CanBeLocal": is_owned,
        "CanBeDeep": is_owned,
        "CanBeGlobal": True,
        "Name": table.read_privilege,
        "PrivilegeId": stable_id("privilege", table.read_privilege.lower()),
        "PrivilegeType": "Read",
    }


def table_metadata_id(table: Table) -> str:
    """`MetadataId` of a table."""
    return stable_id("table", table.name)


def column_definitions(table: Table, formats: Formats) -> Iterator[Definition]:
    """`AttributeMetadata` of every column, label columns behind their own."""
    for number, column in enumerate(table.columns, start=1):
        yield _column_definition(table, column, number, formats)
        if column.type.is_choice or column.type.is_lookup or column.type is AttributeType.BOOLEAN:
            yield _label_column(table, column, len(table.columns) + number)


def cast_name(column_type: AttributeType) -> str:
    """Name of the derived metadata type, such as `PicklistAttributeMetadata`."""
    return _CASTS[column_type]


def _column_definition(table: Table, column: Column, number: int, formats: Formats) -> Definition:
    base = _base(table, column.name, column.type, number) | {
        "@odata.type": f"{_TYPED}{cast_name(column.type)}",
        "AttributeTypeName": {"Value": f"{column.type}Type"},
        "IsValidForRead": column.is_readable,
        "IsCustomAttribute": column.is_custom,
        "IsPrimaryId": column.name == table.key,
        "IsPrimaryName": column.name == table.primary_name,
        "IsSecured": column.is_secured,
        "IsAuditEnabled": _managed(_is_recorded(table, column), "canmodifyauditsettings"),
    }
    return base | _details(table, column, formats)


def _is_recorded(table: Table, column: Column) -> bool:
    is_system = column.type in (AttributeType.UNIQUEIDENTIFIER, AttributeType.BIG_INTEGER)
    return table.is_audited and column.is_audited and not is_system


def _details(table: Table, column: Column, formats: Formats) -> Definition:
    """What only the derived type of a column has."""
    if column.type.is_lookup:
        return {"Targets": list(column.targets)}
    if column.type is AttributeType.DATE_TIME:
        is_day = column.is_day or column.has_day_format
        return {
            "Format": "DateOnly" if is_day else "DateAndTime",
            "DateTimeBehavior": {"Value": _behaviour(column)},
        }
    if column.type.is_choice or column.type is AttributeType.BOOLEAN:
        return {"OptionSet": _option_set(table, column, formats), "GlobalOptionSet": None}
    return {}


def _behaviour(column: Column) -> str:
    if column.is_day:
        return "DateOnly"
    return "TimeZoneIndependent" if column.is_zone_independent else "UserLocal"


def _label_column(table: Table, column: Column, number: int) -> Definition:
    kind = "String" if column.type.is_lookup else "Virtual"
    return _base(table, f"{column.name}name", kind, number) | {
        "@odata.type": f"{_TYPED}AttributeMetadata" if kind == "Virtual" else f"{_TYPED}StringAttributeMetadata",
        "AttributeTypeName": {"Value": f"{kind}Type"},
        "AttributeOf": column.name,
        "IsLogical": True,
        "IsAuditEnabled": _managed(False, "canmodifyauditsettings"),
    }


def _base(table: Table, name: str, kind: str, number: int) -> Definition:
    return {
        "@odata.type": "",
        "MetadataId": stable_id("column", table.name, name),
        "LogicalName": name,
        "SchemaName": name,
        "EntityLogicalName": table.name,
        "AttributeType": str(kind),
        "AttributeOf": None,
        "ColumnNumber": number,
        "IsValidForRead": True,
        "IsLogical": False,
        "IsSecured": False,
        "IsCustomAttribute": False,
        "IsPrimaryId": False,
        "IsPrimaryName": False,
    }


def _option_set(table: Table, column: Column, formats: Formats) -> Definition:
    base = {"MetadataId": stable_id("options", table.name, column.name), "Name": f"{table.name}_{column.name}"}
    options = {option.code: _option(option, column, formats) for option in column.options}
    if column.type is AttributeType.BOOLEAN:
        return base | {"FalseOption": options.get(0), "TrueOption": options.get(1)}
    return base | {"IsGlobal": False, "Options": list(options.values())}


def _option(option: Option, column: Column, formats: Formats) -> Definition:
    shown: Definition = {"Value": option.code}
    if column.type is AttributeType.STATUS:
        shown |= {"State": option.state, "TransitionData": None}
    return shown | {
        "Color": None,
        "IsManaged": True,
        "MetadataId": None,
        "HasChanged": None,
        "Label": _label(option.english, option.portuguese, formats.language),
        "Description": {"LocalizedLabels": [], "UserLocalizedLabel": None},
    }


def _label(english: str, portuguese: str, user_language: int) -> Definition:
    texts = dict(zip(LANGUAGES, (english, portuguese), strict=True))
    labels = {language: _localized(text, language) for language, text in texts.items()}
    return {"LocalizedLabels": list(labels.values()), "UserLocalizedLabel": labels.get(user_language)}


def _localized(text: str, language: int) -> Definition:
    return {
        "Label": text,
        "LanguageCode": language,
        "IsManaged": True,
        "MetadataId": stable_id("label", text, language),
        "HasChanged": None,
    }


def _managed(value: bool, name: str) -> Definition:
    """A managed property: an object, which as such always counts as true (reference 7.1)."""
    return {"Value": value, "CanBeChanged": True, "ManagedPropertyLogicalName": name}
