"""How the process treats memory that pages have freed."""

import ctypes
from contextlib import suppress

import pyarrow as pa

_MOST_ARENAS = -8
"""`M_ARENA_MAX` of glibc's `mallopt`."""


def give_memory_back() -> None:
    """Have the memory of pages go back to the system, instead of being kept for each thread that had one."""
    pa.set_memory_pool(pa.system_memory_pool())
    # Only glibc has it, and only it needs it.
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_MOST_ARENAS, 2)
