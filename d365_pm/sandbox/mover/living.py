"""A moving desk that keeps up with the clock on the wall, for a sandbox that is served to others."""

import logging
import threading
import time
from datetime import UTC, datetime

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.mover.mover import Mover
from d365_pm.sandbox.switches import Switches

logger = logging.getLogger(__name__)

_DAYS_AHEAD = 30


def live_on(seconds: float, *, cases: int, seed: int, days: int, switches: Switches) -> Environment:
    """An environment whose desk lives on in a thread of its own until its days ahead are over or the process ends.

    Args:
        seconds: How often the desk is brought to the present moment.
        cases: Cases of the days before now; as many per day come in afterwards.
        seed: Seed of the life.
        days: Days of life before now.
        switches: How the environment behaves.
    """
    whole = max(1, round(cases * (days + _DAYS_AHEAD) / days))
    mover = Mover(cases=whole, seed=seed, days=days, days_ahead=_DAYS_AHEAD, switches=switches)
    threading.Thread(target=_live, args=(mover, seconds), name="moving desk", daemon=True).start()
    return mover.environment


def _live(mover: Mover, seconds: float) -> None:
    while not mover.is_over:
        time.sleep(seconds)
        elapsed = datetime.now(UTC) - mover.now
        try:
            mover.advance(int(elapsed.total_seconds()) / 3600)
        except Exception:
            logger.exception("The desk cannot live on; what it serves stays as it is.")
            return
