"""Formatted values: how the application user's language, locale and time zone show a value.

Belongs here: text for people (Web API reference 4). Does not belong here: raw values and JSON (`render.py`). Labels
come from the environment's options, names of looked-up rows from their own tables.
"""

from dataclasses import dataclass

import polars as pl

from d365_pm.sandbox.schema import PORTUGUESE, AttributeType, Column

_DAY_FORMATS = {PORTUGUESE: "%d/%m/%Y"}
_MOMENT_FORMATS = {PORTUGUESE: "%d/%m/%Y %H:%M"}
_FRACTIONAL = frozenset({AttributeType.DECIMAL, AttributeType.DOUBLE})


@dataclass(frozen=True, slots=True)
class Formats:
    """The view of one user.

    Attributes:
        language: LCID of labels and of the locale.
        time_zone: IANA zone of dates.
    """

    language: int
    time_zone: str

    def label(self, column: Column, code: int) -> str:
        """Label of an option; the number itself where the environment has none."""
        for option in column.options:
            if option.code == code:
                return option.label(self.language)
        return str(code)

    def series(self, column: Column, values: pl.Series) -> pl.Series:
        """Numbers or dates as text; null stays null."""
        if column.type is not AttributeType.DATE_TIME:
            pattern = "{:,.2f}" if column.type in _FRACTIONAL else "{:,}"
            texts = [None if value is None else pattern.format(value) for value in values.to_list()]
            return self._localized(pl.Series(values.name, texts, dtype=pl.String))
        local = values if column.is_day else values.dt.convert_time_zone(self.time_zone)
        is_day = column.is_day or column.has_day_format
        return local.dt.strftime(self._day_format if is_day else self._moment_format)

    @property
    def _day_format(self) -> str:
        return _DAY_FORMATS.get(self.language, "%-m/%-d/%Y")

    @property
    def _moment_format(self) -> str:
        return _MOMENT_FORMATS.get(self.language, "%-m/%-d/%Y %-I:%M %p")

    def _localized(self, numbers: pl.Series) -> pl.Series:
        if self.language != PORTUGUESE:
            return numbers
        return numbers.str.replace_many([",", "."], [".", ","])
