"""Queues: how a case gets into one, who takes it out, and how it comes back.

Belongs here: queue items and picking. Does not belong here: escalation (`escalation.py`), which uses them.
"""

import numpy as np

from d365_pm.sandbox.desk import mail, sla
from d365_pm.sandbox.desk.audit import Action
from d365_pm.sandbox.desk.codes import Channel
from d365_pm.sandbox.desk.events import Activity, Rank
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.numbers import NONE, BoolArray, IntArray, Values, at_rows
from d365_pm.sandbox.desk.people import AUTOMATION

_WAIT_MINUTES = np.array([0, 9, 28, 60])
"""Median minutes that a case waits in a queue, by priority code."""


def receive_cases(floor: Floor, kept: IntArray) -> None:
    """The first seconds of every case: a queue unless its writer keeps it, clocks, a reply by a flow."""
    everybody = np.arange(len(floor.clock))
    queued = np.setdiff1d(everybody, kept)
    automatic = floor.staff.is_system(floor.cases["creator"][queued])
    _route(floor, queued[automatic], 1, 5)
    _route(floor, queued[~automatic], 30, 240)
    who, at = floor.reach(everybody, floor.clock[everybody] + floor.random.integers(0, 4, len(everybody)))
    fresh = floor.imported_at[who] == NONE
    sla.start(floor, who[fresh], at[fresh])
    _acknowledge(floor, who[fresh])


def enqueue(floor: Floor, who: IntArray, at: IntArray, actor: Values) -> None:
    """Put cases into the queue of the team whose work they are; note it."""
    team = floor.team[who]
    items = floor.items.create(at, actor, Action.ADD_TO_QUEUE, objectid=who, queueid=team, statecode=0, statuscode=1)
    floor.item_facts.add(len(who), entered=at)
    floor.item[who] = items
    floor.note(Activity.CASE_ASSIGNED, who, at, actor, rank=Rank.QUEUE_ASSIGNED)


def transfer(floor: Floor, who: IntArray, at: IntArray, actor: IntArray) -> None:
    """Move cases to the queue of their team: a new queue on the same item, or a new item instead of the old one.

    A case that already is in that queue only becomes free for somebody else.
    """
    item = floor.item[who]
    stays = _is_in_own_queue(floor, who)
    _set_worker(floor, item[stays], at[stays], actor[stays], NONE)
    who, at, actor, item = who[~stays], at[~stays], actor[~stays], item[~stays]
    active = at_rows(floor.items["statecode"], item) == 0
    moves = active & floor.chance(who, 0.5)
    moved = item[moves]
    floor.items.change(moved, at[moves], actor[moves], queueid=floor.team[who[moves]], workerid=NONE)
    floor.item_facts.put(moved, entered=at[moves], worked=at[moves])
    floor.note(Activity.CASE_ASSIGNED, who[moves], at[moves], actor[moves], rank=Rank.QUEUE_ASSIGNED)
    replaced = active & ~moves
    floor.items.remove(item[replaced], at[replaced], actor[replaced])
    enqueue(floor, who[~moves], at[~moves], actor[~moves])


def pick(floor: Floor, who: IntArray) -> None:
    """Somebody of the team takes each waiting case: picks it, picks it out of the queue, or is given it."""
    at = floor.later(who, floor.office, 1, spread=0.2)
    wait = _WAIT_MINUTES[floor.cases["prioritycode"][who]] * floor.random.lognormal(0, 0.9, len(who))
    who, at = floor.reach(who, floor.office.add(at, (wait * 60).astype(np.int64)))
    floor.agent[who] = floor.staff.agent(floor.team[who], floor.random)
    lot = floor.random.random(len(who))
    queued = _is_in_own_queue(floor, who)
    queued &= at_rows(floor.items["workerid"], floor.item[who]) != floor.agent[who]
    _hand_over(floor, who[~queued], at[~queued])
    _push(floor, who[queued & (lot < 0.08)], at[queued & (lot < 0.08)])
    removed = queued & (lot >= 0.08) & (lot < 0.14)
    removed &= floor.cases["ownerid"][who] != floor.agent[who]
    _take_out(floor, who[removed], at[removed])
    taken = queued & (lot >= 0.08) & ~removed
    _take(floor, who[taken], at[taken])


