"""From the floor's notebook to the story that the ground truth is told from.

Belongs here: order of events, names instead of numbers, and the facts of each case that no event carries. Does not
belong here: verdicts and labels (`verdicts.py`, `truth.py`).
"""

import numpy as np
import pyarrow as pa

from d365_pm.sandbox.desk.arrow import pick
from d365_pm.sandbox.desk.catalogue import PRODUCTS, RESOLUTION, SUBJECT_TITLES, failure_seconds
from d365_pm.sandbox.desk.codes import Clock
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.keys import Keys
from d365_pm.sandbox.desk.knowledge_tables import article_numbers
from d365_pm.sandbox.desk.numbers import MINUTE, NONE, BoolArray, IntArray, at_rows
from d365_pm.sandbox.desk.people import TEAM_NAMES
from d365_pm.sandbox.desk.truth import Story
from d365_pm.sandbox.desk.verdicts import Promise

OPENING = 10 * MINUTE
"""Contacts up to this long after the creation belong to the opening of the case."""
_PROMISES = np.zeros(6, dtype=np.int64)
_PROMISES[[Clock.IN_PROGRESS, Clock.NEARING]] = Promise.RUNNING
_PROMISES[Clock.NONCOMPLIANT] = Promise.BROKEN
_PROMISES[Clock.PAUSED] = Promise.PAUSED
_PROMISES[Clock.SUCCEEDED] = Promise.KEPT
_PROMISES[Clock.CANCELED] = Promise.CALLED_OFF


def write_story(floor: Floor, keys: Keys, ticket: pa.Array) -> Story:
    """What a person in the room would tell about every case."""
    return Story(_events(floor), _cases(floor, keys, ticket))


def _events(floor: Floor) -> pa.Table:
    rows = floor.events
    order = np.lexsort((np.arange(rows.count), rows["rank"], rows["at"], rows["case"]))
    order = order[floor.cases["removed"][rows["case"][order]] == NONE]
    actor = rows["actor"][order]
    return pa.table(
        {
            "case": rows["case"][order],
            "activity": rows["activity"][order],
            "at": rows["at"][order],
            "agent": pick(floor.staff.names, np.where(floor.staff.is_system(actor), NONE, actor)),
            "status": rows["status"][order],
            "owner_team": pick(TEAM_NAMES, rows["owner_team"][order]),
            "article": pick(article_numbers(floor.articles), rows["article"][order]),
        }
    )


def _cases(floor: Floor, keys: Keys, ticket: pa.Array) -> pa.Table:
    now = floor.cases
    timer = floor.timer[RESOLUTION]
    item, target = at_rows(floor.timers["item"], timer), np.full(len(timer), NONE)
    target[item != NONE] = failure_seconds(item[item != NONE])
    csat = _scores(floor)
    return pa.table(
        {
            "guid": keys.of("incident", len(timer)),
            "ticket": ticket,
            "created": now["created"],
            "state": now["statecode"],
            "channel": floor.initial_channel,
            "priority": now["prioritycode"],
            "customer": pick(floor.customers.names, now["customerid"]),
            "subject": pick(SUBJECT_TITLES, now["subjectid"]),
            "product": pick([name for name, _ in PRODUCTS], now["productid"]),
            "is_escalated": now["isescalated"],
            "second_contact": _has_second_contact(floor).astype(np.int64),
            "reopened": _was_reopened(floor).astype(np.int64),
            "bounced": floor.bounced.astype(np.int64),
            "sla_target": pa.array(target, mask=target < 0),
            "promise": _promises(floor),
            "deadline": at_rows(floor.timers["failure"], timer),
            "csat": pa.array(csat, type=pa.int32(), mask=csat < 0),
        }
    )


def _promises(floor: Floor) -> IntArray:
    """The fate of the newest resolution clock: the chain's last one is never called off while an earlier one stands."""
    timer = floor.timer[RESOLUTION]
    promise = np.where(timer == NONE, Promise.NONE, _PROMISES[at_rows(floor.timers["status"], timer)])
    called_off = promise == Promise.CALLED_OFF
    ended = at_rows(floor.timers["terminal"], timer) == at_rows(floor.resolutions["at"], floor.last_resolution)
    resolved = floor.last_resolution != NONE
    return np.where(called_off & ended & resolved, Promise.CALLED_OFF_AT_RESOLUTION, promise)


def _has_second_contact(floor: Floor) -> BoolArray:
    case, at = floor.contacts["case"], floor.contacts["at"]
    resolved_at = at_rows(floor.resolutions["at"], floor.last_resolution)
    counts = (at > floor.cases["created"][case] + OPENING) & (at <= resolved_at[case])
    return np.bincount(case[counts], minlength=len(resolved_at)) > 0


def _was_reopened(floor: Floor) -> BoolArray:
    undone = floor.resolutions["case"][floor.resolutions["undone"] != NONE]
    return np.bincount(undone, minlength=len(floor.clock)) > 0


def _scores(floor: Floor) -> IntArray:
    """The last answer of each case in whole points, halves up."""
    rows = floor.responses
    order = np.argsort(rows["at"], kind="stable")
    score = np.full(len(floor.clock), NONE)
    score[rows["case"][order]] = (rows["score"][order] + 5) // 10
    return score
