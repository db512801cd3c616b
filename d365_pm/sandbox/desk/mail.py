"""What is written and said between the desk and its customers.

Belongs here: e-mails, calls and portal comments, and which e-mail may prove to be the proposed solution. Does not
belong here: why somebody writes (the steps of a life) and the tables (`activity_tables.py`).
"""

from enum import IntEnum

import numpy as np

from d365_pm.sandbox.desk import sla
from d365_pm.sandbox.desk.codes import Mail
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.numbers import NONE, IntArray, Values
from d365_pm.sandbox.desk.people import AUTOMATION


class Text(IntEnum):
    """What an e-mail is about; positions in `names.MAIL_SUBJECTS`."""

    REQUEST = 0
    ACKNOWLEDGEMENT = 1
    QUESTION = 2
    ANSWER = 3
    PROGRESS = 4
    PROPOSAL = 5
    CONFIRMATION = 6
    CHASER = 7
    INTERNAL = 8
    FAREWELL = 9
    THANKS = 10


def receive(floor: Floor, who: IntArray, at: IntArray, text: Text) -> None:
    """The customer writes; the header's send time lies just before the row."""
    sent = np.maximum(at - floor.random.integers(0, 3, len(who)), floor.start)
    _write(floor, who, at, NONE, sent=sent, outgoing=0, status=Mail.RECEIVED, text=text)
    floor.contacts.add(len(who), case=who, at=sent)


def acknowledge(floor: Floor, who: IntArray, at: IntArray) -> None:
    """A flow thanks for the request."""
    _write(floor, who, at, AUTOMATION, sent=at, outgoing=1, status=Mail.SENT, automatic=1, text=Text.ACKNOWLEDGEMENT)


def send(floor: Floor, who: IntArray, at: IntArray, text: Text) -> None:
    """The agent writes to the customer: a first response at the latest, perhaps not more."""
    sla.respond(floor, who, at)
    _write(floor, who, at, floor.agent[who], sent=at, outgoing=1, status=Mail.SENT, text=text)


def propose(floor: Floor, who: IntArray, at: IntArray, text: Text, *, article: Values = NONE) -> None:
    """The agent writes what may prove to be the solution: the last such e-mail before the case is resolved."""
    sla.respond(floor, who, at)
    rows = _write(floor, who, at, floor.agent[who], sent=at, outgoing=1, status=Mail.SENT, text=text, article=article)
    floor.proposal[who] = rows


def consult(floor: Floor, who: IntArray, at: IntArray) -> None:
    """The agent writes to a colleague; the customer never sees it."""
    _write(floor, who, at, floor.agent[who], sent=at, outgoing=1, status=Mail.SENT, internal=1, text=Text.INTERNAL)


def leave_unsent(floor: Floor, who: IntArray, at: IntArray) -> None:
    """An e-mail that never goes out: a draft, or one that the server refuses."""
    status = np.where(floor.chance(who, 0.7), Mail.DRAFT, Mail.FAILED)
    _write(floor, who, at, floor.agent[who], sent=NONE, outgoing=1, status=status, text=Text.PROGRESS)


def take_call(floor: Floor, who: IntArray, at: IntArray, actor: IntArray, minutes: Values) -> None:
    """The customer calls."""
    floor.calls.add(len(who), case=who, at=at, outgoing=0, actor=actor, minutes=minutes, regarding=who, modified=at)
    floor.contacts.add(len(who), case=who, at=at)


def call(floor: Floor, who: IntArray, at: IntArray) -> None:
    """The agent calls the customer, which is a response too."""
    sla.respond(floor, who, at)
    minutes = floor.random.integers(1, 15, len(who))
    floor.calls.add(
        len(who), case=who, at=at, outgoing=1, actor=floor.agent[who], minutes=minutes, regarding=who, modified=at
    )


def comment(floor: Floor, who: IntArray, at: IntArray) -> None:
    """The customer writes in the portal."""
    floor.comments.add(len(who), case=who, at=at, regarding=who, modified=at)
    floor.contacts.add(len(who), case=who, at=at)


def _write(floor: Floor, who: IntArray, at: IntArray, actor: Values, **values: Values) -> IntArray:
    plain: dict[str, Values] = {"automatic": 0, "internal": 0}
    return floor.mails.add(
        len(who),
        case=who,
        regarding=who,
        created=at,
        modified=at,
        actor=actor,
        case_status=floor.cases["statuscode"][who],
        owner_team=floor.owner_team[who],
        **plain | values,
    )
