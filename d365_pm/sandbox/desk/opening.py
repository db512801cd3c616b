"""A case comes into being: who writes it down, who owns it at birth, and the contact that opened it.

Belongs here: the first instant of a case. Does not belong here: queues and clocks (`routing.py`, `sla.py`).
"""

import numpy as np

from d365_pm.sandbox.desk import mail
from d365_pm.sandbox.desk.arrivals import Arrivals
from d365_pm.sandbox.desk.catalogue import OLD_SLA, STANDARD_SLA, TOPIC_TEAM, TOPICS
from d365_pm.sandbox.desk.codes import Channel, State, Status
from d365_pm.sandbox.desk.events import Activity, Rank
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.numbers import NONE, BoolArray, IntArray
from d365_pm.sandbox.desk.people import ADMINISTRATOR, AUTOMATION, PORTAL

_OPENED_BY = {Channel.EMAIL: AUTOMATION, Channel.IOT: AUTOMATION, Channel.WEB: PORTAL}
_OLD_CONTRACT, _NO_SLA = 0.04, 0.03


def open_cases(floor: Floor, arrivals: Arrivals) -> IntArray:
    """Write down every case that comes in.

    Returns:
        The cases that the agent who wrote them down keeps, so that nobody else need take them.
    """
    cases = np.arange(len(arrivals.at))
    floor.team[:] = TOPIC_TEAM[arrivals.topic]
    floor.imported_at[:] = arrivals.imported_at
    creator = _creators(floor, arrivals)
    owner, keeps = _owners(floor, arrivals, creator)
    written = np.where(arrivals.imported_at == NONE, arrivals.at, arrivals.imported_at)
    _create(floor, arrivals, written, creator, owner)
    floor.clock[:] = written
    floor.initial_channel[:] = arrivals.channel
    floor.sla[:] = _service_levels(floor, arrivals)
    _note_birth(floor, arrivals, creator, owner)
    _note_contact(floor, arrivals, creator)
    floor.agent[keeps] = owner[keeps]
    return cases[keeps]


def _creators(floor: Floor, arrivals: Arrivals) -> IntArray:
    creator = floor.staff.agent(floor.team, floor.random)
    for channel, application in _OPENED_BY.items():
        creator[arrivals.channel == channel] = application
    creator[arrivals.imported_at >= 0] = ADMINISTRATOR
    return creator


def _owners(floor: Floor, arrivals: Arrivals, creator: IntArray) -> tuple[IntArray, BoolArray]:
    """Owners at birth, and which of them keep the case.

    A rule may leave the case with the application, give it to the team, or, where the team owns the rule, to the team's
    administrator, who did nothing for it (table reference 7.1). An imported case comes with the agent who had it.
    """
    lot = floor.random.random(len(creator))
    owner = creator.copy()
    automatic = floor.staff.is_system(creator)
    to_team = (automatic & (lot < 0.35)) | (~automatic & (lot < 0.12))
    to_administrator = automatic & (lot > 0.85)
    owner[to_team] = floor.staff.team(floor.team[to_team])
    owner[to_administrator] = floor.staff.supervisor(floor.team[to_administrator])
    imported = arrivals.imported_at >= 0
    owner[imported] = floor.staff.agent(floor.team[imported], floor.random)
    keeps = imported | ((owner == creator) & ~automatic & (lot < 0.75) & (arrivals.duplicate_of == NONE))
    return owner, keeps


def _create(floor: Floor, arrivals: Arrivals, written: IntArray, creator: IntArray, owner: IntArray) -> None:
    cases = np.arange(len(written))
    slip = np.where(floor.chance(cases, 0.12), floor.random.integers(1, len(TOPICS), len(cases)), 0)
    floor.cases.create(
        written,
        creator,
        ticketnumber=cases,
        title=2 * arrivals.topic + cases % 2,
        statecode=State.ACTIVE,
        statuscode=Status.IN_PROGRESS,
        ownerid=owner,
        customerid=arrivals.customer,
        caseorigincode=arrivals.channel,
        prioritycode=arrivals.priority,
        subjectid=np.where(arrivals.is_classified, (arrivals.topic + slip) % len(TOPICS), NONE),
        productid=arrivals.product,
        isescalated=0,
        firstresponsesent=0,
        merged=0,
        parentcaseid=arrivals.parent,
    )
    floor.cases.now.put(cases, created=arrivals.at)
    floor.owner_team[:] = floor.staff.team_of_owner(owner)
    floor.held[:] = np.where(floor.staff.is_system(owner), NONE, owner)


def _service_levels(floor: Floor, arrivals: Arrivals) -> IntArray:
    lot = floor.random.random(len(arrivals.at))
    sla = np.where(lot < _OLD_CONTRACT, OLD_SLA, STANDARD_SLA)
    return np.where((arrivals.imported_at >= 0) | (lot > 1 - _NO_SLA), NONE, sla)


def _note_birth(floor: Floor, arrivals: Arrivals, creator: IntArray, owner: IntArray) -> None:
    """A birth is noted at the historical instant; an owner other than the creator has been assigned by then."""
    cases = np.arange(len(creator))
    floor.note(Activity.CASE_CREATED, cases, arrivals.at, creator)
    given = cases[owner != creator]
    rank = np.where(owner[given] >= floor.staff.users, Rank.TEAM_ASSIGNED, Rank.USER_ASSIGNED)
    floor.note(Activity.CASE_ASSIGNED, given, arrivals.at[given], creator[given], rank=rank)


def _note_contact(floor: Floor, arrivals: Arrivals, creator: IntArray) -> None:
    """The e-mail a second or two before the case, or the call during which it was written down."""
    fresh = arrivals.imported_at == NONE
    mailed = np.flatnonzero(fresh & (arrivals.channel == Channel.EMAIL))
    mail.receive(floor, mailed, arrivals.at[mailed] - 2, mail.Text.REQUEST)
    called = np.flatnonzero(fresh & (arrivals.channel == Channel.PHONE))
    minutes = floor.random.integers(2, 9, len(called))
    mail.take_call(floor, called, np.minimum(arrivals.at[called] + 30, floor.end), creator[called], minutes)
