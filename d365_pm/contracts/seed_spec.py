"""The form in which the promise of a seed file, and its checked content, are written down.

Belongs here: what a seed column may hold. Does not belong here: the seeds of the project (`seeds.py`) and the reading
of their files (`seed_files.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

SeedType = Literal["text", "whole", "flag", "decimal"]


@dataclass(frozen=True, slots=True)
class SeedColumn:
    """One column of a seed.

    Attributes:
        name: Header of the column in the file, and its name in SQL.
        type: What a cell holds; `flag` is written `true` or `false`.
        required: An empty cell is an error; without it an empty cell is null.
        allowed: The only values a cell may have, as they are written in the file; None allows any of the type.
    """

    name: str
    type: SeedType = "text"
    required: bool = True
    allowed: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class SeedSpec:
    """One seed file: `<name>.csv` becomes the table `seeds.<name>`.

    Attributes:
        name: File name without its ending.
        columns: Every column of the file; the file has them all, in any order, and no other.
        key: Columns that together are unique and tell one row from another.
        values_of: For a seed of keys and values, the only values that each key may have.
        column_keys: Of these, the keys whose value may also be the logical name of any other column.
    """

    name: str
    columns: tuple[SeedColumn, ...]
    key: tuple[str, ...]
    values_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    column_keys: frozenset[str] = frozenset()


Cell = str | int | bool | Decimal | None


@dataclass(frozen=True, slots=True)
class Seed:
    """The checked content of one seed file; rows have the order of the specification's columns."""

    spec: SeedSpec
    path: Path
    rows: tuple[tuple[Cell, ...], ...]
