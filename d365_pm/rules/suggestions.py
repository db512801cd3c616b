"""All proposals for an environment, over the seeds in force."""

from collections.abc import Sequence

import duckdb

from d365_pm.contracts.seed_spec import Seed
from d365_pm.rules import guesses
from d365_pm.rules.facts import read_facts
from d365_pm.rules.proposal import Proposal

_GUESSES = (
    guesses.status_roles,
    guesses.waiting_status,
    guesses.escalation_targets,
    guesses.email_templates,
    guesses.system_users,
    guesses.categorization_columns,
    guesses.choices,
)


def suggest(connection: duckdb.DuckDBPyConnection, seeds: Sequence[Seed]) -> tuple[Proposal, ...]:
    """Propose rows that the seeds in force do not have.

    Args:
        connection: Database with the raw views.
        seeds: The seeds in force.
    """
    facts = read_facts(connection, {seed.spec.name: _keys(seed) for seed in seeds}, _roles(seeds))
    return tuple(proposal for guess in _GUESSES for proposal in guess(facts))


def _roles(seeds: Sequence[Seed]) -> dict[int, str]:
    [roles] = [seed for seed in seeds if seed.spec.name == "status_roles"]
    names = [column.name for column in roles.spec.columns]
    code, role = names.index("status_code"), names.index("role")
    return {int(str(row[code])): str(row[role]) for row in roles.rows}


def _keys(seed: Seed) -> frozenset[str]:
    """Keys of a seed's rows; of `choices` the choice itself, since its keys are always all there."""
    names = ("key", "value") if seed.spec.name == "choices" else seed.spec.key
    places = [[column.name for column in seed.spec.columns].index(name) for name in names]
    return frozenset("|".join(str(row[place]) for place in places).lower() for row in seed.rows)
