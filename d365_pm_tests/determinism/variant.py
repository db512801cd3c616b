"""What may differ between two builds of the same rows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """What a process is given from outside.

    Attributes:
        zone: Its time zone.
        hash_seed: Seed of Python's hashes, which decides the order of its sets.
    """

    zone: str
    hash_seed: int


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of building.

    Attributes:
        order: Seed of the order in which rows come; 0 is the order of the desk.
        page_rows: Rows of a page.
        loads: Extractions that bring a table with a window; a table that is read whole comes in one.
        is_scattered: The rows of every raw file lie in another order and in many small row groups.
        threads: Threads of DuckDB.
    """

    order: int = 0
    page_rows: int = 5000
    loads: int = 1
    is_scattered: bool = False
    threads: int = 1


VARIANTS = {
    Machine("UTC", 0): (
        Variant(),
        Variant(threads=2),
        Variant(threads=8),
        Variant(order=1),
        Variant(order=2, page_rows=500, threads=2),
        Variant(order=3, loads=3, is_scattered=True, threads=8),
    ),
    Machine("America/Sao_Paulo", 1): (
        Variant(),
        Variant(order=4, page_rows=1, threads=8),
        Variant(order=5, page_rows=500, loads=3, threads=8),
        Variant(order=6, is_scattered=True, threads=2),
        Variant(order=7, page_rows=777, loads=2, is_scattered=True, threads=3),
    ),
    Machine("Asia/Kolkata", 2): (
        Variant(),
        Variant(order=8, page_rows=500, is_scattered=True, threads=8),
        Variant(order=9, page_rows=1, loads=2, is_scattered=True, threads=8),
        Variant(order=10, loads=5, is_scattered=True),
        Variant(order=11, is_scattered=True, threads=8),
    ),
}
"""Every build by the process that makes it; the first is what the others are held against."""

SAMPLE = {
    Machine("Asia/Kolkata", 4): (
        Variant(order=12, page_rows=7, loads=3, is_scattered=True, threads=8),
        Variant(order=13, page_rows=500, threads=2),
    ),
}
"""Held against a build in the process of the test, enough to see in seconds that nothing differs where all may."""
