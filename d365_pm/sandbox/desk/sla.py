"""The clocks of service levels: started, paused, resumed, replaced, met, missed, called off.

Belongs here: what the SLA engine does. A clock that is resumed or replaced is called off and followed by a new one in
the same second (table reference 6.1); only the first of a chain is a start. Does not belong here: the table
(`sla_tables.py`) and the verdict (`verdicts.py`).
"""

import numpy as np

from d365_pm.sandbox.desk.catalogue import FIRST_RESPONSE, OLD_SLA, RESOLUTION, failure_seconds, sla_item
from d365_pm.sandbox.desk.codes import Clock
from d365_pm.sandbox.desk.events import Activity
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.numbers import NONE, IntArray, at_rows
from d365_pm.sandbox.desk.people import SYSTEM

KPIS = (FIRST_RESPONSE, RESOLUTION)
_WARNING_SHARE, _FORGETFUL = 0.75, 0.1


def start(floor: Floor, who: IntArray, at: IntArray) -> None:
    """Both clocks of each case that has a service level; they count from the birth of the case."""
    covered = floor.sla[who] != NONE
    who, at = who[covered], at[covered]
    for kpi in KPIS:
        item = sla_item(floor.sla[who], floor.cases["prioritycode"][who], kpi)
        _run(floor, who, at, kpi, item, floor.cases["created"][who], failure_seconds(item))
        if floor.habits.has_clocks:
            floor.note(Activity.SLA_TIMER_STARTED, who, at, SYSTEM)


def respond(floor: Floor, who: IntArray, at: IntArray) -> None:
    """Somebody answers the customer for the first time."""
    first = floor.cases["firstresponsesent"][who] == 0
    who, at = who[first], at[first]
    floor.cases.change(who, at, floor.agent[who], firstresponsesent=1)
    _succeed(floor, who, at, FIRST_RESPONSE)


def pause(floor: Floor, who: IntArray, at: IntArray) -> None:
    """The case waits or is put on hold: the resolution clock stops."""
    running, at = _running(floor, who, at, RESOLUTION)
    floor.timers.put(running, status=Clock.PAUSED, paused=at, modified=at)


def resume(floor: Floor, who: IntArray, at: IntArray) -> None:
    """Work goes on: the paused clock is called off and another goes on with a later deadline."""
    timer = floor.timer[RESOLUTION][who]
    paused = at_rows(floor.timers["status"], timer) == Clock.PAUSED
    who, at, timer = who[paused], at[paused], timer[paused]
    away = floor.office.between(floor.timers["paused"][timer], at)
    elapsed = np.maximum(floor.timers["elapsed"][timer], 0) + away
    failure = floor.office.add(floor.timers["failure"][timer], away)
    item = floor.timers["item"][timer]
    _follow(floor, who, at, RESOLUTION, item=item, failure=failure, elapsed=elapsed)


def reassess(floor: Floor, who: IntArray, at: IntArray) -> None:
    """The priority changed: running clocks are called off, others with the new target go on from the same start."""
    for kpi in KPIS:
        running, _ = _running(floor, who, at, kpi)
        again = np.isin(floor.timer[kpi][who], running)
        cases, times = who[again], at[again]
        item = sla_item(floor.sla[cases], floor.cases["prioritycode"][cases], kpi)
        elapsed = np.maximum(floor.timers["elapsed"][running], 0)
        failure = floor.office.add(floor.timers["applicable"][running], failure_seconds(item) + elapsed)
        _follow(floor, cases, times, kpi, item=item, failure=failure, elapsed=elapsed)


def stop(floor: Floor, who: IntArray, at: IntArray) -> None:
    """The case is resolved. The old service level tests the status it measures, so its clock is only called off."""
    resume(floor, who, at)
    old = floor.sla[who] == OLD_SLA
    _call_off(floor, who[old], at[old], RESOLUTION)
    _succeed(floor, who[~old], at[~old], RESOLUTION)


