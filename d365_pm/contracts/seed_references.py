"""Rules of an organisation must speak of things that its environment has.

A status code, team or column that does not exist would make a rule silently useless. Only files that somebody brought
are held against the environment: the shipped ones name the codes of an uncustomised one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from d365_pm.contracts.seed_spec import Seed
from d365_pm.errors import D365PMError

_USERS = "select systemuserid from raw.systemuser"
_TEAMS = "select teamid from raw.team"
_STATUS_REASONS = "select code from raw.option_label where table_name = 'incident' and column_name = 'statuscode'"
_MOST_KNOWN = 20


@dataclass(frozen=True, slots=True)
class _Reference:
    """A seed column whose values must be found in the environment; `known` is a SELECT of one column."""

    seed: str
    column: str
    what: str
    known: str


_REFERENCES = (
    _Reference("status_roles", "status_code", "status reason of the case table", _STATUS_REASONS),
    _Reference("on_hold_statuses", "status_code", "status reason of the case table", _STATUS_REASONS),
    _Reference(
        "categorization_columns",
        "column_name",
        "column of the case table",
        "select column_name from raw.attribute_metadata where table_name = 'incident'",
    ),
    _Reference(
        "escalation_targets",
        "target_id",
        "user, team or queue",
        f"{_USERS} union {_TEAMS} union select queueid from raw.queue",
    ),
    _Reference("system_users", "user_id", "user", _USERS),
    _Reference("user_team_map", "user_id", "user", _USERS),
    _Reference("user_team_map", "team_id", "team", _TEAMS),
)


class SeedReferenceError(D365PMError):
    """A seed names something that the environment does not have."""


def check_references(connection: duckdb.DuckDBPyConnection, seeds: Sequence[Seed], *, overrides: Path | None) -> None:
    """Hold the seeds of the overriding folder against the environment.

    Args:
        connection: Database with the raw views.
        seeds: All seeds.
        overrides: Folder of the seeds that somebody brought; without it there is nothing to check.

    Raises:
        SeedReferenceError: Names the file, the value and what the environment has instead.
    """
    brought = {seed.spec.name: seed for seed in seeds if overrides is not None and seed.path.parent == overrides}
    for reference in _REFERENCES:
        if reference.seed in brought:
            _check(connection, brought[reference.seed], reference)


def _check(connection: duckdb.DuckDBPyConnection, seed: Seed, reference: _Reference) -> None:
    known = {str(value).lower() for (value,) in connection.execute(reference.known).fetchall()}
    place = [column.name for column in seed.spec.columns].index(reference.column)
    named = sorted({str(row[place]) for row in seed.rows})
    missing = [value for value in named if value.lower() not in known]
    # An environment that does not tell what it has cannot contradict.
    if known and missing:
        raise SeedReferenceError(
            f"{seed.path} names {', '.join(missing)} in column {reference.column}, but the environment has no such "
            f"{reference.what}; correct the file. Known: {_some(known)}."
        )


def _some(known: set[str]) -> str:
    shown = sorted(known, key=lambda value: (len(value), value))[:_MOST_KNOWN]
    return ", ".join(shown) + (", ..." if len(known) > _MOST_KNOWN else "")