def release(floor: Floor, who: IntArray) -> None:
    """The agent gives cases back to the team and its queue."""
    who, at = floor.reach(who, floor.later(who, floor.office, 25))
    item, actor = floor.item[who], floor.agent[who]
    queued = _is_in_own_queue(floor, who)
    _set_worker(floor, item[queued], at[queued], actor[queued], NONE)
    floor.give(who, at, actor, floor.staff.team(floor.team[who]))
    floor.agent[who] = NONE


def leave_queue(floor: Floor, who: IntArray, at: IntArray, actor: Values) -> None:
    """The case has ended: its item stays behind, inactive."""
    item = floor.item[who]
    active = at_rows(floor.items["statecode"], item) == 0
    actors = np.broadcast_to(actor, len(who))[active]
    floor.items.change(item[active], at[active], actors, Action.SET_STATE, statecode=1, statuscode=2)


def _is_in_own_queue(floor: Floor, who: IntArray) -> BoolArray:
    """Whether each case waits in the queue of the team whose work it is, not in one that it has outgrown."""
    item = floor.item[who]
    is_active = at_rows(floor.items["statecode"], item) == 0
    is_own: BoolArray = is_active & (at_rows(floor.items["queueid"], item) == floor.team[who])
    return is_own


def _route(floor: Floor, who: IntArray, soonest: int, latest: int) -> None:
    """Into the queue; in the same second the team may become the owner."""
    who, at = floor.reach(who, floor.clock[who] + floor.random.integers(soonest, latest + 1, len(who)))
    actor = floor.cases["creator"][who]
    actor = np.where(floor.staff.is_system(actor), AUTOMATION, actor)
    owned = floor.chance(who, 0.4)
    floor.give(who[owned], at[owned], actor[owned], floor.staff.team(floor.team[who[owned]]))
    enqueue(floor, who, at, actor)


def _acknowledge(floor: Floor, who: IntArray) -> None:
    channel = floor.initial_channel[who]
    written = np.isin(channel, [Channel.EMAIL, Channel.WEB]) & floor.chance(who, 0.7)
    who = who[written]
    mail.acknowledge(floor, who, np.minimum(floor.clock[who] + floor.random.integers(2, 20, len(who)), floor.end))


def _take(floor: Floor, who: IntArray, at: IntArray) -> None:
    """PickFromQueue: worker and owner change in one second."""
    agent = floor.agent[who]
    _set_worker(floor, floor.item[who], at, agent, agent)
    floor.give(who, at, agent, agent)
    floor.note(Activity.QUEUE_ITEM_PICKED_BY_AGENT, who, at, agent)


def _take_out(floor: Floor, who: IntArray, at: IntArray) -> None:
    """PickFromQueue with removal: the item is deleted in the second in which the agent becomes the owner."""
    agent = floor.agent[who]
    floor.items.remove(floor.item[who], at, agent)
    floor.item[who] = NONE
    floor.give(who, at, agent, agent)
    floor.note(Activity.QUEUE_ITEM_PICKED_BY_AGENT, who, at, agent)


def _push(floor: Floor, who: IntArray, at: IntArray) -> None:
    """The supervisor gives the item to an agent, who did not pick it."""
    agent, supervisor = floor.agent[who], floor.staff.supervisor(floor.team[who])
    _set_worker(floor, floor.item[who], at, supervisor, agent)
    floor.give(who, at, supervisor, agent)


def _hand_over(floor: Floor, who: IntArray, at: IntArray) -> None:
    """Without a queue, or with the item in hand already, the agent simply becomes the owner."""
    floor.give(who, at, floor.agent[who], floor.agent[who])


def _set_worker(floor: Floor, items: IntArray, at: IntArray, actor: Values, worker: Values) -> None:
    floor.items.change(items, at, actor, workerid=worker)
    floor.item_facts.put(items, worked=at)
