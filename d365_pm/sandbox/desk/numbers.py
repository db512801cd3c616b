"""Words for the arrays that the desk is made of.

Belongs here: array types and the one sentinel. Everything while the desk lives is a whole number: rows are named by
their position, instants are seconds since 1970 in UTC, "nothing" is `NONE`. Does not belong here: Arrow (`arrow.py`).
"""

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
Values = IntArray | BoolArray | int

NONE = -1
"""No row, no instant, no code: all real ones are zero or more."""

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def none_of(count: int) -> IntArray:
    """An array of nothing yet."""
    return np.full(count, NONE, dtype=np.int64)


def spread(values: Values, count: int) -> IntArray:
    """The values as an array of that length; a single number is repeated."""
    return np.broadcast_to(np.asarray(values, dtype=np.int64), (count,))


def at_rows(values: IntArray, rows: IntArray) -> IntArray:
    """The values of the named rows; nothing where no row is named."""
    found = none_of(len(rows))
    named = rows != NONE
    found[named] = values[rows[named]]
    return found
