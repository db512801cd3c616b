"""Short ways to say what is judged of a row."""

from collections.abc import Collection

import pandera.polars as pandera
import polars as pl

from d365_pm.contracts.contract import Value


def holds(condition: str, otherwise: str) -> Value:
    """A condition in SQL; a row for which nobody can tell (null) keeps it."""
    check = pandera.Check.eq(True, error=otherwise)
    return Value(f"coalesce({condition}, true)", pandera.Column(pl.Boolean, check))


def filled(column: str) -> Value:
    """A column that is never null."""
    return Value(f"case when {column} is not null then true end", pandera.Column(pl.Boolean, nullable=False))


def one_of(column: str, words: Collection[str], *, nullable: bool = False) -> Value:
    """A column with a closed list of words."""
    check = pandera.Check.isin(sorted(words), error="not one of the words that it may have")
    return Value(column, pandera.Column(pl.String, check, nullable=nullable))
