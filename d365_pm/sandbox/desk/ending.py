"""How cases end, and how they come back.

Belongs here: proposing, resolving, cancelling, merging, reactivating. Does not belong here: what follows an ending on
its own (`surveys.py`).
"""

import numpy as np

from d365_pm.sandbox.desk import knowledge, mail, routing, sla, surveys
from d365_pm.sandbox.desk.audit import Action
from d365_pm.sandbox.desk.catalogue import OLD_SLA
from d365_pm.sandbox.desk.codes import OwnStatus, State, Status
from d365_pm.sandbox.desk.events import Activity, Rank
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.names import RESOLUTION_SUBJECTS
from d365_pm.sandbox.desk.numbers import DAY, HOUR, MINUTE, NONE, IntArray, Values, at_rows
from d365_pm.sandbox.desk.people import AUTOMATION

_REACTIVATED, _AT_ONCE, _REVIVED = 0.085, 0.004, 0.12
_SHORTEST_REST = 2 * HOUR
_MOMENT = 20
"""Seconds from an e-mail to the status that says the same."""
_QUIET = 11 * MINUTE
"""A question sooner after an undone resolution would claim the proposal before it: ten minutes count as near."""


def finish(floor: Floor, who: IntArray) -> None:
    """Bring cases to an end: most with a proposal first."""
    proposes = floor.chance(who, 0.68)
    _propose(floor, who[proposes])
    direct, at = floor.reach(who[~proposes], floor.later(who[~proposes], floor.office, 35))
    resolve(floor, direct, at, floor.agent[direct])


def give_up_waiting(floor: Floor, who: IntArray) -> None:
    """The customer stays silent: days later the agent or a flow resolves the case as it waits."""
    who, at = floor.reach(who, floor.later(who, floor.office, 30 * 60, spread=0.3))
    actor = np.where(floor.chance(who, 0.4), AUTOMATION, floor.agent[who])
    resolve(floor, who, at, actor)


def resolve(floor: Floor, who: IntArray, at: IntArray, actor: IntArray) -> None:
    """Resolve cases, and what comes of it: a survey, thanks, or the case itself again."""
    sla.respond(floor, who, at)
    status = np.where(floor.chance(who, 0.72), Status.PROBLEM_SOLVED, Status.INFORMATION_PROVIDED)
    floor.cases.change(who, at, actor, Action.CLOSE, statecode=State.RESOLVED, statuscode=status)
    sla.stop(floor, who, at)
    floor.last_resolution[who] = floor.resolutions.add(
        len(who),
        case=who,
        at=at,
        actor=actor,
        kind=status,
        text=floor.random.integers(len(RESOLUTION_SUBJECTS), size=len(who)),
        minutes=floor.random.integers(3, 90, len(who)),
    )
    _note_proposal(floor, who)
    floor.note(Activity.CASE_RESOLVED, who, at, actor)
    _end(floor, who, at, actor)
    relapses = floor.chance(who, _AT_ONCE) & (floor.sla[who] != OLD_SLA)
    _reactivate(floor, who[relapses], at[relapses], AUTOMATION, rank=Rank.REACTIVATED_AT_ONCE)
    floor.clock[who[relapses]] += _QUIET
    rests = who[~relapses]
    surveys.invite(floor, rests, at[~relapses])
    _part(floor, rests)
    returns = floor.chance(rests, _REACTIVATED) & (floor.sla[rests] != OLD_SLA)
    _come_back(floor, rests[returns])
    if floor.habits.own_statuses:
        _close(floor, rests[~returns])
    if floor.habits.moves_many:
        _resolve_children(floor, who, at, actor)


def cancel(floor: Floor, who: IntArray) -> None:
    """Cancel cases that were none; a few are taken up again."""
    who, at = floor.reach(who, floor.later(who, floor.office, 25))
    withdraw(floor, who, at, floor.own(who, Status.CANCELLED, OwnStatus.OUT_OF_SCOPE), Action.CANCEL)
    revived = who[floor.chance(who, _REVIVED)]
    revived, at = floor.reach(revived, floor.later(revived, floor.office, 400))
    _reactivate(floor, revived, at, floor.agent[revived])


