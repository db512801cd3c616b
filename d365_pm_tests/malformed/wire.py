"""Malformed JSON on a page between healthy rows, through the decoder that the client uses."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import cycle, islice
from random import Random
from typing import Any

from d365_pm.dataverse.registry import Kind, Table
from d365_pm.dataverse.reply import Reply
from d365_pm.dataverse.shape import TARGET_ANNOTATION, TableShape, wire_type
from d365_pm.dataverse.shaping import as_wanted
from d365_pm.dataverse.typed import typed_page
from d365_pm.errors import D365PMError
from d365_pm_tests.malformed.desk import Place, places, template
from d365_pm_tests.malformed.fate import Fate, Fates
from d365_pm_tests.recount.raw import Row, Rows

WAY = "wire"

_LONG = 200_000
_NUL, _SURROGATE = "a\0b", "a\ud800b"
_BROKEN_DOCUMENT = '{"changedAttributes":[{"logicalName":5},'
_WRONG_TYPES: dict[Kind, tuple[Any, ...]] = {
    Kind.TEXT: (7, 1.5, True, [], {"a": 1}),
    Kind.WHOLE: ("7", 1.5, True, [], {}, 2**31, -(2**31) - 1, 10**30),
    Kind.CHOICE: ("7", 1.5, True, [1], {}, 2**31, "Resolved"),
    Kind.BIG: ("7", 1.5, True, [], 2**63, 10**40),
    Kind.DECIMAL: ("7", True, [], {}),
    Kind.FLAG: ("true", 1, 0, [], "No"),
    Kind.MOMENT: (
        7,
        True,
        [],
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-02-30T10:00:00Z",
        "10000-01-01T00:00:00Z",
    ),
    Kind.ID: (7, True, [], {}, "", "no guid", "0" * 32, "z" * 36, "00000000-0000-0000-0000-0000000000"),
    Kind.LOOKUP: (7, True, [], {}, "", "no guid", "0" * 32, "z" * 36, "00000000-0000-0000-0000-000000000000\n"),
}
"""What a column of the kind cannot hold (Web API reference 2.2)."""

_ODD_VALUES: dict[Kind, tuple[Any, ...]] = {
    Kind.TEXT: (None, "", _NUL, _SURROGATE, "\u202ee\u0301\N{PILE OF POO}", _BROKEN_DOCUMENT, "x" * _LONG),
    Kind.WHOLE: (None, -1, 0, 2**31 - 1, -(2**31)),
    Kind.CHOICE: (None, -1, 987_654, 2**31 - 1),
    Kind.BIG: (None, -1, 2**63 - 1),
    Kind.DECIMAL: (None, -1, 10**20),
    Kind.FLAG: (None, True, False),
    Kind.MOMENT: (None, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-09T12:14:03.1234567Z", "2026-02-09"),
    Kind.ID: ("7B1C9D40-AAAA-4E5F-8A9B-00000000FFFF", "{7b1c9d40-aaaa-4e5f-8a9b-00000000fffe}"),
    Kind.LOOKUP: (None, "7B1C9D40-AAAA-4E5F-8A9B-00000000FFFF", "{7b1c9d40-aaaa-4e5f-8a9b-00000000ffff}"),
}
"""What it can hold, however odd: absurd dates, unknown codes, texts that had NUL in them."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One malformed value on its way."""

    place: Place
    value: Any
    is_wrong: bool

    @property
    def kind(self) -> str:
        """What is malformed about it."""
        return f"{'wrong' if self.is_wrong else 'odd'} {self.place.column.kind}"


def send(rows: Rows, number: int, random: Random, fates: Fates) -> None:
    """Send a number of malformed rows, each on a page between two healthy ones."""
    for sent in islice(cycle(list(_kinds())), number):
        healthy = [template(rows, sent.place.table, random) for _ in range(2)]
        bad = as_json(template(rows, sent.place.table, random)) | {sent.place.column.wire_name: sent.value}
        page = [as_json(healthy[0]), bad, as_json(healthy[1])]
        fate, fault = _fate(sent, page)
        fates.note(WAY, sent.kind, fate, fault=fault)


def as_json(row: Row) -> dict[str, Any]:
    """A raw row as the Web API writes it."""
    return {_wire_name(name): _text(value) for name, value in row.items() if not name.startswith("_payload")}


def _kinds() -> Iterator[Sent]:
    for place in places():
        yield from (Sent(place, value, True) for value in _WRONG_TYPES[place.column.kind])
        yield from (Sent(place, value, False) for value in _ODD_VALUES[place.column.kind])
        if place.is_key:
            yield Sent(place, None, True)


def _fate(sent: Sent, page: list[dict[str, Any]]) -> tuple[Fate, str | None]:
    table, column = sent.place.table, sent.place.column
    reply = Reply(200, {"content-type": "application/json"}, json.dumps({"value": page}).encode())
    where = f"{table.name}.{column.wire_name} = {str(sent.value)[:40]!r}"
    try:
        found = typed_page(reply, _shape(table))
    except D365PMError as error:
        return Fate.REFUSED, _fault_of_refusal(sent, str(error), where)
    except Exception as error:
        return Fate.LOST, f"{where} raised {type(error).__name__}"
    if sent.is_wrong:
        return Fate.ACCEPTED, f"{where} was accepted"
    keys = found.rows.column(table.key).to_pylist()
    neighbours = [keys[0], keys[2]] == [page[0][table.key], page[2][table.key]]
    return Fate.ACCEPTED, None if neighbours else f"{where} changed its neighbours"


@cache
def _shape(table: Table) -> TableShape:
    """Every column, those that an environment is asked for first included."""
    shape = as_wanted(table)
    columns = (
        replace(each, source=each.column.wire_name, wire=wire_type(each.column.kind)) if each.column.probed else each
        for each in shape.columns
    )
    return replace(shape, columns=tuple(columns))


def _fault_of_refusal(sent: Sent, said: str, where: str) -> str | None:
    if not sent.is_wrong:
        return f"{where} was refused: {said}"
    missing = sent.place.is_key and sent.value is None
    if sent.place.table.name not in said or not (missing or sent.place.column.wire_name in said):
        return f"{where} was refused without its place: {said}"
    quotes = isinstance(sent.value, str) and len(sent.value) > 4 and sent.value.strip() in said
    return f"{where} is quoted in the error: {said}" if quotes else None


def _wire_name(name: str) -> str:
    """The target of a lookup is an annotation of it."""
    return f"{name.removesuffix('_type')}_value{TARGET_ANNOTATION}" if name.endswith("_type") else name


def _text(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
