"""Lookups as JSON with their annotations, remembered from page to page.

Belongs here: the text of lookup values. Without labels it depends on the target table alone and is written for a whole
column at once. With labels it depends on the row behind the lookup; rows share their owners, customers and categories,
so most such texts of a page were written for an earlier one, and a change of any row forgets them all.
"""

from dataclasses import dataclass, field

import msgspec
import polars as pl
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

    def write(self, table: Table, column: Column, wanted: Wanted, ids: pl.Series, targets: pl.Series) -> pa.Array:
        """One fragment per row.

        Args:
            table: The table that the rows come from.
            column: The lookup.
            wanted: Annotations to write before it.
            ids: Its values.
            targets: The table of each value.
        """
        if not wanted.label:
            return self._by_target(table, column, wanted, ids, targets)
        pairs = list(zip(ids.to_list(), targets.to_list(), strict=True))
        texts = self._remembered((table.name, column.name, wanted))
        for pair in set(pairs) - texts.keys():
            texts[pair] = self._text(table, column, wanted, pair)
        return pa.array([texts[pair] for pair in pairs], type=pa.large_string())

    def _by_target(self, table: Table, column: Column, wanted: Wanted, ids: pl.Series, targets: pl.Series) -> pa.Array:
        name = column.wire_name
        heads = {
            target: ",".join([*_annotations(table, column, wanted, target, None), f'"{name}":"'])
            for target in targets.unique().to_list()
        }
        head = targets.replace_strict(list(heads), list(heads.values()), return_dtype=pl.String)
        texts = pl.select(pl.concat_str(head, ids, pl.lit('"')).fill_null(f'"{name}":null')).to_series()
        return texts.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.large_string())

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
        return ",".join([*_annotations(table, column, wanted, target, label), f'"{name}":"{row_id}"'])


def _annotations(table: Table, column: Column, wanted: Wanted, target: str | None, label: str | None) -> list[str]:
    """What stands before a value, in the order of the reference (2.1)."""
    name = column.wire_name
    parts = []
    if wanted.label and label is not None:
        parts.append(f'"{name}@{FORMATTED_VALUE}":{msgspec.json.encode(label).decode()}')
    # Audit rows never carry this annotation (reference 7.2).
    if wanted.navigation and target and table.table_type == "Standard":
        parts.append(f'"{name}@{NAVIGATION}":"{table.navigation(column, target)}"')
    if wanted.target and target:
        parts.append(f'"{name}@{LOOKUP_TABLE}":"{target}"')
    return parts
