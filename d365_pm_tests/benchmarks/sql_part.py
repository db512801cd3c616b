"""From raw Parquet to the event log, alone and as production does it, and pm4py on what came out.

Belongs here: running the layers as the assets do, and where the time went. Does not belong here: the raw layer
(`raw_layer.py`), what pm4py does (`pm4py_side.py`).
"""

import os
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from d365_pm.assets.build import Build, read_project, run_layer, working_database
from d365_pm.settings import Settings, load_settings
from d365_pm.warehouse import Model, Project
from d365_pm_tests.benchmarks.measured import Measured, measure
from d365_pm_tests.benchmarks.pm4py_side import analyse
from d365_pm_tests.benchmarks.raw_layer import write_raw_layer

_LOG = "marts.event_log"


class LogRejectedError(RuntimeError):
    """A blocking check failed, so that nothing was published and there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class SqlFigures:
    """Building one event log.

    Attributes:
        cases: Cases of the desk.
        raw_rows: Rows of the raw layer.
        log: The process that built the event log and what it is made of, and published it: no other model, no check.
        build: The process that did what production does; its result is what `build_log` returned.
        pm4py: pm4py's process on the published log; none where its environment was not given.
    """

    cases: int
    raw_rows: int
    log: Measured
    build: Measured
    pm4py: Measured | None

    @property
    def log_seconds(self) -> float:
        """From raw Parquet to `marts.event_log`, committed; the SQL files were read before, readers get it after."""
        return _seconds(self.log) - self.publishing_seconds

    @property
    def publishing_seconds(self) -> float:
        """Giving the log and what it is made of to its readers, which copies the database."""
        return sum(float(layer["publishing"]) for layer in self.log.result["layers"])

    @property
    def seconds(self) -> float:
        """From raw Parquet to the published database, with every table and every check."""
        return _seconds(self.build)

    @property
    def events(self) -> int:
        """Rows of the event log."""
        return int(self.build.result["events"])


def _seconds(build: Measured) -> float:
    return sum(float(layer["seconds"]) for layer in build.result["layers"])


def measure_sql_part(cases: int, *, pm4py: str | None = None) -> SqlFigures:
    """Write a raw layer and build its log, each in a process of its own; the raw layer is gone afterwards.

    Args:
        cases: Cases of the desk.
        pm4py: Interpreter in whose environment pm4py is.
    """
    with tempfile.TemporaryDirectory(prefix="d365-pm-bench-") as data_dir:
        raw = measure(write_raw_layer, data_dir=data_dir, cases=cases)
        log = measure(build_log, data_dir=data_dir, alone=True)
        build = measure(build_log, data_dir=data_dir)
        side = _analysed(Path(build.result["warehouse"]), pm4py) if pm4py else None
    return SqlFigures(cases, raw.result["rows"], log, build, side)


def _analysed(warehouse: Path, python: str) -> Measured:
    log = warehouse.with_name("event_log.parquet")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.sql(f"from {_LOG}").write_parquet(str(log))
    return measure(analyse, python=python, log=str(log))


def build_log(*, data_dir: str, alone: bool = False) -> dict[str, Any]:
    """Run every layer as the assets do.

    Args:
        data_dir: Data directory with a raw layer; the log is published there.
        alone: Run the models that the event log is made of, no other and no check; the working database is removed
            afterwards.

    Returns:
        `warehouse`, the published file, `events` in the log, `reading` (seconds to read and check the SQL files, once
        per process), `layers` and `models` with their seconds.

    Raises:
        LogRejectedError: A blocking check failed.
    """
    os.environ["D365_PM_DATA_DIR"] = data_dir
    settings = load_settings()
    clock = time.perf_counter()
    project = read_project()
    reading = time.perf_counter() - clock
    wanted = _made_of(project, _LOG) if alone else set(project.models)
    layers, models = [], []
    for layer in project.layers:
        clock = time.perf_counter()
        build = _built(settings, project, [model for model in project.of(layer) if model in wanted], alone=alone)
        layers.append(_layer(layer, build, time.perf_counter() - clock))
        models += [{"model": str(run.model.table), "rows": run.rows, "seconds": run.seconds} for run in build.runs]
    events = _events(settings.warehouse)
    if alone:
        working_database(settings).unlink()
        settings.warehouse.unlink()
    return {
        "warehouse": str(settings.warehouse),
        "events": events,
        "reading": reading,
        "layers": layers,
        "models": models,
    }


def _made_of(project: Project, name: str) -> Collection[Model]:
    """A model and all that it reads, directly or not."""
    wanted = {name}
    for model in reversed(project.models):
        if str(model.table) in wanted:
            wanted |= {str(table) for table in model.upstream}
    return [model for model in project.models if str(model.table) in wanted]


def _built(settings: Settings, project: Project, models: Sequence[Model], *, alone: bool) -> Build:
    build = run_layer(settings, project, models, checks=() if alone else None)
    if not build.is_kept:
        broken = [outcome.contract.name for outcome in build.outcomes if not outcome.passed]
        raise LogRejectedError(f"The layer {models[0].layer} was rolled back: {', '.join(broken)}.")
    return build


def _layer(name: str, build: Build, seconds: float) -> dict[str, Any]:
    in_models = sum(run.seconds for run in build.runs)
    return {
        "layer": name,
        "models": len(build.runs),
        "in_models": in_models,
        "publishing": build.publishing or 0.0,
        "seconds": seconds,
    }


def _events(warehouse: Path) -> int:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found: Sequence[tuple[int]] = connection.execute(f"select count(*) from {_LOG}").fetchall()
    return found[0][0]
