"""What moves many cases in one second: a backlog, an account manager, somebody who leaves.

Belongs here: bulk and cascaded changes of owner (event-log reference 4.10, table reference 8.1). Does not belong here:
children that are resolved with their parent, an ending (`ending.py`).
"""

import numpy as np

from d365_pm.sandbox.desk.audit import Action
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.numbers import DAY, HOUR, MINUTE, NONE, IntArray
from d365_pm.sandbox.desk.people import ADMINISTRATOR

BULK = 20
"""Cases that one actor moves in one second to be a bulk change."""
_BACKLOG, _CASES_OF_ONE, _CUSTOMERS = 28, 2, 12


def move_backlog(floor: Floor, alive: IntArray) -> None:
    """The administrator spreads a backlog over the agents of its teams at once."""
    who = _neighbours(floor, alive[floor.agent[alive] != NONE], _BACKLOG, 2 * DAY)
    agent = floor.staff.agent(floor.team[who], floor.random)
    is_other = agent != floor.cases["ownerid"][who]
    if is_other.sum() >= BULK:
        _move(floor, who[is_other], agent[is_other], Action.ASSIGN)


def follow_customer(floor: Floor, alive: IntArray) -> None:
    """Customers get other account managers, who then own the customer's open cases; the platform cascades it."""
    held = alive[floor.agent[alive] != NONE]
    customer = floor.cases["customerid"][held]
    for each in np.argsort(-np.bincount(customer, minlength=1), kind="stable")[:_CUSTOMERS]:
        who = _neighbours(floor, held[customer == each], _CASES_OF_ONE, 4 * DAY)
        manager = floor.staff.agent(floor.team[who[:1]], floor.random)
        _move(floor, who, np.resize(manager, len(who)), Action.CASCADE)


def _move(floor: Floor, who: IntArray, agent: IntArray, action: Action) -> None:
    """Give cases to agents in one second, a minute after the last of them moved, if the end does not come before."""
    at = np.full(len(who), floor.clock[who].max(initial=0) + MINUTE)
    who, agent, at = who[at <= floor.end], agent[at <= floor.end], at[at <= floor.end]
    floor.clock[who] = at
    floor.give(who, at, ADMINISTRATOR, agent, action=action, is_bulk=True)
    floor.agent[who] = agent


def leave(floor: Floor) -> None:
    """Shortly before the end one person of each team leaves; whoever leads the team owns their cases, open or not."""
    leavers = floor.staff.leavers()
    home = floor.staff.home_team()
    at = floor.end - HOUR
    owner = floor.cases["ownerid"]
    who = np.flatnonzero(np.isin(owner, leavers) & (floor.clock < at))
    leader = floor.staff.supervisor(home[owner[who]])
    floor.clock[who] = at
    floor.give(who, np.full(len(who), at), ADMINISTRATOR, leader, is_bulk=len(who) >= BULK)
    # Surveys that had been planned when their cases ended find other owners.
    later = np.flatnonzero(np.isin(floor.events["case"], who) & (floor.events["at"] >= at))
    floor.events.put(later, owner_team=floor.owner_team[floor.events["case"][later]])


def _neighbours(floor: Floor, who: IntArray, count: int, longest: int) -> IntArray:
    """So many cases whose last steps lie closest together; none if they are further apart than that."""
    if len(who) < count:
        return who[:0]
    order = who[np.argsort(floor.clock[who], kind="stable")]
    spans = floor.clock[order[count - 1 :]] - floor.clock[order[: len(order) - count + 1]]
    first = int(spans.argmin())
    return order[first : first + count] if spans[first] <= longest else order[:0]
