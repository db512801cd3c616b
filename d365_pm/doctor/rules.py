"""Which rules of the organisation are configured, read from the seeds.

The names are those that `sources.csv` uses behind `rule:` and `@`.
"""

from collections.abc import Mapping
from pathlib import Path

from d365_pm.contracts.seed_files import read_seeds
from d365_pm.contracts.seed_spec import Cell, Seed
from d365_pm.contracts.seeds import SEEDS
from d365_pm.paths import sql_root

_OWNERS = frozenset({"team", "systemuser"})


def read_rules(
    overrides: Path | None, *, profile: Path | None = None
) -> tuple[frozenset[str], dict[str, tuple[str, ...]]]:
    """Read the seeds that ship, or those that an organisation puts in their place.

    Args:
        overrides: Folder with whole seed files that replace those of the same name.
        profile: Folder of the seeds in which the chosen profile differs from those that ship.

    Returns:
        Configured rules such as `status_roles.closed`, and the columns that each column seed names.

    Raises:
        SeedError: A seed file breaks its promise.
    """
    rows = {
        seed.spec.name: [
            dict(zip((column.name for column in seed.spec.columns), row, strict=True)) for row in seed.rows
        ]
        for seed in read_seeds(sql_root() / "seeds", SEEDS, profile=profile, overrides=overrides)
    }
    columns = {
        name: tuple(str(row["column_name"]) for row in rows[name])
        for name in ("categorization_columns", "escalation_columns")
    }
    return frozenset(_configured(rows)), columns


def _names(seed: Seed) -> tuple[str, ...]:
    return tuple(column.name for column in seed.spec.columns)


def _configured(rows: Mapping[str, list[dict[str, Cell]]]) -> set[str]:
    targets = {row["target_type"] for row in rows["escalation_targets"]}
    found = {f"status_roles.{row['role']}" for row in rows["status_roles"]}
    found |= {f"email_templates.{row['meaning']}" for row in rows["email_templates"]}
    found |= {f"switches.{row['key']}" for row in rows["switches"] if row["is_on"]}
    found |= {"escalation_targets.owner"} if targets & _OWNERS else set()
    found |= {"escalation_targets.queue"} if "queue" in targets else set()
    return found | ({"escalation_columns"} if rows["escalation_columns"] else set())
