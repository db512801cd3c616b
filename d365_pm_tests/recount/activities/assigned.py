"""Case Assigned (3.1): owners by A1 and A2, queues by A3 and A4."""

from collections.abc import Iterator

from d365_pm_tests.recount.changes import CREATE, DELETE, Change
from d365_pm_tests.recount.dossier import Dossier, ItemTrail
from d365_pm_tests.recount.event import Event, event_of
from d365_pm_tests.recount.raw import Row
from d365_pm_tests.recount.values import Reference

CODE = "case_assigned"


def assignments(case: Dossier) -> Iterator[Event]:
    """Every assignment of a case."""
    yield from _owner_changes(case)
    yield from _initial_owner(case)
    for item in case.items:
        entries = list(_queue_entries(case, item))
        yield from entries or _present_stay(case, item)


def _owner_changes(case: Dossier) -> Iterator[Event]:
    for change in case.updates("ownerid"):
        if isinstance(change.old, Reference) and isinstance(change.new, Reference):
            yield event_of(change, CODE, "A1", detail=change.new.table)


def _initial_owner(case: Dossier) -> Iterator[Event]:
    owner, creator = case.history("ownerid").first(), case.row.get("_createdby_value")
    if isinstance(owner, Reference) and owner != Reference("systemuser", creator or ""):
        birth = case.history("ownerid").changes[0]
        yield Event(
            case.id,
            CODE,
            case.created,
            creator,
            "A2",
            ("incident", case.id),
            detail=owner.table,
            change=_at_birth(case, birth, owner),
        )


def _at_birth(case: Dossier, birth: Change, owner: Reference) -> Change:
    """The creation as a change of owner, so that the event shows the owner that it names."""
    return Change(birth.audit_id, "incident", case.id, CREATE, None, case.created, None, None, "ownerid", None, owner)


def _queue_entries(case: Dossier, item: ItemTrail) -> Iterator[Event]:
    told = {change.audit_id: change for change in item.column("queueid")}
    for audit in item.audits:
        change = told.get(audit["auditid"])
        if audit["operation"] == CREATE or (audit["operation"] != DELETE and change and change.new is not None):
            yield _entry(case, audit)


def _entry(case: Dossier, audit: Row) -> Event:
    return Event(
        case.id,
        CODE,
        audit["createdon"],
        audit.get("_userid_value"),
        "A3",
        ("audit", audit["auditid"]),
        actor_type=audit.get("_userid_type"),
        detail="queue",
    )


def _present_stay(case: Dossier, item: ItemTrail) -> Iterator[Event]:
    if item.row is not None and item.row.get("enteredon") is not None:
        actor = item.row.get("_createdby_value")
        yield Event(case.id, CODE, item.row["enteredon"], actor, "A4", ("queueitem", item.id), detail="queue")
