"""One canonical JSON text for the values of an audit row, whichever route they came by.

`{"changedAttributes":[{"logicalName":…,"oldValue":…,"newValue":…}]}`, sorted by name, values written by `values.py`.
Left out on every route, since not every route tells them: the record's own key, base-currency shadows, and columns
whose old and new value are the same.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from d365_pm.dataverse.audit.entry import NOTHING, Entry, Payload
from d365_pm.dataverse.audit.opaque import NAMESPACE, opaque
from d365_pm.dataverse.audit.values import WRITERS, Writer, is_cut, plain, text
from d365_pm.dataverse.metadata import Definition
from d365_pm.dataverse.page import _storable as storable
from d365_pm.dataverse.shape import TARGET_ANNOTATION

_NO_VALUES = "AuditDetail"
_VALUES = "AttributeAuditDetail"


class _Change(msgspec.Struct):
    logical_name: str = msgspec.field(name="logicalName")
    old: str | int | float | bool | None = msgspec.field(default=None, name="oldValue")
    new: str | int | float | bool | None = msgspec.field(default=None, name="newValue")


class _Document(msgspec.Struct):
    changes: list[_Change] = msgspec.field(name="changedAttributes")


class _Removed(msgspec.Struct):
    keys: list[Any] | None = msgspec.field(default=None, name="Keys")


class _Detail(msgspec.Struct):
    kind: str | None = msgspec.field(default=None, name="@odata.type")
    old: dict[str, Any] | None = msgspec.field(default=None, name="OldValue")
    new: dict[str, Any] | None = msgspec.field(default=None, name="NewValue")
    invalid: list[Any] | None = msgspec.field(default=None, name="InvalidNewValueAttributes")
    removed: _Removed | None = msgspec.field(default=None, name="DeletedAttributes")


_DOCUMENT = msgspec.json.Decoder(_Document)
_DETAIL = msgspec.json.Decoder(_Detail, float_hook=Decimal)
_ENCODER = msgspec.json.Encoder()

Pairs = dict[str, tuple[str | None, str | None]]
"""Old and new value by logical name, as plain text."""


class Notation:
    """Writes the values of audit rows as the columns of their tables want it.

    Args:
        definitions: Tables whose rows are audited; values of unknown columns are taken as text.
    """

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self._writers: dict[str, dict[str, Writer]] = {}
        self._keys: dict[str, str] = {}
        for table in definitions:
            self._keys[table.name] = table.key
            self._writers[table.name] = {
                name: WRITERS[item.type] for name, item in table.attributes.items() if item.type in WRITERS
            }

    def of_changedata(self, table: str | None, given: str | None) -> Entry:
        """The values in the text of the column `changedata`."""
        if not given:
            return NOTHING
        document = _document(given)
        if document is None:
            return Entry(given, Payload.OPAQUE)
        pairs = {change.logical_name: (plain(change.old), plain(change.new)) for change in document.changes}
        return self._entry(table, pairs)

    def of_detail(self, table: str | None, content: bytes | msgspec.Raw) -> Entry:
        """The values in an element of the detail functions.

        Args:
            table: Logical name of the changed record's table.
            content: The element, already `storable`.

        Raises:
            msgspec.DecodeError: It is no JSON.
        """
        try:
            detail = _DETAIL.decode(content)
        except msgspec.ValidationError:
            return opaque(content)
        kind = (detail.kind or "").removeprefix(NAMESPACE)
        if kind == _VALUES or (not kind and (detail.old or detail.new)):
            old, new = _flat(detail.old), _flat(detail.new)
            pairs = {name: (old.get(name), new.get(name)) for name in old | new}
            removed = len(detail.removed.keys or ()) if detail.removed else 0
            return self._entry(table, pairs, is_whole=not (detail.invalid or removed), removed=removed)
        return NOTHING if kind in {"", _NO_VALUES} else opaque(content)

    def _entry(self, table: str | None, pairs: Pairs, *, is_whole: bool = True, removed: int = 0) -> Entry:
        writers, key = self._writers.get(table or "", {}), self._keys.get(table or "")
        changes: list[_Change] = []
        unread = 0
        for name in sorted(pairs):
            if name == key or (name.endswith("_base") and name[:-5] in pairs):
                continue
            before, after = pairs[name]
            writer = writers.get(name, text)
            try:
                old = writer(before) if before else None
                new = writer(after) if after else None
            except ValueError:
                (old, odd_old), (new, odd_new) = _lenient(before, writer), _lenient(after, writer)
                unread += odd_old + odd_new
            if writer is text and (is_cut(before) or is_cut(after)):
                is_whole = False
            elif old == new:
                continue
            changes.append(_Change(name, old, new))
        payload = Payload.PARSED if is_whole else Payload.TRUNCATED
        return Entry(_ENCODER.encode(_Document(changes)).decode(), payload, unread, removed)


def _document(given: str) -> _Document | None:
    for mend in (False, True):
        try:
            return _DOCUMENT.decode(storable(given.encode())[0] if mend else given)
        except msgspec.ValidationError:
            return None
        except msgspec.DecodeError:
            continue
    return None


def _lenient(value: str | None, writer: Writer) -> tuple[str | None, bool]:
    """The value in its column's form, and whether it is none of its type and was kept as it came."""
    if not value:
        return None, False
    try:
        return writer(value), False
    except ValueError:
        return text(value), True


def _flat(bag: dict[str, Any] | None) -> dict[str, str | None]:
    """The properties of an entity by logical name, lookups as `table,guid`."""
    found: dict[str, str | None] = {}
    for name, value in bag.items() if bag else ():
        if "@" in name:
            continue
        if name[0] == "_" and name.endswith("_value"):
            target = bag.get(name + TARGET_ANNOTATION) if bag else None
            found[name[1:-6]] = f"{target},{value}" if target and value else plain(value)
        else:
            found[name] = plain(value)
    return found
