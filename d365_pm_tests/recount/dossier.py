"""Everything that raw rows say about one case, gathered. Does not belong here: what it means."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from d365_pm_tests.recount.changes import DELETE, Change, changes_of, in_order
from d365_pm_tests.recount.history import History
from d365_pm_tests.recount.raw import Raw, Row
from d365_pm_tests.recount.values import Reference, Value

_COVERAGE_ACTIONS = frozenset({105, 106, 107})


@dataclass(frozen=True)
class ItemTrail:
    """What is known about one queue item: its row, if it still exists, and its audit rows with their changes."""

    id: str
    row: Row | None
    audits: tuple[Row, ...]
    changes: tuple[Change, ...]

    def column(self, name: str) -> list[Change]:
        """Changes of one column in order."""
        return in_order([change for change in self.changes if change.column == name])


@dataclass
class Dossier:
    """One case with all rows that speak of it."""

    row: Row
    covered_from: datetime | None
    changes: list[Change] = field(default_factory=list)
    items: list[ItemTrail] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    @property
    def id(self) -> str:
        """`incidentid`."""
        case: str = self.row["incidentid"]
        return case

    @property
    def created(self) -> datetime:
        """When the case was created."""
        moment: datetime = self.row["createdon"]
        return moment

    @property
    def _is_covered(self) -> bool:
        return self.covered_from is not None and self.created >= self.covered_from

    @cached_property
    def _histories(self) -> dict[str, History]:
        return {}

    def history(self, column: str) -> History:
        """The audited column's history."""
        if column not in self._histories:
            changes = in_order([change for change in self.changes if change.column == column])
            self._histories[column] = History(
                tuple(changes), self._current(column), self._is_covered, self.covered_from, self.created
            )
        return self._histories[column]

    def updates(self, column: str) -> list[Change]:
        """Changes of a column after the creation, in order."""
        return [change for change in self.history(column).changes if change.is_update]

    def in_same_row(self, change: Change, column: str) -> Change | None:
        """The change of another column in the same audit row."""
        rows = (each for each in self.changes if each.audit_id == change.audit_id and each.column == column)
        return next(rows, None)

    def _current(self, column: str) -> Value:
        if column == "ownerid":
            return Reference(self.row["_ownerid_type"], self.row["_ownerid_value"])
        if column == "subjectid":
            subject = self.row.get("_subjectid_value")
            return Reference("subject", subject) if subject else None
        value: Value = self.row.get(column)
        return value


_BY_CASE = {
    "incidentresolution": "_incidentid_value",
    "knowledgearticleincident": "_incidentid_value",
    "msdyn_federatedarticleincident": "_msdyn_incidentid_value",
}
_REGARDING = ("email", "phonecall", "adx_portalcomment", "msfp_surveyinvite", "msfp_surveyresponse")


def dossiers_of(raw: Raw) -> list[Dossier]:
    """One dossier per case that still exists."""
    start = _coverage_start(raw)
    found = {row["incidentid"]: Dossier(row, start) for row in raw.table("incident")}
    for table, case, row in _belongings(raw):
        if case in found:
            found[case].rows[table].append(row)
    for row in raw.table("audit"):
        if row["objecttypecode"] == "incident" and row["_objectid_value"] in found and row["operation"] != DELETE:
            found[row["_objectid_value"]].changes += changes_of(row)
    for case, trail in _trails(raw):
        if case in found:
            found[case].items.append(trail)
    return list(found.values())


def _belongings(raw: Raw) -> Iterator[tuple[str, str, Row]]:
    for table, column in _BY_CASE.items():
        for row in raw.table(table):
            yield table, row[column], row
    for table in _REGARDING:
        for row in raw.table(table):
            if row["_regardingobjectid_type"] == "incident":
                yield table, row["_regardingobjectid_value"], row
    for row in raw.table("slakpiinstance"):
        if row["_regarding_type"] == "incident":
            yield "slakpiinstance", row["_regarding_value"], row


def _trails(raw: Raw) -> Iterator[tuple[str, ItemTrail]]:
    audits: dict[str, list[Row]] = defaultdict(list)
    for row in raw.table("audit"):
        if row["objecttypecode"] == "queueitem":
            audits[row["_objectid_value"]].append(row)
    items = raw.by_key("queueitem", "queueitemid")
    for item in sorted({*audits, *items}):
        rows = audits.get(item, [])
        trail = ItemTrail(item, items.get(item), tuple(rows), tuple(c for row in rows for c in changes_of(row)))
        case = _case_of(trail)
        if case is not None:
            yield case, trail


def _case_of(trail: ItemTrail) -> str | None:
    """The case that a queue item holds: by its row, else by its create or delete audit row (3.11)."""
    if trail.row is not None:
        return trail.row["_objectid_value"] if trail.row["_objectid_type"] == "incident" else None
    values = [value for change in trail.changes if change.column == "objectid" for value in (change.new, change.old)]
    cases = [value.id for value in values if isinstance(value, Reference) and value.table == "incident"]
    return cases[0] if cases else None


def _coverage_start(raw: Raw) -> datetime | None:
    """Where auditing began: its switch, or the oldest audit row of a case (table reference, 8.3)."""
    signs = [
        row["createdon"]
        for row in raw.table("audit")
        if row.get("action") in _COVERAGE_ACTIONS or row["objecttypecode"] == "incident"
    ]
    return min(signs, default=None)
