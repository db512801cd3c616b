"""Audited values: from the text that the log keeps to what a row of the Web API would show.

Belongs here: one value of one column (Web API reference 2.2 and 7.3). Does not belong here: the objects around them
(`audit_details.py`).
"""

import datetime as dt
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import polars as pl

from d365_pm.sandbox.conform import MOMENT
from d365_pm.sandbox.formats import Formats
from d365_pm.sandbox.prefer import FORMATTED_VALUE, LOOKUP_TABLE, NAVIGATION, Preferences
from d365_pm.sandbox.schema import AttributeType, Column, Table
from d365_pm.sandbox.stored import StoredTable

_WHOLE = frozenset({
    AttributeType.INTEGER, AttributeType.BIG_INTEGER, AttributeType.PICKLIST, AttributeType.STATE, AttributeType.STATUS,
})  # fmt: skip
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Change:
    """One changed column as the log keeps it; None is an empty value."""

    name: str
    old: str | None
    new: str | None


class _Changed(msgspec.Struct):
    logicalName: str  # noqa: N815 - as in the log
    oldValue: str | None = None  # noqa: N815
    newValue: str | None = None  # noqa: N815


class _Document(msgspec.Struct):
    changedAttributes: list[_Changed]  # noqa: N815


_documents = msgspec.json.Decoder(_Document)


def read_changes(changedata: str | None) -> tuple[Change, ...]:
    """The changed columns of an audit row; none for a row that tells of something else."""
    if not changedata:
        return ()
    try:
        changed = _documents.decode(changedata).changedAttributes
    except (msgspec.DecodeError, msgspec.ValidationError):
        return ()
    return tuple(Change(each.logicalName, each.oldValue, each.newValue) for each in changed)


class UnreadableValueError(Exception):
    """A text that its column cannot hold."""


class ValueWriter:
    """Writes audited values as one request wants them.

    Args:
        tables: The environment's tables, for the names of looked-up rows.
        formats: How the caller sees values.
        preferences: Wanted annotations.
    """

    def __init__(self, tables: Mapping[str, StoredTable], formats: Formats, preferences: Preferences) -> None:
        self._tables = tables
        self._formats = formats
        self._label = preferences.wants(FORMATTED_VALUE)
        self._target = preferences.wants(LOOKUP_TABLE)
        self._navigation = preferences.wants(NAVIGATION)

    def properties(self, table: Table, column: Column, text: str) -> Iterator[tuple[str, Any]]:
        """The property of a value, its annotations before it.

        Raises:
            UnreadableValueError: The text is no value of the column.
        """
        if column.type.is_lookup:
            return self._lookup(table, column, text)
        try:
            value = _value(column, text)
        except (ValueError, KeyError, InvalidOperation):
            raise UnreadableValueError(column.name) from None
        label = self.label(column, value) if self._label else None
        return iter(
            [(f"{column.name}@{FORMATTED_VALUE}", label)] * (label is not None) + [(column.name, _wire(column, value))]
        )

    def _lookup(self, table: Table, column: Column, text: str) -> Iterator[tuple[str, Any]]:
        target, _, row_id = text.rpartition(",")
        target = target or column.targets[0]
        try:
            row_id = str(uuid.UUID(row_id))
        except ValueError:
            raise UnreadableValueError(column.name) from None
        name = column.wire_name
        related = self._tables.get(target)
        label = related.name_by_id.get(row_id) if related and self._label else None
        properties = [(f"{name}@{FORMATTED_VALUE}", label)] if label is not None else []
        if self._navigation and target in column.targets:
            properties.append((f"{name}@{NAVIGATION}", table.navigation(column, target)))
        if self._target:
            properties.append((f"{name}@{LOOKUP_TABLE}", target))
        return iter([*properties, (name, row_id)])

    def label(self, column: Column, value: Any) -> str | None:
        """How the caller sees a value; None for columns without formatted values."""
        if column.options:
            return self._formats.label(column, int(value))
        if column.type in (AttributeType.STRING, AttributeType.MEMO, AttributeType.UNIQUEIDENTIFIER):
            return None
        if column.type is AttributeType.ENTITY_NAME:
            return self._tables[value].definition.display_name if value in self._tables else value
        values = pl.Series("value", [value], dtype=_series_type(column))
        return str(self._formats.series(column, values)[0])


def _series_type(column: Column) -> pl.DataType | None:
    if column.type is AttributeType.DATE_TIME:
        return pl.Date() if column.is_day else MOMENT
    return None


def _value(column: Column, text: str) -> Any:
    """A text as a Python value."""
    if column.type in _WHOLE:
        return int(text)
    if column.type is AttributeType.BOOLEAN:
        return _TRUTHS[text.lower()]
    if column.type is AttributeType.DATE_TIME:
        moment = _moment(text)
        return moment.date() if column.is_day else moment
    if column.type is AttributeType.DOUBLE:
        return float(text)
    if column.type is AttributeType.DECIMAL:
        return Decimal(text)
    return str(uuid.UUID(text)) if column.type is AttributeType.UNIQUEIDENTIFIER else text


def _moment(text: str) -> dt.datetime:
    """ISO or the invariant form; UTC without an offset."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = dt.datetime.strptime(text, "%m/%d/%Y %H:%M:%S").replace(tzinfo=dt.UTC)
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _wire(column: Column, value: Any) -> Any:
    """A value as JSON shows it; decimals keep their digits."""
    if isinstance(value, dt.datetime):
        return wire_moment(value)
    if column.type is AttributeType.DECIMAL:
        text = f"{value:f}"
        return msgspec.Raw(text.encode()) if _NUMBER.fullmatch(text) else float(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def wire_moment(moment: dt.datetime) -> str:
    """An instant as the Web API shows it: whole seconds, whatever is stored."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
