"""The order of a case's events (4.7)."""

from collections.abc import Callable, Iterable
from itertools import groupby

from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.event import Event
from d365_pm_tests.recount.rules import ACTIVE, ASSIGNMENT_RANKS, KPI_RANKS, RANKS, SOURCE_RANKS

_ENDS = frozenset({"case_resolved", "case_closed"})
_REOPENS = "case_reactivated"


def in_order(case: Dossier, events: Iterable[Event]) -> list[Event]:
    """Events by second; inside a second by rank, with transitions and chained changes put right."""
    ordered: list[Event] = []
    for _, tie in groupby(sorted(events, key=_key), key=lambda event: event.time):
        ordered += _repaired(case, _chained(case, list(tie)))
    return ordered


def _key(event: Event) -> tuple[object, ...]:
    rank = ASSIGNMENT_RANKS[event.detail] if event.code == "case_assigned" else RANKS[event.code]
    table, row = event.source
    return event.time, rank, SOURCE_RANKS[table], KPI_RANKS.get(event.detail, 3), row


def _chained(case: Dossier, tie: list[Event]) -> list[Event]:
    """Changes of one column in the order from old to new, in the places that their ranks gave them."""
    for column in sorted({event.change.column for event in tie if event.change} - {"statecode"}):
        places = {change.audit_id: n for n, change in enumerate(case.history(column).changes)}
        own = [event for event in tie if event.change and event.change.column == column]
        if all(event.change and event.change.audit_id in places for event in own):
            tie = _refilled(tie, own, lambda event, places=places: places[event.change.audit_id])  # type: ignore[misc]
    return tie


def _refilled(tie: list[Event], own: list[Event], key: Callable[[Event], int]) -> list[Event]:
    right = iter(sorted(own, key=key))
    return [next(right) if event in own else event for event in tie]


def _repaired(case: Dossier, tie: list[Event]) -> list[Event]:
    """Resolved or Closed and Reactivated in one second, alternating from the state before."""
    ends, reopens = [e for e in tie if e.code in _ENDS], [e for e in tie if e.code == _REOPENS]
    if not ends or not reopens:
        return tie
    before = case.history("statecode").before(tie[0].time)
    alternating: list[Event] = []
    is_open = before in {None, ACTIVE}
    while ends and reopens:
        alternating.append((ends if is_open else reopens).pop(0))
        is_open = not is_open
    right = iter([*alternating, *ends, *reopens])
    return [next(right) if event.code in _ENDS or event.code == _REOPENS else event for event in tie]
