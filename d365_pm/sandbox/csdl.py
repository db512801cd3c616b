"""`$metadata`: the environment as a CSDL document, with exactly the selectable properties (Web API reference 8)."""

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import quoteattr

from d365_pm.sandbox.operands import edm_type
from d365_pm.sandbox.schema import Table
from d365_pm.sandbox.stored import StoredTable

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
)
_TAIL = "</Schema></edmx:DataServices></edmx:Edmx>"
_TRACKED = (
    '<Annotation Term="Org.OData.Capabilities.V1.ChangeTracking"><Record>'
    '<PropertyValue Property="Supported" Bool="true" /></Record></Annotation>'
)


def metadata_document(tables: Mapping[str, StoredTable], *, has_annotations: bool) -> bytes:
    """The document; with annotations it also says which sets track changes."""
    definitions = [table.definition for table in tables.values()]
    parts = [_HEAD, *(_entity_type(table, tables) for table in definitions)]
    parts.append('<EntityContainer Name="System">')
    parts.extend(_entity_set(table, has_annotations=has_annotations) for table in definitions)
    parts.extend(("</EntityContainer>", _TAIL))
    return "".join(parts).encode()


def _entity_type(table: Table, tables: Mapping[str, StoredTable]) -> str:
    properties = "".join(
        f'<Property Name="{column.wire_name}" Type="{edm_type(column)}" />'
        for column in table.columns
        if column.is_readable
    )
    return (
        f'<EntityType Name="{table.name}"><Key><PropertyRef Name="{table.key}" /></Key>'
        f"{properties}{''.join(_navigations(table, tables))}</EntityType>"
    )


def _navigations(table: Table, tables: Mapping[str, StoredTable]) -> Iterator[str]:
    seen: set[str] = set()
    for column in table.columns:
        for target in column.targets:
            name = table.navigation(column, target)
            if target not in tables or name in seen:
                continue
            seen.add(name)
            kind = "principal" if column.type == "Owner" else target
            constraint = (
                f'<ReferentialConstraint Property="{column.wire_name}" ReferencedProperty="{_key(tables, target)}" />'
            )
            yield f'<NavigationProperty Name={quoteattr(name)} Type="mscrm.{kind}">{constraint}</NavigationProperty>'
    for name, (related, _) in table.collections.items():
        if related in tables:
            yield f'<NavigationProperty Name={quoteattr(name)} Type="Collection(mscrm.{related})" />'


def _key(tables: Mapping[str, StoredTable], name: str) -> str:
    return tables[name].definition.key


def _entity_set(table: Table, *, has_annotations: bool) -> str:
    inside = _TRACKED if has_annotations and table.has_change_tracking else ""
    return f'<EntitySet Name="{table.entity_set}" EntityType="Microsoft.Dynamics.CRM.{table.name}">{inside}</EntitySet>'
