"""A desk that lives on while it is served: new cases, changes, deletions and merges, seeded, with its truth known."""

from d365_pm.sandbox.mover.living import live_on
from d365_pm.sandbox.mover.mover import Happenings, Mover

__all__ = ["Happenings", "Mover", "live_on"]
