"""Rows per second out of one sandbox: landed by us, beside merely iterated by Microsoft's SDK.

Belongs here: the sandbox, the order of the runs and the medians. Does not belong here: the two sides themselves. The
sandbox runs in a process of its own; both sides ask it for the same columns, annotations and page size.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import pyarrow.parquet as pq

from d365_pm.assets.tables import RAW_TABLES
from d365_pm.dataverse import TABLES
from d365_pm.sandbox.desk import generate
from d365_pm.sandbox.process import start_sandbox
from d365_pm_tests.benchmarks.measured import Measured, measure
from d365_pm_tests.benchmarks.our_extraction import TABLE, land_cases
from d365_pm_tests.benchmarks.sdk_iteration import iterate_cases

PAGE_SIZE = 5000
_ANNOTATION = "Microsoft.Dynamics.CRM.lookuplogicalname"
_START_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Side:
    """All runs of one side.

    Attributes:
        name: Who read.
        runs: One process each, in the order in which they ran.
    """

    name: str
    runs: tuple[Measured, ...]

    @property
    def rows(self) -> int:
        """Rows of one run; runs that differ would be no benchmark."""
        (rows,) = {int(run.result["rows"]) for run in self.runs}
        return rows

    @property
    def rows_per_second(self) -> float:
        """Median over the runs."""
        return median(self.rows / run.seconds for run in self.runs)

    @property
    def cpu_seconds(self) -> float:
        """Processor time of the reading process; median over the runs."""
        return median(run.cpu_seconds for run in self.runs)

    @property
    def peak_bytes(self) -> float:
        """Median over the runs."""
        return median(run.peak_bytes for run in self.runs)

    @property
    def start_bytes(self) -> float:
        """Memory before the work began; median over the runs."""
        return median(run.start_bytes for run in self.runs)


@dataclass(frozen=True, slots=True)
class ExtractionFigures:
    """Both sides over the same cases.

    Attributes:
        cases: Rows of the case table that the sandbox serves.
        ours: Rows landed in the raw layer.
        peer: Rows iterated by the SDK.
    """

    cases: int
    ours: Side
    peer: Side

    @property
    def ratio(self) -> float:
        """How many times as fast we land as the SDK iterates."""
        return self.ours.rows_per_second / self.peer.rows_per_second


def compare_extraction(cases: int, pairs: int) -> ExtractionFigures:
    """Run both sides in turn, after one turn of each that is not counted: it fills the server's caches.

    Args:
        cases: Cases of the desk that the sandbox serves.
        pairs: Counted runs of each side.
    """
    with tempfile.TemporaryDirectory(prefix="d365-pm-bench-") as folder:
        rows = Path(folder) / "desk"
        start, end = _make_desk(rows, cases)
        with start_sandbox(data=rows, wait_seconds=_START_SECONDS) as sandbox:
            runs = [
                (_ours(sandbox.env, data_dir, start, end), _peers(sandbox.env))
                for data_dir in _data_dirs(Path(folder), pairs + 1)
            ][1:]
        ours, peers = zip(*runs, strict=True)
        served = pq.read_metadata(rows / f"{TABLE}.parquet").num_rows
    return ExtractionFigures(served, Side("d365-pm, landed", ours), Side("Microsoft SDK, iterated", peers))


def _make_desk(folder: Path, cases: int) -> tuple[str, str]:
    """Write the tables of a desk; returns the window that holds all of its rows."""
    desk = generate(cases=cases)
    desk.write(folder)
    return desk.start.isoformat(), (desk.end + timedelta(days=1)).isoformat()


def _data_dirs(folder: Path, count: int) -> Iterator[Path]:
    yield from (folder / f"data-{number}" for number in range(count))


def _ours(environment: dict[str, str], data_dir: Path, start: str, end: str) -> Measured:
    return measure(land_cases, environment={**environment, "D365_PM_DATA_DIR": str(data_dir)}, start=start, end=end)


def _peers(environment: dict[str, str]) -> Measured:
    names = {column.wire_name for column in TABLES[TABLE].columns}
    select = [name for name in RAW_TABLES[TABLE].schema.names if name in names]
    return measure(iterate_cases, environment=environment, select=select, annotation=_ANNOTATION, page_size=PAGE_SIZE)
