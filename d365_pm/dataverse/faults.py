"""Faults of a chain of pages that whoever reads can mend by reading once more.

Belongs here: classes below those of `errors.py` that only the reading side raises.
"""

from d365_pm.dataverse.errors import ProtocolError


class BrokenChainError(ProtocolError):
    """A chain of pages repeats, leads elsewhere or is not continued; its window has to be read from the start."""
