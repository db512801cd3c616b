"""Malformed rows in the raw layer, beside a healthy desk: what they are, and what has to become of each.

Belongs here: rows as a raw Parquet file may hold them, typed but absurd. Does not belong here: loading and judging them
(`log.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice
from random import Random
from typing import Any

from d365_pm.dataverse import TABLES
from d365_pm.dataverse.registry import Kind
from d365_pm_tests.malformed.desk import END, Place, new_id, places, template
from d365_pm_tests.malformed.fate import Fate
from d365_pm_tests.recount.raw import Row, Rows

_UNKNOWN = "unknown id"
_LONG = 20_000
_DOCUMENTS = (
    "",
    "{",
    "null",
    "[]",
    '"text"',
    '{"changedAttributes":5}',
    '{"changedAttributes":[5,null,"x"]}',
    '{"changedAttributes":[{"logicalName":5,"oldValue":[],"newValue":{}}]}',
    '{"changedAttributes":[{"logicalName":"ownerid"}]}',
    '{"changedAttributes":[{"logicalName":"ownerid","oldValue":"systemuser,no guid","newValue":"team,"}]}',
    '{"changedAttributes":[{"logicalName":"statecode","oldValue":"x","newValue":"99999999999999999999"}]}',
    '{"changedAttributes":[{"logicalName":"statuscode","oldValue":"1:","newValue":"-7:?"}]}',
    '{"changedAttributes":[{"logicalName":"isescalated","oldValue":"maybe","newValue":"0.5"}]}',
    '{"changedAttributes":[' + '{"logicalName":"ownerid"' * 200,
    '{"a":' * 2000,
    '[{"type":"csat","value":"six"},{"type":"csat","value":"1e400"},{"type":5}]',
)
_VALUES: dict[Kind, tuple[Any, ...]] = {
    Kind.TEXT: (
        None,
        "",
        "   ",
        "a\0b",
        "\ufffd",
        "\u202ee\u0301\N{PILE OF POO}",
        "'; drop table marts.events; --",
        "x" * _LONG,
    ),
    Kind.WHOLE: (None, -1, 0, 2**31 - 1, -(2**31)),
    Kind.CHOICE: (None, -1, 987_654, 2**31 - 1, -(2**31)),
    Kind.BIG: (None, -1, 2**63 - 1),
    Kind.DECIMAL: (None, Decimal(-1), Decimal(10) ** 27),
    Kind.FLAG: (None, True, False),
    Kind.MOMENT: (
        None,
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1899, 12, 30, tzinfo=UTC),
        datetime(2002, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2099, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ),
    Kind.ID: (None, "", "no guid", "CAS-01018-X", "z" * 36, "{not-one}"),
    Kind.LOOKUP: (None, "", "no guid", "z" * 36, "00000000-0000-0000-0000-000000000000", _UNKNOWN),
}
_FIRST = datetime(2003, 1, 1, tzinfo=UTC)
"""Nothing of the product is older (event-log semantics 4.17)."""

_TYPES = (None, "", "alien")
"""Targets of a lookup that may point to several tables."""

_CASE_OF: dict[str, tuple[str, str | None]] = {
    "incidentresolution": ("_incidentid_value", None),
    "audit": ("_objectid_value", "objecttypecode"),
    "queueitem": ("_objectid_value", "_objectid_type"),
    "slakpiinstance": ("_regarding_value", "_regarding_type"),
    "knowledgearticleincident": ("_incidentid_value", None),
    "msdyn_federatedarticleincident": ("_msdyn_incidentid_value", None),
    "email": ("_regardingobjectid_value", "_regardingobjectid_type"),
    "phonecall": ("_regardingobjectid_value", "_regardingobjectid_type"),
    "adx_portalcomment": ("_regardingobjectid_value", "_regardingobjectid_type"),
    "msfp_surveyinvite": ("_regardingobjectid_value", "_regardingobjectid_type"),
    "msfp_surveyresponse": ("_regardingobjectid_value", "_regardingobjectid_type"),
}
"""Where a row names its case, and the table of what it names."""

_REFERENCE_OF = {
    "systemuser": ("_ownerid_value", "_ownerid_type"),
    "team": ("_ownerid_value", "_ownerid_type"),
    "account": ("_customerid_value", "_customerid_type"),
    "contact": ("_customerid_value", "_customerid_type"),
    "subject": ("_subjectid_value", None),
    "product": ("_productid_value", None),
    "sla": ("_slaid_value", None),
}
"""Where a case names a record."""

_EVENT_TIMES = {"incident", "incidentresolution", "slakpiinstance", "knowledgearticleincident"}
"""Tables whose creation is an event, so that one at an impossible time has to be listed."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A malformed row, and a case of its own that it hangs on.

    Attributes:
        table: Raw table.
        key: Key of the row; None where that is what it lacks.
        kind: What is malformed.
        expected: What has to become of it; None where accepting and listing are both right.
        rows: The row and its case, by table.
        where: Table, column and beginning of the value, for a fault.
    """

    table: str
    key: str | None
    kind: str
    expected: Fate | None
    rows: dict[str, Row]
    where: str


def make(rows: Rows, number: int, random: Random) -> list[Bad]:
    """Make malformed rows over every column of every table that a rule or a report may read."""
    spots = list(_spots())
    random.shuffle(spots)
    chosen = enumerate(islice(cycle(spots), number))
    return [_bad(rows, random, place, value, serial) for serial, (place, value) in chosen]


def _spots() -> Iterator[tuple[Place, Any]]:
    # The one row of the organisation cannot come twice.
    for place in places(without=frozenset({"organization"})):
        kind = place.column.kind
        documents = _DOCUMENTS if kind is Kind.TEXT and place.column.name in _DOCUMENT_COLUMNS else ()
        yield from ((place, value) for value in (*_VALUES[kind], *documents))


_DOCUMENT_COLUMNS = {"changedata", "msfp_satisfactionmetricvalue", "msfp_contextparameters", "auditsettings"}


def _bad(rows: Rows, random: Random, place: Place, value: Any, serial: int) -> Bad:
    table, column = place.table, place.column
    # Its own moment, so that many rows are no bulk change.
    at = END - timedelta(hours=3, seconds=serial)
    case = _case(rows, random, at, serial)
    row = case if table.name == "incident" else template(rows, table, random) | _own(table.name, case, at, serial)
    if value == _UNKNOWN:
        value = new_id(random)
    if table.name in _REFERENCE_OF:
        _refer(case, table.name, str(row[table.key]))
    row[column.wire_name] = value
    if column.polymorphic:
        row[column.type_name] = row.get(column.type_name) if value is not None else random.choice(_TYPES)
    where = f"{table.name}.{column.wire_name} = {str(value)[:40]!r}"
    together = {table.name: row} if table.name == "incident" else {"incident": case, table.name: row}
    return Bad(table.name, row[table.key], _kind(place, value), _expected(place, value, row), together, where)


def _case(rows: Rows, random: Random, at: datetime, serial: int) -> Row:
    """An open case that nothing else speaks of."""
    case = template(rows, TABLES["incident"], random)
    return case | {
        "ticketnumber": f"BAD-{serial:06}",
        "createdon": at,
        "modifiedon": at,
        "statecode": 0,
        "statuscode": 1,
        "isescalated": False,
        "resolveby": None,
        "responseby": None,
        "_masterid_value": None,
        "_parentcaseid_value": None,
        "_firstresponsebykpiid_value": None,
        "_resolvebykpiid_value": None,
    }


def _own(table: str, case: Row, at: datetime, serial: int) -> Row:
    """What ties a row to its own case and keeps it away from every other one."""
    columns = {each.wire_name for each in TABLES[table].columns}
    own: Row = {name: at for name in ("createdon", "modifiedon", "senton", "enteredon") if name in columns}
    if table in _CASE_OF:
        column, type_column = _CASE_OF[table]
        own[column] = case["incidentid"]
        own |= {type_column: "incident"} if type_column else {}
    if table == "incidentresolution":
        own["statecode"] = 1
    if table == "knowledgearticleincident":
        # What a machine links is no event, so that nobody misses it.
        own["_createdby_value"] = None
    if table == "msfp_surveyresponse":
        # Where it names no case itself, it belongs to that of its invitation.
        own["_msfp_surveyinviteid_value"] = None
    if table == "slakpiinstance":
        own |= {"applicablefromvalue": at, "failuretime": at + timedelta(days=1), "succeededon": None}
        own |= {"regardingentityid": case["incidentid"], "msdyn_prevslakpiinstanceid": None, "status": 0}
    if table == "audit":
        own |= {"operation": 2, "action": 2, "_objectid_type": "incident"}
    if table == "activityparty":
        own["_activityid_value"] = case["incidentid"]
    if table == "stringmap":
        own["attributevalue"] = 5_000_000 + serial
    return own


def _refer(case: Row, table: str, key: str) -> None:
    column, type_column = _REFERENCE_OF[table]
    case[column] = key
    if type_column:
        case[type_column] = table


def _kind(place: Place, value: Any) -> str:
    kind = place.column.kind
    if value is None:
        return "no value"
    if kind in {Kind.ID, Kind.LOOKUP}:
        return "unknown id" if isinstance(value, str) and len(value) == 36 and "-" in value else "id that is no GUID"
    if kind is Kind.TEXT:
        return "broken document" if value in _DOCUMENTS and value else "odd text"
    names = {Kind.MOMENT: "absurd time", Kind.CHOICE: "unknown code", Kind.FLAG: "odd flag"}
    return names.get(kind, "absurd number")


def _expected(place: Place, value: Any, row: Row) -> Fate | None:
    """What the promises of the raw layer and of the log demand, whatever the models do."""
    table, column = place.table, place.column
    if place.is_key or (value is None and column.name == table.window):
        return Fate.REFUSED
    named = _CASE_OF.get(table.name)
    if named and named[0] == column.wire_name:
        return Fate.LISTED if _is_orphan_listed(table.name, value, row) else None
    is_moment_of_event = column.name == "createdon" and table.name in _EVENT_TIMES
    return Fate.LISTED if is_moment_of_event and (value is None or not _FIRST <= value <= END) else None


def _is_orphan_listed(table: str, value: Any, row: Row) -> bool:
    """Whether a row that names no case, or none that is known, has to be listed."""
    if value is None:
        # A clock names its case once more; other rows without a case may regard anything.
        return table in {"incidentresolution", "knowledgearticleincident", "msdyn_federatedarticleincident"}
    # Operations, calls and comments count only where a rule reads them; an invitation may name its case in its text.
    return table in _LISTED_ORPHANS or (
        table == "msfp_surveyinvite" and row["_regardingobjectid_value"].count("-") == 4
    )


_LISTED_ORPHANS = {
    "incidentresolution",
    "queueitem",
    "slakpiinstance",
    "knowledgearticleincident",
    "msdyn_federatedarticleincident",
    "email",
    "msfp_surveyresponse",
}
