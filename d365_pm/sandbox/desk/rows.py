"""Rows that come into being while the desk lives.

Belongs here: columns that grow and can be changed in place. Does not belong here: what the columns mean.
"""

import numpy as np

from d365_pm.sandbox.desk.numbers import NONE, IntArray, Values, spread


class Rows:
    """A table of whole numbers that grows at its end; a row is named by its position."""

    def __init__(self, *columns: str) -> None:
        self.count = 0
        self._columns = {name: np.empty(0, dtype=np.int64) for name in columns}

    def add(self, count: int, **values: Values) -> IntArray:
        """Append rows; a column that is not given stays empty in them.

        Returns:
            The positions of the new rows.
        """
        first, self.count = self.count, self.count + count
        self._reserve(self.count)
        for name, column in self._columns.items():
            column[first : self.count] = spread(values.pop(name, NONE), count)
        if values:
            raise KeyError(f"no such columns: {sorted(values)}")
        return np.arange(first, self.count, dtype=np.int64)

    def put(self, rows: IntArray, **values: Values) -> None:
        """Change columns of rows."""
        for name, value in values.items():
            self._columns[name][rows] = value

    def __getitem__(self, name: str) -> IntArray:
        return self._columns[name][: self.count]

    def _reserve(self, count: int) -> None:
        for name, column in self._columns.items():
            if len(column) < count:
                self._columns[name] = np.resize(column, max(count, 2 * len(column), 1024))
