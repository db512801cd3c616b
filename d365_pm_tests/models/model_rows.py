"""Rows that the models answer, in the form that tests compare: short names, ISO moments, plain values."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from d365_pm_tests.models.names import iso, name_of


class Rows(list[dict[str, Any]]):
    """Rows of one model."""

    @classmethod
    def readable(cls, columns: Sequence[str], values: Iterable[tuple[Any, ...]]) -> "Rows":
        """Rows with GUIDs as short names and moments as ISO text."""
        return cls({column: _readable(value) for column, value in zip(columns, row, strict=True)} for row in values)

    def only(self, *columns: str) -> list[Any]:
        """The named columns of each row: a tuple, or the bare value of a single column."""
        if len(columns) == 1:
            return [row[columns[0]] for row in self]
        return [tuple(row[column] for column in columns) for row in self]

    def where(self, **values: Any) -> "Rows":
        """The rows that have these values."""
        return Rows(row for row in self if all(row[column] == value for column, value in values.items()))

    def one(self, **values: Any) -> dict[str, Any]:
        """The only row that has these values; none or several fail the test."""
        rows = self.where(**values)
        assert len(rows) == 1, f"expected one row with {values}, got {len(rows)} of {len(self)}"
        return rows[0]


def _readable(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return name_of(str(value)) if isinstance(value, (str, UUID)) else value
