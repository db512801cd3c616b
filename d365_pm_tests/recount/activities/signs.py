"""Escalated, Categorization Changed and Information Requested: what changed columns say (3.4, 3.9, 3.10)."""

from collections.abc import Iterator
from itertools import pairwise

from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.event import Event, event_of
from d365_pm_tests.recount.rules import ESCALATION_FOLD, FLIP_FLOP, WAITING_STATUSES


def escalations(case: Dossier) -> Iterator[Event]:
    """Case Escalated: E1 folded, or E4 for a flag that no change explains (2.16)."""
    opened = None
    for change in case.updates("isescalated"):
        if (change.old, change.new) != (False, True):
            continue
        if opened is None or change.time - opened > ESCALATION_FOLD:
            opened = change.time
            yield event_of(change, "case_escalated", "E1")
    if opened is None and case.row.get("isescalated") and case.row.get("escalatedon") is not None:
        yield Event(case.id, "case_escalated", case.row["escalatedon"], None, "E4", ("incident", case.id))


def recategorizations(case: Dossier) -> Iterator[Event]:
    """Case Categorization Changed: CC1 without typing corrections."""
    changes = case.updates("subjectid")
    corrections: set[str] = set()
    for first, second in pairwise(changes):
        is_soon = second.time - first.time <= FLIP_FLOP and first.user is not None and first.user == second.user
        if is_soon and first.old == second.new and first.new == second.old and first.audit_id not in corrections:
            corrections |= {first.audit_id, second.audit_id}
    for change in changes:
        if change.old is not None and change.audit_id not in corrections:
            yield event_of(change, "case_categorization_changed", "CC1")


def requests(case: Dossier) -> Iterator[Event]:
    """Information Requested from Customer: Q1; moving between waiting codes asks nothing new."""
    for change in case.updates("statuscode"):
        if change.new in WAITING_STATUSES and change.old not in WAITING_STATUSES:
            yield event_of(change, "information_requested_from_customer", "Q1")