def merge(floor: Floor, who: IntArray, survivor: IntArray) -> None:
    """Duplicates end in the case that they repeat, if that is still open; what was written about them moves there."""
    at = floor.later(who, floor.office, 12)
    ended = floor.first_end[survivor]
    is_open = (ended == NONE) | (at < ended)
    survivor = survivor[at <= floor.end]
    is_open = is_open[at <= floor.end]
    who, at = floor.reach(who, at)
    withdraw(floor, who[~is_open], at[~is_open], Status.CANCELLED, Action.CANCEL)
    who, at, survivor = who[is_open], at[is_open], survivor[is_open]
    withdraw(floor, who, at, Status.MERGED, Action.MERGE, masterid=survivor, merged=1)
    _move_activities(floor, who, at, survivor)


def withdraw(floor: Floor, who: IntArray, at: IntArray, status: Values, action: Action, **values: Values) -> None:
    """End cases without a resolution."""
    actor = floor.agent[who]
    floor.cases.change(who, at, actor, action, statecode=State.CANCELLED, statuscode=status, **values)
    sla.call_off(floor, who, at)
    floor.note(Activity.CASE_CLOSED, who, at, actor)
    _end(floor, who, at, actor)


def _propose(floor: Floor, who: IntArray) -> None:
    """Write what may help, hear the customer or not, and resolve. An article goes along only if there is time left."""
    who, at = floor.reach(who, floor.later(who, floor.office, 35) + 2 * MINUTE)
    resolved_at = floor.later(who, floor.office, 150, spread=1.2) + MINUTE
    in_time = resolved_at <= floor.end
    carries = floor.chance(who, 0.22) & in_time
    article = np.full(len(who), NONE)
    article[carries] = knowledge.link(
        floor, who[carries], at[carries] - 50, knowledge.fresh_family(floor, who[carries]), is_sent=True
    )
    mail.propose(floor, who, at, mail.Text.PROPOSAL, article=article)
    confirms = in_time & floor.chance(who, 0.22) & (resolved_at - at > MINUTE)
    mail.receive(floor, who[confirms], (at + resolved_at)[confirms] // 2, mail.Text.CONFIRMATION)
    if floor.habits.own_statuses:
        _say_so(floor, who, at)
    who, at = floor.reach(who, resolved_at)
    resolve(floor, who, at, floor.agent[who])


def _say_so(floor: Floor, who: IntArray, at: IntArray) -> None:
    """Half of the agents also set the status that says so, which then is the proposal."""
    says = floor.chance(who, 0.5) & (at + _MOMENT <= floor.end)
    who, at = floor.reach(who[says], at[says] + _MOMENT)
    floor.cases.change(who, at, floor.agent[who], statuscode=OwnStatus.SOLUTION_PROPOSED)
    floor.note(Activity.SOLUTION_PROPOSED_TO_CUSTOMER, who, at, floor.agent[who])
    floor.proposal[who] = NONE


def _close(floor: Floor, who: IntArray) -> None:
    """Days after its resolution a flow closes the case, which stays resolved."""
    who = who[floor.chance(who, 0.6)]
    at = floor.clock[who] + 3 * DAY
    who, at = who[at <= floor.end], at[at <= floor.end]
    floor.clock[who] = at
    floor.cases.change(who, at, AUTOMATION, statuscode=OwnStatus.CLOSED)
    floor.note(Activity.CASE_CLOSED, who, at, AUTOMATION)


def _resolve_children(floor: Floor, who: IntArray, at: IntArray, actor: IntArray) -> None:
    """Children that somebody works on are resolved with their parent, in its second and by its actor."""
    parent = floor.cases["parentcaseid"]
    moment, by = np.full(len(parent), NONE), np.full(len(parent), NONE)
    moment[who], by[who] = at, actor
    is_open = (floor.cases["statecode"] == State.ACTIVE) & (floor.agent != NONE) & (parent != NONE)
    children = np.flatnonzero(is_open & (at_rows(moment, parent) > floor.clock))
    children = np.setdiff1d(children, who)
    if len(children):
        floor.clock[children] = moment[parent[children]]
        resolve(floor, children, moment[parent[children]], by[parent[children]])


def _note_proposal(floor: Floor, who: IntArray) -> None:
    """The last e-mail that still stands as the agent's word was the proposed solution."""
    rows = floor.proposal[who]
    rows = rows[rows != NONE]
    mails = floor.mails
    floor.events.add(
        len(rows),
        case=mails["case"][rows],
        activity=Activity.SOLUTION_PROPOSED_TO_CUSTOMER,
        at=mails["sent"][rows],
        actor=mails["actor"][rows],
        rank=Rank.SOLUTION_PROPOSED,
        status=mails["case_status"][rows],
        owner_team=mails["owner_team"][rows],
        article=mails["article"][rows],
    )


def _end(floor: Floor, who: IntArray, at: IntArray, actor: Values) -> None:
    """What every ending does: the queue item rests, open tasks are dropped, an e-mail no longer may be the solution."""
    routing.leave_queue(floor, who, at, actor)
    task = floor.open_task[who]
    floor.tasks.put(task[task != NONE], canceled=at[task != NONE], modified=at[task != NONE])
    floor.open_task[who] = NONE
    floor.proposal[who] = NONE
    first = floor.first_end[who] == NONE
    floor.first_end[who[first]] = at[first]


def _part(floor: Floor, who: IntArray) -> None:
    """Words after the end: the agent's farewell and the customer's thanks, neither of which means anything more."""
    for share, is_farewell in ((0.03, True), (0.05, False)):
        some = who[floor.chance(who, share)]
        at = floor.clock[some] + floor.random.integers(5, 60, len(some)) * MINUTE
        some, at = some[at <= floor.end], at[at <= floor.end]
        if is_farewell:
            mail.send(floor, some, at, mail.Text.FAREWELL)
        else:
            mail.receive(floor, some, at, mail.Text.THANKS)


def _come_back(floor: Floor, who: IntArray) -> None:
    """Days later the case turns out not to be solved: a flow reopens it on the customer's e-mail, or the agent does."""
    at = np.maximum(floor.later(who, floor.waking, 20 * 60, spread=1.0), floor.clock[who] + _SHORTEST_REST)
    who, at = floor.reach(who, at)
    by_flow = floor.chance(who, 0.6)
    mail.receive(floor, who[by_flow], at[by_flow] - 3, mail.Text.CHASER)
    _reactivate(floor, who, at, np.where(by_flow, AUTOMATION, floor.agent[who]))
    again = who[by_flow & floor.chance(who, 0.35)]
    again, at = floor.reach(again, floor.clock[again] + floor.random.integers(1, 5, len(again)))
    floor.give(again, at, AUTOMATION, floor.staff.team(floor.team[again]))
    routing.transfer(floor, again, at, np.full(len(again), AUTOMATION))
    floor.agent[again] = NONE


def _reactivate(floor: Floor, who: IntArray, at: IntArray, actor: Values, *, rank: int = Rank.REACTIVATED) -> None:
    """The case is active again and its last resolution undone; families found before may be found again."""
    was_resolved = floor.cases["statecode"][who] == State.RESOLVED
    undone = floor.last_resolution[who]
    actors = np.broadcast_to(actor, len(who))
    floor.cases.change(who, at, actor, Action.REOPEN, statecode=State.ACTIVE, statuscode=Status.IN_PROGRESS)
    undone, moments, undoers = undone[was_resolved], at[was_resolved], actors[was_resolved]
    floor.resolutions.put(undone, undone=moments, undoer=undoers)
    floor.linked[who] = 0
    floor.note(Activity.CASE_REACTIVATED, who, at, actor, rank=rank)


def _move_activities(floor: Floor, who: IntArray, at: IntArray, survivor: IntArray) -> None:
    """Everything written and said about a merged case belongs to the survivor from now on."""
    home, moved_at = np.full(len(floor.clock), NONE), np.full(len(floor.clock), NONE)
    home[who], moved_at[who] = survivor, at
    for rows in (floor.mails, floor.calls, floor.comments):
        moving = np.flatnonzero(home[rows["case"]] != NONE)
        case = rows["case"][moving]
        rows.put(moving, regarding=home[case], modified=moved_at[case])
    contact = floor.contacts["case"]
    floor.contacts.put(np.arange(len(contact)), case=np.where(home[contact] == NONE, contact, home[contact]))
