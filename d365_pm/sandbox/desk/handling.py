"""What an agent does with a case at the desk: sorts it, looks into it, writes, calls, sets tasks, hands it on.

Belongs here: steps after which the case is as active as before; every step takes the cases that do it now. Does not
belong here: waiting (`waiting.py`), escalation (`escalation.py`) and endings (`ending.py`).
"""

import numpy as np

from d365_pm.sandbox.desk import mail, sla
from d365_pm.sandbox.desk.catalogue import PRODUCTS, TOPICS
from d365_pm.sandbox.desk.codes import Channel
from d365_pm.sandbox.desk.events import Activity
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.names import TASK_SUBJECTS
from d365_pm.sandbox.desk.numbers import MINUTE, NONE, IntArray

_CONTACT_GAP = 15 * MINUTE
"""A contact this soon after the opening one would be part of it."""
_SLIP = 45
"""Seconds within which somebody notices a wrong category."""


def classify(floor: Floor, who: IntArray) -> None:
    """The first category of a case is no change of category."""
    who = who[floor.cases["subjectid"][who] == NONE]
    who, at = floor.reach(who, _thoughtful(floor, who, 4))
    product = floor.cases["productid"][who]
    found = np.where(floor.chance(who, 0.4), floor.random.integers(len(PRODUCTS), size=len(who)), product)
    topic = np.where(floor.chance(who, 0.85), _true_topic(floor, who), _other_topic(floor, who))
    floor.cases.change(who, at, floor.agent[who], subjectid=topic, productid=np.where(product == NONE, found, product))


def recategorise(floor: Floor, who: IntArray) -> None:
    """The right category if the present one is wrong, else some other; a few cases lose theirs."""
    who = who[floor.cases["subjectid"][who] != NONE]
    who, at = floor.reach(who, _thoughtful(floor, who, 15))
    is_wrong = floor.cases["subjectid"][who] != _true_topic(floor, who)
    topic = np.where(is_wrong, _true_topic(floor, who), _other_topic(floor, who))
    topic[floor.chance(who, 0.05)] = NONE
    floor.cases.change(who, at, floor.agent[who], subjectid=topic)
    floor.note(Activity.CASE_CATEGORIZATION_CHANGED, who, at, floor.agent[who])


def mistype(floor: Floor, who: IntArray) -> None:
    """A wrong category, corrected by the same person within a minute: nobody would call it a change."""
    who = who[floor.cases["subjectid"][who] != NONE]
    who, at = floor.reach(who, _thoughtful(floor, who, 10) + _SLIP)
    mistyped_at = at - floor.random.integers(4, _SLIP, len(who))
    right = floor.cases["subjectid"][who]
    floor.cases.change(who, mistyped_at, floor.agent[who], subjectid=_other_topic(floor, who))
    floor.cases.change(who, at, floor.agent[who], subjectid=right)


def reprioritise(floor: Floor, who: IntArray) -> None:
    """Another priority, and with it other targets."""
    who, at = floor.reach(who, floor.later(who, floor.office, 12))
    priority = (floor.cases["prioritycode"][who] + floor.random.integers(0, 2, len(who))) % 3 + 1
    floor.cases.change(who, at, floor.agent[who], prioritycode=priority)
    sla.reassess(floor, who, at)


def correct_channel(floor: Floor, who: IntArray) -> None:
    """The case was filed under the wrong channel; the one it was filed under stays the one it came by."""
    who, at = floor.reach(who, floor.later(who, floor.office, 5))
    wrong = floor.cases["caseorigincode"][who]
    floor.cases.change(who, at, floor.agent[who], caseorigincode=np.where(wrong == Channel.WEB, 2, Channel.WEB))


def report_progress(floor: Floor, who: IntArray) -> None:
    """An e-mail about how things stand."""
    who, at = floor.reach(who, floor.later(who, floor.office, 40))
    mail.propose(floor, who, at, mail.Text.PROGRESS)


def call_customer(floor: Floor, who: IntArray) -> None:
    """A call from the desk."""
    who, at = floor.reach(who, floor.later(who, floor.office, 30))
    mail.call(floor, who, at)


def hear_from_customer(floor: Floor, who: IntArray) -> None:
    """The customer asks how things stand, by e-mail or telephone."""
    at = floor.later(who, floor.office, 150)
    at = np.maximum(at, floor.cases["created"][who] + _CONTACT_GAP)
    who, at = floor.reach(who, at)
    calls = floor.chance(who, 0.4)
    minutes = floor.random.integers(1, 6, int(calls.sum()))
    mail.take_call(floor, who[calls], at[calls], floor.agent[who[calls]], minutes)
    mail.receive(floor, who[~calls], at[~calls], mail.Text.CHASER)


def consult(floor: Floor, who: IntArray) -> None:
    """An e-mail to a colleague, or one that never leaves."""
    who, at = floor.reach(who, floor.later(who, floor.office, 20))
    inside = floor.chance(who, 0.6)
    mail.consult(floor, who[inside], at[inside])
    mail.leave_unsent(floor, who[~inside], at[~inside])


def set_task(floor: Floor, who: IntArray) -> None:
    """A task that the agent does at once or leaves open."""
    who, at = floor.reach(who, floor.later(who, floor.office, 15))
    text = floor.random.integers(len(TASK_SUBJECTS), size=len(who))
    tasks = floor.tasks.add(len(who), case=who, created=at, modified=at, actor=floor.agent[who], text=text)
    done = floor.chance(who, 0.6)
    floor.open_task[who[~done]] = tasks[~done]
    finished = np.minimum(at[done] + floor.random.integers(5, 90, int(done.sum())) * MINUTE, floor.end)
    floor.tasks.put(tasks[done], completed=finished, modified=finished)


def reassign(floor: Floor, who: IntArray) -> None:
    """A colleague gets the case, from the agent or from the supervisor; some give it back."""
    who, at = floor.reach(who, floor.later(who, floor.office, 45))
    agent = floor.agent[who]
    colleague = floor.staff.colleague(agent, floor.random)
    home = floor.staff.home_team()[agent]
    actor = np.where(floor.chance(who, 0.3), floor.staff.supervisor(home), agent)
    floor.give(who, at, actor, colleague)
    floor.agent[who] = colleague
    back = floor.chance(who, 0.15)
    _give_back(floor, who[back], agent[back])


def _give_back(floor: Floor, who: IntArray, agent: IntArray) -> None:
    first = floor.later(who, floor.office, 30)
    arrived, at = floor.reach(who, first)
    agent = agent[first <= floor.end]
    floor.give(arrived, at, floor.agent[arrived], agent)
    floor.agent[arrived] = agent


def _thoughtful(floor: Floor, who: IntArray, minutes: float) -> IntArray:
    """An instant so long after the last step that nobody takes it for the correction of a slip."""
    return np.maximum(floor.later(who, floor.office, minutes), floor.clock[who] + 2 * MINUTE)


def _true_topic(floor: Floor, who: IntArray) -> IntArray:
    """What the customer wrote about: there are two titles per topic."""
    return floor.cases["title"][who] // 2


def _other_topic(floor: Floor, who: IntArray) -> IntArray:
    step = floor.random.integers(1, len(TOPICS), len(who))
    return (floor.cases["subjectid"][who] + step) % len(TOPICS)
