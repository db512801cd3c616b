"""Created, Closed, Resolved and Reactivated (3.2, 3.3, 3.5, 3.8)."""

from collections.abc import Iterator

from d365_pm_tests.recount.changes import Change
from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.event import Event, event_of
from d365_pm_tests.recount.raw import Row
from d365_pm_tests.recount.rules import ACTIVE, CANCELLED, MERGED_STATUS, RESOLUTION_MATCH, RESOLVED

_HAPPENED = frozenset({1, 2})
"""States of a resolution row that did happen; the second was undone later."""


def creation(case: Dossier) -> Event:
    """Case Created."""
    actor = case.row.get("_createdby_value")
    return Event(case.id, "case_created", case.created, actor, "CREATED", ("incident", case.id))


def resolutions(case: Dossier) -> Iterator[Event]:
    """Case Resolved: R1 by resolution rows, R2 by audited changes that no row explains."""
    rows = [row for row in case.rows["incidentresolution"] if row["statecode"] in _HAPPENED]
    changes = _changes_to(case, ACTIVE, RESOLVED)
    for row in rows:
        near = [change for change in changes if abs(row["createdon"] - change.time) <= RESOLUTION_MATCH]
        change = min(near, key=lambda each: (abs(row["createdon"] - each.time), each.audit_id), default=None)
        yield _recorded(case, row, change)
    for change in changes:
        if all(abs(row["createdon"] - change.time) > RESOLUTION_MATCH for row in rows):
            yield event_of(change, "case_resolved", "R2")


def _recorded(case: Dossier, row: Row, change: Change | None) -> Event:
    return Event(
        case.id,
        "case_resolved",
        row["createdon"],
        row.get("_createdby_value"),
        "R1",
        ("incidentresolution", row["activityid"]),
        change=change,
        implied_status=row.get("resolutiontypecode"),
    )


def closings(case: Dossier) -> Iterator[Event]:
    """Case Closed: CL1 and CL2."""
    for change in case.updates("statecode"):
        if change.new == CANCELLED:
            status = case.in_same_row(change, "statuscode")
            code = status.new if status else case.history("statuscode").after(change.time)
            yield event_of(change, "case_closed", "CL2" if code == MERGED_STATUS else "CL1")


def reactivations(case: Dossier) -> Iterator[Event]:
    """Case Reactivated: RE1 from Resolved, RE2 from Cancelled."""
    for change in _changes_to(case, RESOLVED, ACTIVE):
        yield event_of(change, "case_reactivated", "RE1", detail="Resolved")
    for change in _changes_to(case, CANCELLED, ACTIVE):
        yield event_of(change, "case_reactivated", "RE2", detail="Cancelled")


def _changes_to(case: Dossier, old: int, new: int) -> list[Change]:
    return [change for change in case.updates("statecode") if (change.old, change.new) == (old, new)]
