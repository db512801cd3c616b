"""Lookups as JSON with their annotations, remembered from page to page.

Belongs here: the text of one lookup value. Rows share their owners, customers and categories, so most texts of a page
were written for an earlier one; a change of any row forgets them all.
"""

from dataclasses import dataclass, field

import msgspec
import pyarrow as pa

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.prefer import FORMATTED_VALUE, LOOKUP_TABLE, NAVIGATION, Preferences
from d365_pm.sandbox.schema import Column, Table

_KEPT_TEXTS = 100_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which annotations a request wants beside a lookup."""

    label: bool
    target: bool
    navigation: bool

    @classmethod
    def of(cls, preferences: Preferences) -> "Wanted":
        """What the `Prefer` header says."""
        return cls(
            label=preferences.wants(FORMATTED_VALUE),
            target=preferences.wants(LOOKUP_TABLE),
            navigation=preferences.wants(NAVIGATION),
        )

    @property
    def nothing(self) -> bool:
        """The bare id is enough."""
        return not (self.label or self.target or self.navigation)


_Pair = tuple[str | None, str | None]


@dataclass
class LookupTexts:
    """The texts of one environment's lookups; safe to use from several threads."""

    environment: Environment
    _version: int = -1
    _texts: dict[tuple[str, str, Wanted], dict[_Pair, str]] = field(default_factory=dict)

    def write(
        self, table: Table, column: Column, wanted: Wanted, ids: list[str | None], targets: list[str | None]
    ) -> pa.Array:
        """One fragment per row.

        Args:
            table: The table that the rows come from.
            column: The lookup.
            wanted: Annotations to write before it.
            ids: Its values.
            targets: The table of each value.
        """
        texts = self._remembered((table.name, column.name, wanted))
        for pair in set(zip(ids, targets, strict=True)) - texts.keys():
            texts[pair] = self._text(table, column, wanted, pair)
        return pa.array([texts[pair] for pair in zip(ids, targets, strict=True)], type=pa.large_string())

    def _remembered(self, key: tuple[str, str, Wanted]) -> dict[_Pair, str]:
        version = self.environment.version
        if self._version != version:
            self._texts, self._version = {}, version
        texts = self._texts.get(key)
        if texts is None or len(texts) > _KEPT_TEXTS:
            texts = self._texts[key] = {}
        return texts

    def _text(self, table: Table, column: Column, wanted: Wanted, pair: _Pair) -> str:
        row_id, target = pair
        name = column.wire_name
        if row_id is None:
            return f'"{name}":null'
        related = self.environment.tables.get(target) if target else None
        label = related.name_by_id.get(row_id) if related else None
        parts = []
        if wanted.label and label is not None:
            parts.append(f'"{name}@{FORMATTED_VALUE}":{msgspec.json.encode(label).decode()}')
        # Audit rows never carry this annotation (reference 7.2).
        if wanted.navigation and target and table.table_type == "Standard":
            parts.append(f'"{name}@{NAVIGATION}":"{table.navigation(column, target)}"')
        if wanted.target and target:
            parts.append(f'"{name}@{LOOKUP_TABLE}":"{target}"')
        return ",".join([*parts, f'"{name}":"{row_id}"'])
