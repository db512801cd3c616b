"""Raw rows by table, ids in lower case. Does not belong here: audited values and what rows mean."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from d365_pm.sandbox.schema import LANGUAGES, TABLES
from d365_pm_tests.recount.values import plain_id

Row = dict[str, Any]
Rows = dict[str, list[Row]]


@dataclass(frozen=True)
class Raw:
    """Rows by table and labels by (table, column, code, language code)."""

    rows: Mapping[str, Sequence[Row]]
    labels: Mapping[tuple[str, str, int, int], str]

    def table(self, name: str) -> Sequence[Row]:
        """Rows of a table; none where the environment lacks it."""
        return self.rows.get(name, ())

    def by_key(self, name: str, key: str) -> dict[str, Row]:
        """Rows of a table by one column that is never twice the same."""
        return {row[key]: row for row in self.table(name)}

    def grouped(self, name: str, column: str) -> dict[str, list[Row]]:
        """Rows of a table by one column; rows without a value are left out."""
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in self.table(name):
            if row.get(column) is not None:
                groups[row[column]].append(row)
        return groups

    def label(self, table: str, column: str, code: int | None, lcid: int) -> str | None:
        """Label of a code; `code:<n>` where none is known (4.11)."""
        return None if code is None else self.labels.get((table, column, code, lcid), f"code:{code}")


def rows_of(tables: Mapping[str, pa.Table]) -> Rows:
    """Tables as lists of rows."""
    return {name: table.to_pylist() for name, table in tables.items()}


def read_raw(rows: Mapping[str, Iterable[Row]]) -> Raw:
    """Raw rows with ids in lower case, and the labels of the sandbox's option sets."""
    plain = {
        name: [{key: plain_id(value) for key, value in row.items()} for row in each] for name, each in rows.items()
    }
    return Raw(plain, dict(_labels()))


def _labels() -> Iterable[tuple[tuple[str, str, int, int], str]]:
    for table in TABLES.values():
        for column in table.columns:
            for option in column.options:
                for lcid in LANGUAGES:
                    yield (table.name, column.name, option.code, lcid), option.label(lcid)
