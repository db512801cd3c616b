"""The log that the models make of an environment, each event with its class.

Belongs here: settings, running the layers, reading the events. Does not belong here: judging them (`score.py`).
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from d365_pm.assets.build import read_project, run_layer
from d365_pm.sandbox.desk import Desk
from d365_pm.settings import Settings, load_settings
from d365_pm_tests.ground_truth.environment import environment_of, write_raw_layer
from d365_pm_tests.ground_truth.kinds import Kind
from d365_pm_tests.ground_truth.rules import write_rules


class Event(NamedTuple):
    """What makes two events the same: a case (`incidentid`), an activity (its code) and a second (UTC)."""

    case: str
    activity: str
    at: datetime


class Claim(NamedTuple):
    """An event of the log with its evidence: class (A to D) and rule."""

    event: Event
    confidence: str
    rule: str


class LogRejectedError(RuntimeError):
    """A blocking check of the log failed, so that nothing was published."""


def claims_of(desk: Desk, kind: Kind) -> list[Claim]:
    """What the models say of a desk, read at its end from an environment of a kind.

    Raises:
        LogRejectedError: The log breaks its contract.
    """
    with tempfile.TemporaryDirectory(prefix="d365-pm-truth-") as folder:
        settings = load_settings(
            _env_file=None,
            D365_PM_DATA_DIR=Path(folder) / "data",
            D365_PM_LANGUAGE="en",
            D365_PM_SEEDS_DIR=write_rules(Path(folder)) if kind.habits.own_statuses else None,
        )
        write_raw_layer(settings, environment_of(desk, kind.switches(desk)), as_of=desk.end)
        _build(settings)
        return _read(settings.warehouse)


def truth_of(desk: Desk) -> list[Event]:
    """What really happened at a desk."""
    truth = desk.truth(as_of=desk.end, language="en").select(["CaseGuid", "ActivityCode", "EventTime"])
    return [Event(*row.values()) for row in truth.to_pylist()]


def _build(settings: Settings) -> None:
    project = read_project()
    for layer in project.layers:
        build = run_layer(settings, project, project.of(layer))
        if not build.is_kept:
            broken = [outcome.contract.name for outcome in build.outcomes if not outcome.passed]
            raise LogRejectedError(f"The layer {layer} was rolled back: {', '.join(broken)}.")


def _read(warehouse: Path) -> list[Claim]:
    query = "select CaseGuid, ActivityCode, EventTime, Confidence, Rule from marts.events"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        rows = connection.execute(query).fetchall()
    return [Claim(Event(str(case), code, at.astimezone(UTC)), *rest) for case, code, at, *rest in rows]
