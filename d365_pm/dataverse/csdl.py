"""The service's own description, `$metadata`, as far as a table's selectable properties need it.

The second source of metadata; the first is `metadata.py`. Several MB, so it is parsed as a stream.
"""

import io
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

import pyarrow as pa

from d365_pm.dataverse.errors import GarbledReplyError
from d365_pm.dataverse.registry import Kind
from d365_pm.dataverse.reply import Reply
from d365_pm.dataverse.shape import RAW_TYPES

_EDM = {
    "Edm.Int16": pa.int32(),
    "Edm.Int32": pa.int32(),
    "Edm.Int64": pa.int64(),
    "Edm.Boolean": pa.bool_(),
    "Edm.Decimal": RAW_TYPES[Kind.DECIMAL],
    "Edm.Double": pa.float64(),
}


@dataclass(slots=True)
class EntityType:
    """A type of `$metadata`.

    Attributes:
        base: Name of the type that it extends; activities extend `activitypointer`, users extend `principal`.
        key: Properties of its own key.
        properties: Its own selectable properties with the Arrow type of their JSON values.
    """

    base: str | None = None
    key: list[str] = field(default_factory=list)
    properties: dict[str, pa.DataType] = field(default_factory=dict)


@dataclass(slots=True)
class Csdl:
    """All types and sets of `$metadata`, by logical name."""

    types: dict[str, EntityType] = field(default_factory=dict)
    sets: dict[str, str] = field(default_factory=dict)

    def properties(self, name: str) -> dict[str, pa.DataType]:
        """Selectable properties of a type, inherited ones included."""
        found: dict[str, pa.DataType] = {}
        seen: set[str] = set()
        current: str | None = name
        while current in self.types and current not in seen:
            seen.add(current)
            found = self.types[current].properties | found
            current = self.types[current].base
        return found


def parse_csdl(reply: Reply) -> Csdl:
    """Read `$metadata`.

    Raises:
        GarbledReplyError: No XML, or cut.
    """
    csdl = Csdl()
    try:
        # expat refuses exploding entities since 2.4, and the document comes from the environment that we trust anyway.
        for _, element in ET.iterparse(io.BytesIO(reply.body)):  # noqa: S314
            _collect(element, csdl)
    except ET.ParseError:
        raise GarbledReplyError("$metadata is cut or is no XML.", request_id=reply.request_id) from None
    return csdl


def _collect(element: ET.Element, csdl: Csdl) -> None:
    tag = element.tag.rpartition("}")[2]
    if tag == "EntityType":
        csdl.types[element.get("Name", "")] = _entity_type(element)
        element.clear()
    elif tag == "EntitySet":
        csdl.sets[_local(element.get("EntityType", ""))] = element.get("Name", "")


def _entity_type(element: ET.Element) -> EntityType:
    entity = EntityType(base=_local(element.get("BaseType", "")) or None)
    for child in element.iter():
        tag, name = child.tag.rpartition("}")[2], child.get("Name", "")
        if tag == "PropertyRef":
            entity.key.append(name)
        elif tag == "Property":
            entity.properties[name] = _EDM.get(child.get("Type", ""), pa.string())
    return entity


def _local(name: str) -> str:
    return name.rpartition(".")[2]
