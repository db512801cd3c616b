"""How the process treats memory that pages have freed."""

import ctypes
from contextlib import suppress

import pyarrow as pa

_MOST_ARENAS = -8
"""`M_ARENA_MAX` of glibc's `mallopt`."""

_FROM_THE_SYSTEM = -3
"""`M_MMAP_THRESHOLD`: without it glibc raises the bound with every large buffer that is freed, up to 32 MB, and then
keeps the freed ones between small ones that still live: 80 MB more after 400,000 rows."""

_LARGE = 1 << 20


def give_memory_back() -> None:
    """Have the memory of pages go back to the system, instead of being kept for each thread that had one."""
    pa.set_memory_pool(pa.system_memory_pool())
    # Only glibc has it, and only it needs it.
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_MOST_ARENAS, 2)
        libc.mallopt(_FROM_THE_SYSTEM, _LARGE)
