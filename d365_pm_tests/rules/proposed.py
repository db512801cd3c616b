"""Proposals for desks that a test writes."""

from collections.abc import Sequence

import duckdb

from d365_pm.contracts.seed_files import read_seeds
from d365_pm.contracts.seed_spec import Seed
from d365_pm.contracts.seeds import SEEDS
from d365_pm.paths import sql_root
from d365_pm.rules import Proposal, suggest
from d365_pm_tests.models.desk import Desk

TABLES = ("incident", "option_label", "attribute_metadata", "team", "queue", "systemuser", "email", "audit")


def shipped_seeds() -> tuple[Seed, ...]:
    """The seeds that ship."""
    return read_seeds(sql_root() / "seeds", SEEDS)


def raw_of(desk: Desk) -> duckdb.DuckDBPyConnection:
    """A database with the raw tables of a desk."""
    run = desk.run._run
    for table in TABLES:
        run.select(f"raw.{table}", where="false")
    return run._connection


def proposals_for(desk: Desk, seeds: Sequence[Seed] | None = None) -> tuple[Proposal, ...]:
    """What is proposed for a desk, over the seeds that ship."""
    return suggest(raw_of(desk), seeds or shipped_seeds())


def of(proposals: Sequence[Proposal], seed: str, column: str) -> dict[str, Proposal]:
    """Proposals for one seed by a cell of theirs."""
    return {each.row[column]: each for each in proposals if each.seed == seed}
