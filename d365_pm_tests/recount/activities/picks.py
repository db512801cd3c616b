"""Queue Item Picked by Agent (3.11): P1, P3 and P4."""

from collections.abc import Iterator

from d365_pm_tests.recount.changes import DELETE
from d365_pm_tests.recount.dossier import Dossier, ItemTrail
from d365_pm_tests.recount.event import Event, event_of
from d365_pm_tests.recount.values import Reference

CODE = "queue_item_picked_by_agent"


def picks(case: Dossier) -> Iterator[Event]:
    """Every pick of the case's queue items."""
    for item in case.items:
        own = list(_worker_changes(case, item))
        yield from own
        yield from _removals(case, item, {event.time for event in own})
        if not item.audits:
            yield from _present_worker(case, item)


def _worker_changes(case: Dossier, item: ItemTrail) -> Iterator[Event]:
    for change in item.column("workerid"):
        if change.is_update and change.new == Reference("systemuser", change.user or ""):
            yield event_of(change, CODE, "P1", case=case.id)


def _removals(case: Dossier, item: ItemTrail, picked: set[object]) -> Iterator[Event]:
    new_owners = {(change.time, change.new) for change in case.updates("ownerid")}
    for audit in item.audits:
        time, user = audit["createdon"], audit.get("_userid_value")
        if audit["operation"] != DELETE or time in picked:
            continue
        if (time, Reference("systemuser", user or "")) in new_owners:
            yield Event(case.id, CODE, time, user, "P3", ("audit", audit["auditid"]))


def _present_worker(case: Dossier, item: ItemTrail) -> Iterator[Event]:
    row = item.row or {}
    if row.get("workeridmodifiedon") is not None and row.get("_workerid_type") == "systemuser":
        source = ("queueitem", item.id)
        yield Event(case.id, CODE, row["workeridmodifiedon"], row["_workerid_value"], "P4", source)
