"""Asking the customer how it was: invitations and answers.

Belongs here: which invitations count as sent and what customers answer. Does not belong here: the tables.
"""

import numpy as np

from d365_pm.sandbox.desk.codes import Invite
from d365_pm.sandbox.desk.events import Activity
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.numbers import HOUR, NONE, IntArray
from d365_pm.sandbox.desk.people import CUSTOMER_VOICE

_STATUSES = np.array([
    Invite.SENT, Invite.RESPONDED, Invite.READ, Invite.STARTED, Invite.REMINDER_SENT,
    Invite.FAILED, Invite.QUEUED, Invite.UNSUBSCRIBED, Invite.SKIPPED, Invite.CREATED, Invite.DELAYED,
])  # fmt: skip
_SHARES = np.array([0.30, 0.36, 0.14, 0.04, 0.05, 0.04, 0.02, 0.02, 0.01, 0.01, 0.01])
_COUNTED = np.array([Invite.SENT, Invite.RESPONDED, Invite.READ, Invite.STARTED, Invite.REMINDER_SENT])
_INVITED, _BY_HAND, _LATE = 0.72, 0.02, 0.08


def invite(floor: Floor, who: IntArray, resolved_at: IntArray) -> None:
    """Invite customers of resolved cases: seconds later, or an hour; a few are invited by the agent."""
    if not floor.habits.surveys:
        return
    chosen = floor.chance(who, _INVITED)
    seconds = floor.random.integers(5, 40, len(who)) + HOUR * floor.chance(who, _LATE)
    at = resolved_at + seconds
    chosen &= at <= floor.end
    who, at = who[chosen], at[chosen]
    status = floor.random.choice(_STATUSES, len(who), p=_SHARES)
    actor = np.where(floor.chance(who, _BY_HAND), floor.agent[who], CUSTOMER_VOICE)
    invites = floor.invites.add(len(who), case=who, at=at, actor=actor, status=status, modified=at)
    sent = np.isin(status, _COUNTED)
    floor.note(Activity.SATISFACTION_SURVEY_SENT, who[sent], at[sent], actor[sent])
    answered = status == Invite.RESPONDED
    _answer(floor, who[answered], invites[answered], at[answered])


def _answer(floor: Floor, who: IntArray, invites: IntArray, invited_at: IntArray) -> None:
    """Answers within days, in tenths of a point; those that would come after the end have not been given."""
    seconds = floor.random.lognormal(np.log(9 * HOUR), 1.2, len(who)).astype(np.int64)
    at = floor.waking.add(invited_at, seconds) + 1
    early = at <= floor.end
    floor.invites.put(invites[~early], status=Invite.READ)
    who, invites, at = who[early], invites[early], at[early]
    score, nps = _opinion(floor, who)
    floor.responses.add(len(who), case=who, invite=invites, at=at, score=score, nps=nps)
    floor.invites.put(invites, modified=at)


def _opinion(floor: Floor, who: IntArray) -> tuple[IntArray, IntArray]:
    """Satisfaction from 10 to 50 and recommendation from 0 to 10, worse for cases that went badly."""
    trouble = (floor.escalated_at[who] != NONE) * 0.5 + (floor.last_resolution[who] != NONE) * 0.1
    trouble += floor.bounced[who] * 0.4
    mood = np.clip(floor.random.normal(4.3 - trouble, 0.9), 1, 5)
    halves = floor.chance(who, 0.15)
    score = np.where(halves, np.round(mood * 2) * 5, np.round(mood) * 10).astype(np.int64)
    return score, np.clip(np.round(mood * 2 + floor.random.normal(0, 1, len(who))), 0, 10).astype(np.int64)
