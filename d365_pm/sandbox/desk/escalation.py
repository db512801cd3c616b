"""A case goes up to the second level, and sometimes the flag comes down again."""

from d365_pm.sandbox.desk import routing
from d365_pm.sandbox.desk.audit import Action
from d365_pm.sandbox.desk.events import Activity
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.numbers import NONE, IntArray
from d365_pm.sandbox.desk.people import ESCALATES_TO


def escalate(floor: Floor, who: IntArray) -> None:
    """Flag and team change in one operation; half of the cases go through the new team's queue as well."""
    who = who[floor.cases["isescalated"][who] == 0]
    who, at = floor.reach(who, floor.later(who, floor.office, 50))
    agent = floor.agent[who]
    floor.team[who] = ESCALATES_TO[floor.team[who]]
    floor.escalated_at[who] = at
    floor.give(who, at, agent, floor.staff.team(floor.team[who]), action=Action.UPDATE, isescalated=1)
    floor.note(Activity.CASE_ESCALATED, who, at, agent)
    queued = floor.chance(who, 0.5)
    routing.transfer(floor, who[queued], at[queued], agent[queued])
    floor.agent[who] = NONE
    routing.pick(floor, who)


def calm_down(floor: Floor, who: IntArray) -> None:
    """The flag is taken back; nobody calls that an activity."""
    who = who[floor.cases["isescalated"][who] == 1]
    who, at = floor.reach(who, floor.later(who, floor.office, 60))
    floor.cases.change(who, at, floor.agent[who], isescalated=0)
