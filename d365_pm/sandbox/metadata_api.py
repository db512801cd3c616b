"""`EntityDefinitions`: tables, columns and option labels as the environment describes them.

Belongs here: paths below `EntityDefinitions` and their options (Web API reference 8). Does not belong here: the objects
themselves (`definitions.py`) and the CSDL document (`csdl.py`). The catalogue never pages and `$top` has no effect.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from d365_pm.sandbox.answers import Answer, json_answer
from d365_pm.sandbox.audit_definitions import audited_columns, audited_table
from d365_pm.sandbox.definitions import (
    Definition,
    cast_name,
    column_definitions,
    table_definition,
    table_metadata_id,
)
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.errors import NO_RECORD, ApiError, bad_request, unknown_segment, unsupported_option
from d365_pm.sandbox.formats import Formats
from d365_pm.sandbox.metadata_filter import matches, parse_condition
from d365_pm.sandbox.options import Expansion, QueryOptions, parse_options
from d365_pm.sandbox.schema import AttributeType, Column, Table

_KEY = r"(?:\((?P<{0}>[^()]*)\))"
_PATH = re.compile(
    rf"EntityDefinitions{_KEY.format('table')}?"
    rf"(?:/(?P<part>Attributes|ManyToOneRelationships){_KEY.format('column')}?(?:/(?P<cast>[\w.]+))?)?"
)
_NAMESPACE = "Microsoft.Dynamics.CRM."
_TYPED_ONLY = frozenset({"OptionSet", "GlobalOptionSet", "Targets", "Format", "DateTimeBehavior"})
_UNUSED_CASTS = frozenset({
    "MultiSelectPicklistAttributeMetadata", "MoneyAttributeMetadata", "ImageAttributeMetadata", "FileAttributeMetadata",
})  # fmt: skip
"""Derived types of the platform that no column of the sandbox has."""


class MetadataApi:
    """Answers requests for definitions."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._switches = environment.switches
        self._formats = Formats(self._switches.user_language, self._switches.user_time_zone)

    def answer(self, base: str, path: str, query: str) -> Answer:
        """`GET EntityDefinitions...`.

        Raises:
            ApiError: An unknown path, table, column, property or option.
        """
        match = _PATH.fullmatch(path)
        if match is None:
            raise unknown_segment(path.rpartition("/")[2])
        options = parse_options(query)
        if match["table"] is None:
            return self._catalogue(base, options)
        table = self._table(match["table"])
        context = f"{base}/$metadata#EntityDefinitions"
        if match["part"] is None:
            definition = self._definition(table)
            return _entity(f"{context}/$entity", self._with_attributes(_chosen(definition, options), table, options))
        if match["part"] == "ManyToOneRelationships":
            return _list(f"{context}('{table.name}')/ManyToOneRelationships", _relationships(table), options)
        context = f"{context}('{table.name}')/Attributes"
        return self._attributes(context, table, options, column=match["column"], cast=match["cast"])

    def _catalogue(self, base: str, options: QueryOptions) -> Answer:
        tables = [stored.definition for stored in self._environment.tables.values()]
        definitions = [(table, self._definition(table)) for table in tables]
        if options.filter is not None:
            if not self._switches.filters_definitions:
                raise unsupported_option("$filter")
            condition = parse_condition(options.filter)
            definitions = [pair for pair in definitions if matches(pair[1], condition)]
        shown = [self._with_attributes(_chosen(each, options), table, options) for table, each in definitions]
        return json_answer({"@odata.context": f"{base}/$metadata#EntityDefinitions", "value": shown})

    def _table(self, key: str) -> Table:
        name = key.removeprefix("LogicalName=").strip("'")
        for stored in self._environment.tables.values():
            table = stored.definition
            if name in (table.name, table_metadata_id(table)):
                return table
        raise ApiError(404, NO_RECORD, f"Could not find an entity with name {name} and id {'0' * 8}.")

    def _definition(self, table: Table) -> Definition:
        return table_definition(audited_table(table, self._switches), self._formats)

    def _columns(self, table: Table) -> Iterator[Definition]:
        return column_definitions(audited_columns(table, self._switches), self._formats)

    def _with_attributes(self, definition: Definition, table: Table, options: QueryOptions) -> Definition:
        for expansion in options.expand:
            columns = [_selected(each, expansion.select) for each in self._columns(table)]
            definition |= {"Attributes": [_without_details(column) for column in columns]}
        return definition

    def _attributes(
        self, context: str, table: Table, options: QueryOptions, *, column: str | None, cast: str | None
    ) -> Answer:
        definitions: Iterable[Definition] = self._columns(table)
        if cast is not None:
            wanted = _cast_types(cast)
            definitions = [each for each in definitions if each["AttributeType"] in wanted and not each["AttributeOf"]]
            context = f"{context}/{cast}"
        else:
            definitions = [_without_details(each) for each in definitions]
        if column is None:
            return _list(context, definitions, options)
        name = column.removeprefix("LogicalName=").strip("'")
        for each in definitions:
            if name in (each["LogicalName"], each["MetadataId"]):
                return _entity(f"{context}/$entity", _chosen(each, options))
        raise ApiError(404, NO_RECORD, f"Could not find an attribute with name {name}.")


