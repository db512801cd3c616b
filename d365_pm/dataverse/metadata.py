"""What an environment offers of a table: its set, its columns, their types and audit switches.

Belongs here: asking `EntityDefinitions`. Does not belong here: joining the answer with the registry (`shaping.py`) and
labels (`labels.py`). Tables are addressed by key and one by one: environments were seen that refuse every `$filter` on
the catalogue, and the whole catalogue is what broke other clients (reference 8).
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.errors import AddressError, RequestRefusedError
from d365_pm.dataverse.query import build_url
from d365_pm.dataverse.registry import Kind
from d365_pm.dataverse.reply import json_object
from d365_pm.dataverse.shape import RAW_TYPES

logger = logging.getLogger(__name__)

_TABLE = ("LogicalName", "EntitySetName", "PrimaryIdAttribute", "ChangeTrackingEnabled", "IsAuditEnabled")
_COLUMN = (
    "LogicalName",
    "AttributeType",
    "AttributeOf",
    "IsValidForRead",
    "IsSecured",
    "IsAuditEnabled",
    "IsCustomAttribute",
)
_LOOKUPS = frozenset({"Lookup", "Customer", "Owner"})
_UNREADABLE = frozenset({"Virtual", "PartyList", "CalendarRules", "ManagedProperty"})
_WIRE = {
    "Boolean": pa.bool_(),
    "Integer": pa.int32(),
    "Picklist": pa.int32(),
    "State": pa.int32(),
    "Status": pa.int32(),
    "BigInt": pa.int64(),
    "Decimal": RAW_TYPES[Kind.DECIMAL],
    "Money": RAW_TYPES[Kind.DECIMAL],
    "Double": pa.float64(),
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column as the environment defines it.

    Attributes:
        name: Logical name.
        type: Dataverse's attribute type, such as `Picklist`.
        is_readable: It can stand in a `$select`.
        is_secured: Under column-level security.
        is_audited: Its changes are recorded if those of its table are.
        is_custom: Added by this organisation or a solution.
    """

    name: str
    type: str
    is_readable: bool
    is_secured: bool
    is_audited: bool
    is_custom: bool

    @property
    def source(self) -> str:
        """Web API property that holds it."""
        return f"_{self.name}_value" if self.type in _LOOKUPS else self.name

    @property
    def wire(self) -> pa.DataType:
        """Arrow type of its JSON values."""
        return _WIRE.get(self.type, pa.string())


@dataclass(frozen=True, slots=True)
class Definition:
    """A table as the environment defines it.

    Attributes:
        name: Logical name.
        entity_set: Name in the URL.
        key: Logical name of the primary key.
        is_audited: Changes of its rows are recorded.
        is_change_tracked: It answers what has changed since a token.
        attributes: By logical name.
    """

    name: str
    entity_set: str
    key: str
    is_audited: bool
    is_change_tracked: bool
    attributes: Mapping[str, Attribute]


async def read_definition(connection: Connection, name: str) -> Definition | None:
    """Read the definition of one table.

    Returns:
        None if the environment does not answer for this table. That alone does not say that it lacks the table.

    Raises:
        DataverseError: Anything but a refusal.
    """
    entity = f"EntityDefinitions(LogicalName='{name}')"
    try:
        table, columns = await asyncio.gather(
            connection.get(build_url(connection.base, entity, select=_TABLE), parse=json_object),
            connection.get(build_url(connection.base, f"{entity}/Attributes", select=_COLUMN), parse=json_object),
        )
    except (RequestRefusedError, AddressError) as error:
        logger.info("The environment gives no definition of the table %s: %s", name, error)
        return None
    attributes = {item["LogicalName"]: _attribute(item) for item in columns.get("value", ()) if "LogicalName" in item}
    if not attributes or not table.get("EntitySetName"):
        return None
    return Definition(
        name=name,
        entity_set=table["EntitySetName"],
        key=table.get("PrimaryIdAttribute") or "",
        is_audited=switch(table.get("IsAuditEnabled")),
        is_change_tracked=switch(table.get("ChangeTrackingEnabled")),
        attributes=attributes,
    )


def switch(value: Any) -> bool:
    """State of a switch: plain, or the `Value` of a managed property, which as an object would always count as true."""
    return bool(value.get("Value")) if isinstance(value, dict) else bool(value)


def _attribute(item: Mapping[str, Any]) -> Attribute:
    kind = str(item.get("AttributeType") or "String")
    readable = switch(item.get("IsValidForRead", True)) and not item.get("AttributeOf") and kind not in _UNREADABLE
    return Attribute(
        name=item["LogicalName"],
        type=kind,
        is_readable=readable,
        is_secured=switch(item.get("IsSecured")),
        is_audited=switch(item.get("IsAuditEnabled")),
        is_custom=switch(item.get("IsCustomAttribute")),
    )
