"""`d365-pm rules suggest`: proposals for the seeds, from what the raw layer already has."""

from pathlib import Path

import duckdb
from rich.console import Console

from d365_pm.assets.rules import read_rules
from d365_pm.contracts.seed_spec import Seed
from d365_pm.lake import view_sql
from d365_pm.rules import Proposal, RulesError, suggest, write_drafts
from d365_pm.settings import Settings

_TABLES = ("incident", "option_label", "attribute_metadata", "team", "queue", "systemuser", "email", "audit")


def suggest_rules(settings: Settings) -> tuple[tuple[Proposal, ...], tuple[Seed, ...]]:
    """Propose rows for the seeds in force; asks no server.

    Returns:
        The proposals, and the seeds in force.

    Raises:
        RulesError: Nothing has been loaded yet.
        SeedError: A seed in force cannot be read.
    """
    # Brings Dagster along, which takes a second to import.
    from d365_pm.assets.tables import RAW_TABLES

    if not (settings.raw / "incident").is_dir():
        raise RulesError(f"Nothing has been loaded to {settings.raw} yet; run `d365-pm run` first, then ask again.")
    seeds = read_rules(settings)
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        for name in _TABLES:
            connection.execute(f"create view raw.{name} as {view_sql(settings.raw, RAW_TABLES[name])}")
        return suggest(connection, seeds), seeds


def write_and_tell(
    console: Console, proposals: tuple[Proposal, ...], seeds: tuple[Seed, ...], folder: Path, *, force: bool
) -> None:
    """Write drafts and say what to do with them.

    Raises:
        RulesError: A file is there already, or the folder cannot be written.
    """
    for path in write_drafts(proposals, seeds, folder, force=force):
        console.print(f"Wrote {path}", soft_wrap=True, highlight=False)
    if proposals:
        console.print(
            "Check every row and delete the wrong ones; then set D365_PM_SEEDS_DIR to this folder and run again.",
            soft_wrap=True,
        )
