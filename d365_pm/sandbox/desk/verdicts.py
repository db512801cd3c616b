"""The three judgements about a whole case: first contact, rework, service level (event-log reference 2.13, 2.14, 2.20).

Belongs here: verdicts from counts of noted events and the facts that the desk knows about a case. Does not belong here:
labels and columns (`truth.py`).
"""

from enum import IntEnum

import pyarrow as pa

from d365_pm.sandbox.desk.codes import State
from d365_pm.sandbox.desk.events import Activity
from d365_pm.sandbox.desk.numbers import DAY, BoolArray, IntArray

FCR_LONGEST, FCR_MATURITY = DAY, 7 * DAY


class Promise(IntEnum):
    """What became of the promise to resolve a case in time."""

    NONE = 0
    BROKEN = 1
    KEPT = 2
    RUNNING = 3
    PAUSED = 4
    CALLED_OFF = 5
    CALLED_OFF_AT_RESOLUTION = 6


Counts = dict[Activity, IntArray]


def first_contact_resolution(cases: pa.Table, times: Counts, cycle: IntArray, age: IntArray) -> pa.Array:
    """Resolved once, at once, without asking, without a second contact and without help.

    Args:
        cases: Facts per case.
        times: How often each activity happened in each case.
        cycle: Seconds from creation to the last resolution; negative where there is none.
        age: Seconds since the last resolution.

    Returns:
        Null where the case is not resolved, or nothing speaks against it but it is too young.
    """
    fails = (times[Activity.CASE_RESOLVED] != 1) | (times[Activity.CASE_REACTIVATED] > 0)
    fails |= times[Activity.INFORMATION_REQUESTED_FROM_CUSTOMER] > 0
    fails |= (times[Activity.CASE_ESCALATED] > 0) | (cases["is_escalated"].to_numpy() > 0)
    fails |= (cases["second_contact"].to_numpy() > 0) | (cycle > FCR_LONGEST)
    is_resolved = cases["state"].to_numpy() == State.RESOLVED
    is_known: BoolArray = is_resolved & (fails | (age >= FCR_MATURITY))
    return pa.array(~fails, mask=~is_known)


def rework(cases: pa.Table, times: Counts) -> pa.Array:
    """Something was done again that should have been done once; auditing was on throughout, so it is never unknown."""
    again = cases["reopened"].to_numpy() > 0
    for activity in (
        Activity.CASE_RESOLVED,
        Activity.INFORMATION_REQUESTED_FROM_CUSTOMER,
        Activity.CASE_CATEGORIZATION_CHANGED,
        Activity.CASE_ESCALATED,
    ):
        again |= times[activity] >= 2
    return pa.array(again | (cases["bounced"].to_numpy() > 0))


def sla_breach(cases: pa.Table, resolved_at: IntArray, now: int) -> pa.Array:
    """Whether the promise was broken; null while it runs or where it was called off."""
    promise, deadline = cases["promise"].to_numpy(), cases["deadline"].to_numpy()
    is_resolved = cases["state"].to_numpy() == State.RESOLVED
    broken = (promise == Promise.BROKEN) | ((promise == Promise.RUNNING) & (deadline < now))
    kept = promise == Promise.KEPT
    kept |= (promise == Promise.CALLED_OFF_AT_RESOLUTION) & is_resolved & (deadline >= resolved_at)
    return pa.array(broken, mask=~(broken | kept))
