"""What held at the moment of an event: status reason, agent, owner team (2.8, 2.9, 2.15)."""

from d365_pm_tests.recount.changes import Change
from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.event import Event
from d365_pm_tests.recount.people import People
from d365_pm_tests.recount.raw import Raw
from d365_pm_tests.recount.values import Reference, Value


def status_reason(case: Dossier, event: Event, raw: Raw, lcid: int) -> str | None:
    """`StatusReason`: what the event brought, else what was in force when its second was over."""
    brought = _brought_status(case, event)
    if brought is not None:
        code = brought.new
    elif event.implied_status is not None:
        code = event.implied_status
    else:
        code = case.history("statuscode").after(event.time)
    return raw.label("incident", "statuscode", code if isinstance(code, int) else None, lcid)


def agent(case: Dossier, event: Event, people: People) -> str | None:
    """`AgentName`: who did it, else the person who owned the case then."""
    if event.actor is not None:
        return people.name(event.actor, event.actor_type)
    owner = case.history("ownerid").after(event.time)
    if isinstance(owner, Reference) and owner.table == "systemuser":
        return people.name(owner.id)
    return None


def owner_team(case: Dossier, event: Event, people: People) -> str | None:
    """`OwnerTeam`: the owning team, else the team that owned directly before the owning person."""
    history = case.history("ownerid")
    brought = event.change if event.change and event.change.column == "ownerid" else None
    owner = brought.new if brought else history.after(event.time)
    if not isinstance(owner, Reference):
        return None
    if owner.table == "team":
        return people.team_name(owner.id)
    before = brought.old if brought else _owner_before(case, event, owner)
    return people.team_name(before.id) if isinstance(before, Reference) and before.table == "team" else None


def _owner_before(case: Dossier, event: Event, owner: Value) -> Value:
    past = [change for change in case.history("ownerid").changes if change.time <= event.time]
    return past[-1].old if past and past[-1].new == owner else None


def _brought_status(case: Dossier, event: Event) -> Change | None:
    """The change of status reason that the event is; a change of state brings its status reason along."""
    change = event.change
    if change is None or change.column not in {"statecode", "statuscode"}:
        return None
    return case.in_same_row(change, "statuscode")
