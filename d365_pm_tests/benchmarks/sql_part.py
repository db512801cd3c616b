"""From raw Parquet to the published event log: every layer, its checks and the publication, in one process.

Belongs here: running the layers as the assets do, and where the time went. Does not belong here: the raw layer
(`raw_layer.py`).
"""

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from d365_pm.assets.build import Build, read_project, run_layer
from d365_pm.settings import Settings, load_settings
from d365_pm.warehouse import Project
from d365_pm_tests.benchmarks.measured import Measured, measure
from d365_pm_tests.benchmarks.raw_layer import write_raw_layer


class LogRejectedError(RuntimeError):
    """A blocking check failed, so that nothing was published and there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class SqlFigures:
    """Building one event log.

    Attributes:
        cases: Cases of the desk.
        build: The measured process; its result is what `build_log` returned.
        raw_rows: Rows of the raw layer.
    """

    cases: int
    build: Measured
    raw_rows: int

    @property
    def seconds(self) -> float:
        """From raw Parquet to the published log; reading the SQL files is not in it."""
        return sum(float(layer["seconds"]) for layer in self.build.result["layers"])

    @property
    def events(self) -> int:
        """Rows of the event log."""
        return int(self.build.result["events"])


def measure_sql_part(cases: int) -> SqlFigures:
    """Write a raw layer and build its log, each in a process of its own; the raw layer is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="d365-pm-bench-") as data_dir:
        raw = measure(write_raw_layer, data_dir=data_dir, cases=cases)
        build = measure(build_log, data_dir=data_dir)
    return SqlFigures(cases, build, raw.result["rows"])


def build_log(*, data_dir: str) -> dict[str, Any]:
    """Run every layer as the assets do.

    Args:
        data_dir: Data directory with a raw layer; the log is published there.

    Returns:
        `events` in the published log, `reading` (seconds to read and check the SQL files, once per process), `layers`
        and `models` with their seconds.

    Raises:
        LogRejectedError: A blocking check failed.
    """
    os.environ["D365_PM_DATA_DIR"] = data_dir
    settings = load_settings()
    clock = time.perf_counter()
    project = read_project()
    reading = time.perf_counter() - clock
    layers, models = [], []
    for layer in project.layers:
        clock = time.perf_counter()
        build = _built(settings, project, layer)
        layers.append(_layer(layer, build, time.perf_counter() - clock))
        models += [{"model": str(run.model.table), "rows": run.rows, "seconds": run.seconds} for run in build.runs]
    return {"events": _published_events(settings), "reading": reading, "layers": layers, "models": models}


def _built(settings: Settings, project: Project, layer: str) -> Build:
    build = run_layer(settings, project, project.of(layer))
    if not build.is_kept:
        broken = [outcome.contract.name for outcome in build.outcomes if not outcome.passed]
        raise LogRejectedError(f"The layer {layer} was rolled back: {', '.join(broken)}.")
    return build


def _layer(name: str, build: Build, seconds: float) -> dict[str, Any]:
    in_models = sum(run.seconds for run in build.runs)
    return {"layer": name, "models": len(build.runs), "in_models": in_models, "seconds": seconds}


def _published_events(settings: Settings) -> int:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        found: Sequence[tuple[int]] = connection.execute("select count(*) from marts.event_log").fetchall()
    return found[0][0]
