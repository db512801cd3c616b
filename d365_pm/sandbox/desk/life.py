"""The lives of all cases: in rounds, every case that is alive takes its next step.

Belongs here: which steps there are, how often each is taken, and the order of the whole. Does not belong here: what a
step does.
"""

from collections.abc import Callable

import numpy as np

from d365_pm.sandbox.desk import (
    deletion,
    ending,
    escalation,
    handling,
    knowledge,
    opening,
    routing,
    sla,
    upheaval,
    waiting,
)
from d365_pm.sandbox.desk.arrivals import Arrivals
from d365_pm.sandbox.desk.codes import State
from d365_pm.sandbox.desk.floor import Floor
from d365_pm.sandbox.desk.numbers import NONE, IntArray

Step = Callable[[Floor, IntArray], None]


def _ask(floor: Floor, who: IntArray) -> None:
    ending.give_up_waiting(floor, waiting.ask_customer(floor, who))


STEPS: tuple[tuple[Step, float], ...] = (
    (ending.finish, 0.370),
    (ending.cancel, 0.013),
    (_ask, 0.150),
    (waiting.hold, 0.030),
    (knowledge.investigate, 0.150),
    (knowledge.suggest, 0.015),
    (knowledge.search_outside, 0.008),
    (escalation.escalate, 0.055),
    (escalation.calm_down, 0.020),
    (handling.recategorise, 0.055),
    (handling.mistype, 0.012),
    (handling.reprioritise, 0.020),
    (handling.correct_channel, 0.004),
    (handling.report_progress, 0.028),
    (handling.call_customer, 0.020),
    (handling.hear_from_customer, 0.020),
    (handling.consult, 0.015),
    (handling.set_task, 0.015),
    (handling.reassign, 0.035),
    (routing.release, 0.008),
)
"""Steps and how often a case in somebody's hands takes each."""

_ROUNDS, _UPHEAVAL = 80, 2
_SHARES = np.array([weight for _, weight in STEPS]) / sum(weight for _, weight in STEPS)


def live(floor: Floor, arrivals: Arrivals) -> None:
    """Let every case live until it ends or the end of the simulation comes."""
    kept = opening.open_cases(floor, arrivals)
    routing.receive_cases(floor, kept)
    is_duplicate = arrivals.duplicate_of != NONE
    for number in range(_ROUNDS):
        alive = np.flatnonzero((floor.cases["statecode"] == State.ACTIVE) & ~floor.stopped & ~is_duplicate)
        if not len(alive):
            break
        if floor.habits.moves_many and number % _UPHEAVAL == 1:
            upheaval.move_backlog(floor, alive)
            upheaval.follow_customer(floor, alive)
        _take_steps(floor, alive)
    duplicates = np.flatnonzero(is_duplicate & ~floor.stopped)
    routing.pick(floor, duplicates)
    duplicates = duplicates[~floor.stopped[duplicates]]
    ending.merge(floor, duplicates, arrivals.duplicate_of[duplicates])
    if floor.habits.moves_many:
        upheaval.leave(floor)
    if floor.habits.deletes:
        deletion.delete_cases(floor)
    sla.close_books(floor)


def _take_steps(floor: Floor, alive: IntArray) -> None:
    routing.pick(floor, alive[floor.agent[alive] == NONE])
    ready = alive[~floor.stopped[alive]]
    handling.classify(floor, ready[floor.chance(ready, 0.6)])
    ready = ready[~floor.stopped[ready]]
    lot = floor.random.choice(len(STEPS), size=len(ready), p=_SHARES)
    for number, (step, _) in enumerate(STEPS):
        who = _still_at_hand(floor, ready[lot == number])
        if len(who):
            step(floor, who)


def _still_at_hand(floor: Floor, who: IntArray) -> IntArray:
    """Those that no other case's step has ended meanwhile, or ended and sent back to a queue, where nobody has them."""
    is_open = (floor.cases["statecode"][who] == State.ACTIVE) & ~floor.stopped[who]
    at_hand: IntArray = who[is_open & (floor.agent[who] != NONE)]
    return at_hand
