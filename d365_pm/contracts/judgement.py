"""Holding tables against their promises.

A table is read once for all promises about its single rows: DuckDB counts how often each combination of judged values
occurs, pandera judges the combinations, and only rows of a broken one are fetched. A million events have a few hundred
combinations.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter

import duckdb
import polars as pl
import polars.selectors as cs
import pyarrow as pa
from pandera.errors import SchemaErrors
from pandera.polars import DataFrameSchema

from d365_pm.contracts.contract import Comparison, Contract, Outcome, RowPromise, Shape
from d365_pm.contracts.errors import CheckError

MOST_ROWS = 10_000
"""Failing rows to keep of one promise; the count is always the true one."""


def judge(connection: duckdb.DuckDBPyConnection, contracts: Sequence[Contract]) -> list[Outcome]:
    """Hold tables against promises.

    Args:
        connection: Database with the tables, and with those of the last log (`baseline.py`).
        contracts: The promises.

    Returns:
        One outcome per promise, in their order.

    Raises:
        CheckError: A query cannot run, which is a fault of the build and not of the data; names check and table.
    """
    promises = [each for each in contracts if isinstance(each, RowPromise)]
    outcomes: list[Outcome] = []
    for each in contracts:
        if isinstance(each, Shape | Comparison):
            with _explained([each]):
                outcomes.append(_shape(connection, each) if isinstance(each, Shape) else _comparison(connection, each))
    for source, group in groupby(sorted(promises, key=attrgetter("rows")), key=attrgetter("rows")):
        alike = list(group)
        with _explained(alike):
            outcomes += _rows(connection, source, alike)
    by_name = {outcome.contract.name: outcome for outcome in outcomes}
    return [by_name[contract.name] for contract in contracts]


@contextmanager
def _explained(judged: Sequence[Contract]) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        names = ", ".join(contract.name for contract in judged)
        raise CheckError(names, judged[0].table, error) from None


def _shape(connection: duckdb.DuckDBPyConnection, contract: Shape) -> Outcome:
    rows = connection.sql(f"from {contract.table} limit 0").to_arrow_table()
    # DuckDB names the zone `Etc/UTC` where every other tool says `UTC`.
    frame = _frame(rows).with_columns(cs.datetime(time_zone="*").dt.convert_time_zone("UTC"))
    described = _problems(frame, contract.schema).select(
        pl.coalesce("column", "value").alias("column"), pl.col("problem").alias("reason")
    )
    return Outcome(contract, _count(connection, contract.table), described.height, described.to_arrow())


def _comparison(connection: duckdb.DuckDBPyConnection, contract: Comparison) -> Outcome:
    found = connection.sql(
        f"select *, count(*) over () as _failed from (\n{contract.query}\n) order by all limit {MOST_ROWS}"
    ).to_arrow_table()
    failed = found.column("_failed")[0].as_py() if found.num_rows else 0
    return Outcome(contract, _count(connection, contract.table), failed, found.drop_columns("_failed"))


def _rows(connection: duckdb.DuckDBPyConnection, source: str, promises: Sequence[RowPromise]) -> Iterable[Outcome]:
    judged = [(promise, name, value) for promise in promises for name, value in promise.values.items()]
    aliases = {(promise.name, name): f"_{number}" for number, (promise, name, _) in enumerate(judged)}
    columns = ", ".join(f"({value.sql}) as {aliases[promise.name, name]}" for promise, name, value in judged)
    combinations = _frame(
        connection.sql(f"select {columns}, count(*) as occurrences from {source} group by all").to_arrow_table()
    )
    schema = DataFrameSchema({aliases[promise.name, name]: value.column for promise, name, value in judged})
    problems = _problems(combinations, schema)
    total = int(combinations["occurrences"].sum())
    for promise in promises:
        own = {aliases[promise.name, name]: name for name in promise.values}
        yield _outcome(connection, promise, own, combinations, problems.filter(pl.col("column").is_in(own)), total)


def _outcome(
    connection: duckdb.DuckDBPyConnection,
    promise: RowPromise,
    own: dict[str, str],
    combinations: pl.DataFrame,
    problems: pl.DataFrame,
    total: int,
) -> Outcome:
    reasons = (
        problems.with_columns(pl.format("{}: {}", pl.col("column").replace(own), pl.col("problem")).alias("reason"))
        .sort("index", "reason")
        .group_by("index", maintain_order=True)
        .agg(pl.col("reason").unique(maintain_order=True).str.join("; "))
    )
    broken = combinations.with_row_index("index").with_columns(pl.col("index").cast(pl.Int64)).join(reasons, on="index")
    failed = int(broken["occurrences"].sum())
    kept = _failing(connection, promise, own, broken.select(*own, "reason").unique()) if failed else pa.table({})
    return Outcome(promise, total, failed, kept)


def _failing(
    connection: duckdb.DuckDBPyConnection, promise: RowPromise, own: dict[str, str], broken: pl.DataFrame
) -> pa.Table:
    """Rows of the table that have one of the broken combinations of the promise's values."""
    shown = ", ".join(dict.fromkeys((*promise.keys, *promise.evidence)))
    values = ", ".join(f"({promise.values[name].sql}) as {alias}" for alias, name in own.items())
    same = " and ".join(f"r.{alias} is not distinct from b.{alias}" for alias in own)
    connection.register("broken_values", broken.to_arrow())
    try:
        return connection.sql(
            f"select {', '.join(f'r.{name}' for name in shown.split(', '))}, b.reason as reason "
            f"from (select {shown}, {values} from {promise.rows}) as r "
            f"inner join broken_values as b on {same} order by all limit {MOST_ROWS}"
        ).to_arrow_table()
    finally:
        connection.unregister("broken_values")


def _problems(frame: pl.DataFrame, schema: DataFrameSchema) -> pl.DataFrame:
    """One row per broken rule and row of the frame: index, column, value, problem."""
    found = pl.DataFrame(schema={"index": pl.Int64, "column": pl.String, "failure_case": pl.String, "check": pl.String})
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        found = errors.failure_cases
    return found.select(
        pl.col("index").cast(pl.Int64),
        pl.col("column").cast(pl.String),
        pl.col("failure_case").cast(pl.String).alias("value"),
        pl.col("check").cast(pl.String).str.replace("not_nullable", "empty").alias("problem"),
    )


def _frame(rows: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    [(rows,)] = connection.execute(f"select count(*) from {table}").fetchall()
    return int(rows)
