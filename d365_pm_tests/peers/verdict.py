"""What a peer read, held against what the environment has.

Belongs here: counting, keys, and the values of each row, whatever form a peer gives them. Does not belong here: the
peers.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from d365_pm_tests.peers.telling import Row


@dataclass(frozen=True, slots=True)
class Verdict:
    """One table as one peer read it.

    Attributes:
        rows: Rows that came.
        expected: Rows of the environment.
        missing: Keys that did not come.
        strange: Keys that came and are not in the environment.
        doubled: Rows beyond the first of their key.
        different: Names of columns in which some row has another value, with the number of such rows.
    """

    rows: int
    expected: int
    missing: int
    strange: int
    doubled: int
    different: Mapping[str, int]

    @property
    def is_whole(self) -> bool:
        """Whether every row came once, as it is."""
        return not (self.missing or self.strange or self.doubled or self.different)


def judge(stored: pl.DataFrame, key: str, found: Iterable[Row]) -> Verdict:
    """Compare the rows of a table.

    Args:
        stored: The environment's rows; columns that a row lacks count as empty, as peers leave empty ones out.
        key: Its key column.
        found: Rows as the peer gave them.
    """
    truth = {row[key]: row for row in stored.iter_rows(named=True)}
    columns = [name for name in stored.columns if not name.endswith("_type")]
    seen: set[object] = set()
    rows = strange = 0
    different: dict[str, int] = {}
    for row in found:
        rows += 1
        own = truth.get(row.get(key))
        if own is None:
            strange += 1
            continue
        seen.add(row[key])
        for name in columns:
            if not _same(own[name], row.get(name)):
                different[name] = different.get(name, 0) + 1
    doubled = rows - strange - len(seen)
    return Verdict(rows, len(truth), len(truth) - len(seen), strange, doubled, different)


def _same(own: Any, told: Any) -> bool:
    if own is None or told is None:
        return own is None and told is None
    if isinstance(own, dt.datetime):
        # Answers show whole seconds.
        return _instant(own).replace(microsecond=0) == _instant(dt.datetime.fromisoformat(str(told)))
    if isinstance(own, dt.date):
        return own.isoformat() == str(told)[:10]
    if isinstance(own, str | bool):
        return str(own) == str(told)
    return float(own) == float(told)


def _instant(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
