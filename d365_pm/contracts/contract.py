"""What a promise of a published table is, and how a table stands to it.

Belongs here: the three forms of a promise and the outcome of judging one. Does not belong here: the promises themselves
(`log_promises.py`, `event_promises.py`, `case_promises.py` and `checks/*.sql`), judging (`judgement.py`), and what
happens to a build that breaks one (`warehouse/`, `assets/`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandera.polars as pandera
import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One promise of a table.

    Attributes:
        name: Name of the check as the UI shows it, and of its table of failing rows.
        table: Table that makes the promise, with schema.
        description: The promise in a sentence.
        section: Section of the event-log semantics that demands it.
        keys: Columns that tell a reader which row or case failed; they hold no personal data.
        blocking: A broken promise makes the log wrong and stops publication; any other warns.
    """

    name: str
    table: str
    description: str
    section: str
    keys: tuple[str, ...]
    blocking: bool = True


@dataclass(frozen=True, kw_only=True)
class Shape(Contract):
    """A promise about the columns of a table and their types; `schema` is held against no rows at all."""

    schema: pandera.DataFrameSchema


@dataclass(frozen=True, kw_only=True)
class RowPromise(Contract):
    """A promise that a row keeps or breaks by itself.

    Attributes:
        values: What is judged of a row, by name: an SQL expression with few distinct values, such as a comparison.
        evidence: Columns that show a reader what is wrong.
        source: What to read the rows from, in SQL; empty for the table itself.
    """

    values: Mapping[str, "Value"]
    evidence: tuple[str, ...] = ()
    source: str = ""

    @property
    def rows(self) -> str:
        """What to read the rows from."""
        return self.source or self.table


@dataclass(frozen=True, slots=True)
class Value:
    """An SQL expression over one row, and what it has to fulfil."""

    sql: str
    column: pandera.Column


@dataclass(frozen=True, kw_only=True)
class Comparison(Contract):
    """A promise about rows as compared with each other or with other tables.

    Attributes:
        query: SELECT of the failing rows: the keys, what shows the fault, and last `reason`.
    """

    query: str


@dataclass(frozen=True)
class Outcome:
    """How a table stands to one promise.

    Attributes:
        contract: The promise.
        judged: Rows of the table.
        failed: Rows, cases or ids that break it; at least 1 if a column is missing or has another type.
        rows: Up to 10,000 of them: keys, evidence, `reason`.
    """

    contract: Contract
    judged: int
    failed: int
    rows: pa.Table

    @property
    def passed(self) -> bool:
        """Whether the promise holds."""
        return self.failed == 0

    def examples(self, most: int = 5) -> list[dict[str, object]]:
        """Keys and reason of the first failing rows."""
        shown = [name for name in self.rows.column_names if name in (*self.contract.keys, "reason")]
        rows: list[dict[str, object]] = self.rows.select(shown).slice(0, most).to_pylist()
        return rows
