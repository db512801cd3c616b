"""Facts about columns as rows: option labels in every language, and what is audited.

They become raw tables beside those of the registry. Taken from typed metadata by explicit language code, never from
formatted values, which follow the calling user's language (reference 4).
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.errors import AddressError, RequestRefusedError
from d365_pm.dataverse.metadata import Definition
from d365_pm.dataverse.query import build_url
from d365_pm.dataverse.registry import EVERY_TABLE
from d365_pm.dataverse.reply import json_object

logger = logging.getLogger(__name__)

OPTION_LABEL = pa.schema(
    [
        ("table_name", pa.string()),
        ("column_name", pa.string()),
        ("code", pa.int32()),
        ("language", pa.int32()),
        ("label", pa.string()),
        ("state", pa.int32()),
    ]
)
"""One row per option and language; `state` only for the options of a status column."""

ATTRIBUTE_METADATA = pa.schema(
    [
        ("table_name", pa.string()),
        ("column_name", pa.string()),
        ("attribute_type", pa.string()),
        ("is_table_audited", pa.bool_()),
        ("is_audited", pa.bool_()),
        ("is_change_tracked", pa.bool_()),
        ("is_custom", pa.bool_()),
    ]
)
"""One row per column of each table."""

_EXPANSIONS = {
    "Picklist": "OptionSet($select=Options),GlobalOptionSet($select=Options)",
    "State": "OptionSet($select=Options)",
    "Status": "OptionSet($select=Options)",
    "Boolean": "OptionSet($select=TrueOption,FalseOption)",
}

_AT_ONCE = 8


def attribute_rows(definitions: Sequence[Definition]) -> pa.Table:
    """Columns of tables and their switches, as `ATTRIBUTE_METADATA`."""
    rows = [
        {
            "table_name": definition.name,
            "column_name": item.name,
            "attribute_type": item.type,
            "is_table_audited": definition.is_audited,
            "is_audited": item.is_audited,
            "is_change_tracked": definition.is_change_tracked,
            "is_custom": item.is_custom,
        }
        for definition in definitions
        for item in definition.attributes.values()
    ]
    return pa.Table.from_pylist(rows, schema=ATTRIBUTE_METADATA)


async def read_option_labels(connection: Connection, definitions: Sequence[Definition]) -> pa.Table:
    """Labels of the registry's option columns, as `OPTION_LABEL`.

    A kind of option that the environment refuses to list is left out with a warning.
    """
    if not definitions:
        logger.warning("The environment describes none of the tables; options have no labels.")
    slots = asyncio.Semaphore(_AT_ONCE)

    async def read(definition: Definition, kind: str) -> list[dict[str, Any]]:
        async with slots:
            return await _read_kind(connection, definition, kind)

    wanted = [(each, kind) for each in definitions for kind in _EXPANSIONS if _columns(each, kind)]
    found = await asyncio.gather(*(read(definition, kind) for definition, kind in wanted))
    return pa.Table.from_pylist([row for rows in found for row in rows], schema=OPTION_LABEL)


def _columns(definition: Definition, kind: str) -> set[str]:
    wanted = {column.name for column in EVERY_TABLE[definition.name].columns}
    return {item.name for item in definition.attributes.values() if item.type == kind and item.name in wanted}


async def _read_kind(connection: Connection, definition: Definition, kind: str) -> list[dict[str, Any]]:
    path = (
        f"EntityDefinitions(LogicalName='{definition.name}')/Attributes/Microsoft.Dynamics.CRM.{kind}AttributeMetadata"
    )
    url = build_url(connection.base, path, select=("LogicalName",), expand=_EXPANSIONS[kind])
    try:
        answer = await connection.get(url, parse=json_object)
    except (RequestRefusedError, AddressError) as error:
        logger.warning("%s: no labels of its %s columns: %s", definition.name, kind, error)
        return []
    columns = _columns(definition, kind)
    return [
        {"table_name": definition.name, "column_name": item["LogicalName"], **row}
        for item in answer.get("value", ())
        if item.get("LogicalName") in columns
        for row in _rows(item)
    ]


def _rows(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for option in _options(item):
        label = option.get("Label") or {}
        for text in label.get("LocalizedLabels") or ():
            yield {
                "code": option.get("Value"),
                "language": text.get("LanguageCode"),
                "label": text.get("Label"),
                "state": option.get("State"),
            }


def _options(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    own, shared = item.get("OptionSet") or {}, item.get("GlobalOptionSet") or {}
    if "TrueOption" in own or "FalseOption" in own:
        both = ({"Value": 0} | (own.get("FalseOption") or {}), {"Value": 1} | (own.get("TrueOption") or {}))
        return list(both)
    return own.get("Options") or shared.get("Options") or []