def _cast_types(cast: str) -> frozenset[str]:
    name = cast.removeprefix(_NAMESPACE)
    types = frozenset(str(kind) for kind in AttributeType if cast_name(kind) == name)
    if not (types or name in _UNUSED_CASTS) or not cast.startswith(_NAMESPACE):
        raise unknown_segment(cast)
    return types


def _without_details(definition: Definition) -> Definition:
    """The base properties, which is all that an uncast column shows."""
    return {name: value for name, value in definition.items() if name not in _TYPED_ONLY}


def _chosen(definition: Definition, options: QueryOptions) -> Definition:
    chosen = _selected(definition, options.select)
    chosen = {name: value for name, value in chosen.items() if name not in ("OptionSet", "GlobalOptionSet")}
    for expansion in options.expand:
        if expansion.navigation in definition:
            chosen[expansion.navigation] = _expanded(definition[expansion.navigation], expansion)
        elif "AttributeType" in definition or expansion.navigation != "Attributes":
            raise _unknown(expansion.navigation, _kind(definition))
    return chosen


def _expanded(value: Any, expansion: Expansion) -> Any:
    return _selected(value, expansion.select) if isinstance(value, dict) else value


def _selected(definition: Definition, select: tuple[str, ...]) -> Definition:
    """The chosen properties; `MetadataId` always comes along."""
    if not select:
        return dict(definition)
    for name in select:
        if name not in definition and name not in ("Options", "TrueOption", "FalseOption"):
            raise _unknown(name, _kind(definition))
    kept = ("@odata.type", *select, "MetadataId")
    return {name: definition[name] for name in dict.fromkeys(kept) if name in definition}


def _kind(definition: Definition) -> str:
    return "AttributeMetadata" if "AttributeType" in definition else "EntityMetadata"


def _unknown(name: str, kind: str) -> ApiError:
    return bad_request(f"Could not find a property named '{name}' on type '{_NAMESPACE}{kind}'.")


def _relationships(table: Table) -> list[Definition]:
    """Each lookup towards each of its targets."""
    return [
        {
            "SchemaName": f"{table.name}_{column.name}_{target}",
            "ReferencingEntity": table.name,
            "ReferencingAttribute": column.name,
            "ReferencedEntity": target,
            "ReferencingEntityNavigationPropertyName": table.navigation(column, target),
            "MetadataId": table_metadata_id(table),
        }
        for column, target in _links(table)
    ]


def _links(table: Table) -> list[tuple[Column, str]]:
    return [(column, target) for column in table.columns if column.type.is_lookup for target in column.targets]


def _entity(context: str, definition: Definition) -> Answer:
    return json_answer({"@odata.context": context, **definition})


def _list(context: str, definitions: Iterable[Definition], options: QueryOptions) -> Answer:
    if options.filter is not None:
        condition = parse_condition(options.filter)
        definitions = [each for each in definitions if matches(each, condition)]
    return json_answer({"@odata.context": context, "value": [_chosen(each, options) for each in definitions]})
