"""A case stands still: it waits for the customer, or is put on hold.

Belongs here: the two kinds of waiting and what ends them. Does not belong here: giving up on a silent customer, an
ending (`ending.py`).
"""

import numpy as np

from d365_pm.sandbox.desk import mail, sla
from d365_pm.sandbox.desk.codes import Channel, OwnStatus, Status
from d365_pm.sandbox.desk.events import Activity
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.numbers import MINUTE, FloatArray, IntArray, Values
from d365_pm.sandbox.desk.people import AUTOMATION

_SHORTEST_SILENCE = 25 * MINUTE
"""No answer sooner: an e-mail within ten minutes of a question belongs to the question."""
_BY_CALL, _LATE = 0.15, 0.85
"""Who draws less asks by telephone; who draws more changes the status first and writes then."""


def ask_customer(floor: Floor, who: IntArray) -> IntArray:
    """Ask for information: an e-mail or a call, and the status that says so. Most customers answer.

    Returns:
        The cases whose customers never answer; they still wait.
    """
    asked_at = floor.later(who, floor.office, 30) + 2 * MINUTE
    who, at = floor.reach(who, asked_at)
    lot, seconds = floor.random.random(len(who)), floor.random.integers(5, 110, len(who))
    _ask_first(floor, who, at - seconds, lot)
    floor.cases.change(
        who, at, floor.agent[who], statuscode=floor.own(who, Status.WAITING, OwnStatus.AWAITING_CUSTOMER)
    )
    late = lot > _LATE
    mail.send(floor, who[late], np.minimum(at + seconds, floor.end)[late], mail.Text.QUESTION)
    floor.proposal[who] = -1
    sla.pause(floor, who, at)
    floor.note(Activity.INFORMATION_REQUESTED_FROM_CUSTOMER, who, at, floor.agent[who])
    answers = floor.chance(who, 0.85)
    _answer(floor, who[answers])
    return who[~answers]


def hold(floor: Floor, who: IntArray) -> None:
    """Put the case on hold for a while, for reasons of the desk."""
    who, at = floor.reach(who, floor.later(who, floor.office, 30))
    floor.cases.change(
        who, at, floor.agent[who], statuscode=floor.own(who, Status.ON_HOLD, OwnStatus.AWAITING_SUPPLIER)
    )
    sla.pause(floor, who, at)
    who, at = floor.reach(who, floor.later(who, floor.office, 300))
    _go_on(floor, who, at, floor.agent[who])


def _ask_first(floor: Floor, who: IntArray, at: IntArray, lot: FloatArray) -> None:
    """Most write or call just before they change the status; the rest write just after."""
    by_call, by_mail = lot < _BY_CALL, (lot >= _BY_CALL) & (lot <= _LATE)
    mail.send(floor, who[by_mail], at[by_mail], mail.Text.QUESTION)
    mail.call(floor, who[by_call], at[by_call])


def _answer(floor: Floor, who: IntArray) -> None:
    """The customer answers; a flow sets the case back to work within a minute, or the agent does later."""
    at = np.maximum(floor.later(who, floor.waking, 360, spread=1.1), floor.clock[who] + _SHORTEST_SILENCE)
    who, at = floor.reach(who, at)
    lot = floor.random.random(len(who))
    by_portal = (floor.initial_channel[who] == Channel.WEB) & (lot < 0.4)
    by_call = ~by_portal & (lot > 0.85)
    by_mail = ~by_portal & ~by_call
    mail.comment(floor, who[by_portal], at[by_portal])
    mail.take_call(floor, who[by_call], at[by_call], floor.agent[who[by_call]], 3)
    mail.receive(floor, who[by_mail], at[by_mail], mail.Text.ANSWER)
    noticed = by_call | floor.chance(who, 0.3)
    flow = who[~noticed]
    flow, at = floor.reach(flow, floor.clock[flow] + floor.random.integers(2, 50, len(flow)))
    _go_on(floor, flow, at, AUTOMATION)
    person = who[noticed]
    person, at = floor.reach(person, floor.later(person, floor.office, 12))
    _go_on(floor, person, at, floor.agent[person])


def _go_on(floor: Floor, who: IntArray, at: IntArray, actor: Values) -> None:
    floor.cases.change(who, at, actor, statuscode=Status.IN_PROGRESS)
    sla.resume(floor, who, at)