def call_off(floor: Floor, who: IntArray, at: IntArray) -> None:
    """The case is cancelled or merged: what still runs or waits is called off."""
    for kpi in KPIS:
        _call_off(floor, who, at, kpi)


def expire(floor: Floor, timers: IntArray, now: IntArray) -> None:
    """Running clocks whose deadline has passed have failed, at the deadline or when they were started after it."""
    failure = floor.timers["failure"][timers]
    late = (floor.timers["status"][timers] == Clock.IN_PROGRESS) & (failure < now)
    missed = timers[late]
    moment = np.maximum(failure[late], floor.timers["created"][missed])
    floor.timers.put(missed, status=Clock.NONCOMPLIANT, terminal=moment, modified=moment)


def close_books(floor: Floor) -> None:
    """At the end: what has failed has failed, and what is about to is marked."""
    timers = np.arange(floor.timers.count)
    now = np.full(len(timers), floor.end)
    expire(floor, timers, now)
    running = floor.timers["status"] == Clock.IN_PROGRESS
    warning = floor.timers["warning"]
    near = timers[running & (warning <= now)]
    floor.timers.put(near, status=Clock.NEARING, modified=np.maximum(warning[near], floor.timers["modified"][near]))


def _run(
    floor: Floor, who: IntArray, at: IntArray, kpi: int, item: IntArray, applicable: IntArray, seconds: IntArray
) -> None:
    rows = floor.timers.add(
        len(who),
        case=who,
        kpi=kpi,
        item=item,
        created=at,
        applicable=applicable,
        warning=floor.office.add(applicable, (seconds * _WARNING_SHARE).astype(np.int64)),
        failure=floor.office.add(applicable, seconds),
        status=Clock.IN_PROGRESS,
        forgets=0,
        modified=at,
    )
    floor.timer[kpi][who] = rows


def _follow(
    floor: Floor, who: IntArray, at: IntArray, kpi: int, *, item: IntArray, failure: IntArray, elapsed: IntArray
) -> None:
    """Call the present clock off and let the next of its chain run; a few forget which one they follow."""
    previous = floor.timer[kpi][who]
    _end(floor, previous, at, Clock.CANCELED)
    rows = floor.timers.add(
        len(who),
        case=who,
        kpi=kpi,
        item=item,
        created=at,
        applicable=floor.timers["applicable"][previous],
        warning=np.maximum(failure - failure_seconds(item) // 4, at),
        failure=failure,
        status=Clock.IN_PROGRESS,
        resumed=at,
        elapsed=elapsed,
        previous=previous,
        forgets=floor.chance(who, _FORGETFUL),
        modified=at,
    )
    floor.timer[kpi][who] = rows


def _running(floor: Floor, who: IntArray, at: IntArray, kpi: int) -> tuple[IntArray, IntArray]:
    """The clocks that still run at an instant, and that instant for each."""
    timer = floor.timer[kpi][who]
    has_one = timer != NONE
    timer, at = timer[has_one], at[has_one]
    expire(floor, timer, at)
    runs = floor.timers["status"][timer] == Clock.IN_PROGRESS
    return timer[runs], at[runs]


def _succeed(floor: Floor, who: IntArray, at: IntArray, kpi: int) -> None:
    running, at = _running(floor, who, at, kpi)
    floor.timers.put(running, succeeded=at)
    _end(floor, running, at, Clock.SUCCEEDED)


def _call_off(floor: Floor, who: IntArray, at: IntArray, kpi: int) -> None:
    running, moments = _running(floor, who, at, kpi)
    _end(floor, running, moments, Clock.CANCELED)
    timer = floor.timer[kpi][who]
    paused = at_rows(floor.timers["status"], timer) == Clock.PAUSED
    _end(floor, timer[paused], at[paused], Clock.CANCELED)


def _end(floor: Floor, timers: IntArray, at: IntArray, status: Clock) -> None:
    floor.timers.put(timers, status=status, terminal=at, modified=at)
