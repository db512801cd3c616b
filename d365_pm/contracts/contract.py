"""What a contract is, and how a published table is held against it.

Belongs here: running one contract and describing what broke it. Does not belong here: the promises themselves
(`event_log.py`) and what happens to a build that breaks one (`warehouse/`, `assets/`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pandera.polars as pandera
import polars as pl
import polars.selectors as cs
import pyarrow as pa
from pandera.errors import SchemaErrors

_BATCH_ROWS = 250_000
"""Rows judged at a time: pandera needs eager frames, and a log of a million wide rows must not be held at once."""

_SAMPLE_ROWS = 20


@dataclass(frozen=True)
class Contract:
    """One promise of a published table.

    Attributes:
        name: Name of the check, as the UI shows it.
        table: Table that makes the promise, with schema.
        description: The promise in a sentence.
        query: SELECT of the rows and columns to judge; it may aggregate, so that a row is a case or an id.
        schema: What every row of that has to fulfil.
        identity: Columns of the query that tell a reader which row it is.
        blocking: A broken promise stops publication.
    """

    name: str
    table: str
    description: str
    query: str
    schema: pandera.DataFrameSchema
    identity: tuple[str, ...]
    blocking: bool = True


@dataclass(frozen=True)
class Outcome:
    """How a table stands to one contract.

    Attributes:
        contract: The promise.
        judged: Rows that were looked at.
        failed: Rows that break it; at least 1 if a column is missing or has another type.
        sample: Up to 20 of them: identity columns, then `column`, `value`, `problem`. Never a whole row.
    """

    contract: Contract
    judged: int
    failed: int
    sample: pl.DataFrame

    @property
    def passed(self) -> bool:
        """Whether the promise holds."""
        return self.failed == 0


def judge(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Outcome:
    """Hold a table against a contract.

    Args:
        connection: Database that has the contract's table.
        contract: The promise.

    Raises:
        duckdb.Error: The query cannot run, which is a fault of the build and not of the data.
    """
    judged, failed = 0, 0
    samples: list[pl.DataFrame] = []
    for frame in _batches(connection, contract.query):
        judged += frame.height
        problems = _problems(frame, contract)
        failed += problems["index"].n_unique() if problems.height else 0
        if problems.height and sum(sample.height for sample in samples) < _SAMPLE_ROWS:
            samples.append(_described(frame, problems, contract))
    sample = pl.concat(samples, how="diagonal_relaxed").head(_SAMPLE_ROWS) if samples else pl.DataFrame()
    return Outcome(contract, judged, failed, sample)


def _batches(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pl.DataFrame]:
    """Frames of the query's rows; one empty frame if there are none, so that columns and types are judged at least."""
    reader = connection.sql(query).to_arrow_reader(_BATCH_ROWS)
    is_empty = True
    for batch in reader:
        is_empty = False
        yield _frame(pa.Table.from_batches([batch]))
    if is_empty:
        yield _frame(reader.schema.empty_table())


def _frame(rows: pa.Table) -> pl.DataFrame:
    """An eager frame; DuckDB names the zone `Etc/UTC` where every other tool says `UTC`."""
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)
    return frame.with_columns(cs.datetime(time_zone="*").dt.convert_time_zone("UTC"))


def _problems(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """One row per broken rule and row of the frame: index, column, value, problem."""
    try:
        contract.schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases: pl.DataFrame = errors.failure_cases
        return cases.select(
            pl.col("index").cast(pl.Int64),
            pl.col("column").cast(pl.String),
            pl.col("failure_case").cast(pl.String).alias("value"),
            pl.col("check").cast(pl.String).alias("problem"),
        )
    return pl.DataFrame()


def _described(frame: pl.DataFrame, problems: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The first problems with the identity of their rows; a problem of a whole column has none."""
    known = [name for name in contract.identity if name in frame.columns]
    rows = frame.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("index"), *(pl.col(n).cast(pl.String) for n in known)
    )
    return (
        problems.head(_SAMPLE_ROWS)
        .join(rows, on="index", how="left", maintain_order="left")
        .select(*known, "column", "value", "problem")
    )
