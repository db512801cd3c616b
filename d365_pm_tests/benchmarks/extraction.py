"""Rows per second out of one sandbox: landed by us, beside the peers, each in its best documented mode.

Belongs here: the sandbox, the order of the runs and the medians. Does not belong here: the sides themselves. The
sandbox runs in a process of its own; all sides ask it for the same columns, annotations and page size.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from d365_pm.assets.tables import RAW_TABLES
from d365_pm.dataverse import TABLES
from d365_pm.sandbox.process import SandboxProcess, start_sandbox
from d365_pm_tests.benchmarks import dlt_landing, sdk_async, sdk_iteration
from d365_pm_tests.benchmarks.long_table import TABLE, LongTable, write_cases
from d365_pm_tests.benchmarks.measured import Measured, measure
from d365_pm_tests.benchmarks.our_extraction import land_cases

OURS = "d365-pm, landed"
CHAIN = "d365-pm, one chain with a delta link"
SDK = "Microsoft SDK, iterated"
SDK_ASYNC = "Microsoft SDK async, iterated"
DLT = "dlt to DuckDB, merged"

PAGE_SIZE = 5000
_ANNOTATION = "Microsoft.Dynamics.CRM.lookuplogicalname"
_START_SECONDS = 600.0
_PEERS = {SDK: sdk_iteration.iterate_cases, SDK_ASYNC: sdk_async.iterate_cases, DLT: dlt_landing.land_cases}


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
    """All sides over the same cases.

    Attributes:
        cases: Rows of the case table that the sandbox serves.
        latency: Seconds that the sandbox adds to each answer with rows.
        sides: The first is ours.
    """

    cases: int
    latency: float
    sides: tuple[Side, ...]

    def ratio(self, peer: Side) -> float:
        """How many times as fast as a peer we are: median over the rounds, in each of which both read in turn."""
        ours = self.sides[0]
        rounds = zip(ours.runs, peer.runs, strict=True)
        return median(theirs.seconds / own.seconds for own, theirs in rounds)

    @property
    def ratios(self) -> dict[str, float]:
        """The ratio to each other side, by name."""
        return {side.name: self.ratio(side) for side in self.sides[1:]}


def compare_extraction(
    cases: int, pairs: int, *, names: Sequence[str], latency: float = 0.0, warm: bool = True
) -> ExtractionFigures:
    """Run the sides in turn.

    Args:
        cases: Rows of the case table that the sandbox serves.
        pairs: Counted rounds.
        names: The sides, ours first.
        latency: Seconds that the sandbox adds to each answer.
        warm: One round of all sides before, not counted: it fills the server's caches.
    """
    with tempfile.TemporaryDirectory(prefix="d365-pm-bench-") as folder:
        table = write_cases(Path(folder) / "rows", cases)
        # Kept pages: a real server is another machine, and this one would take half of ours to render them anew.
        options = ("--cached-pages", "2000")
        with start_sandbox(
            data=table.folder, page_latency=latency, wait_seconds=_START_SECONDS, options=options
        ) as sandbox:
            for name in names if warm else ():
                _run(name, sandbox, table)
            rounds = [[_run(name, sandbox, table) for name in names] for _ in range(pairs)]
    sides = tuple(Side(name, runs) for name, runs in zip(names, zip(*rounds, strict=True), strict=True))
    return ExtractionFigures(table.rows, latency, sides)


def measure_memory(cases: Sequence[int]) -> list[ExtractionFigures]:
    """Our landing alone, once for each length of the table."""
    return [compare_extraction(rows, 1, names=[OURS], warm=False) for rows in cases]


def _run(name: str, sandbox: SandboxProcess, table: LongTable) -> Measured:
    if name in _PEERS:
        return _peers(_PEERS[name], sandbox.env)
    with tempfile.TemporaryDirectory(prefix="d365-pm-bench-") as folder:
        window = (table.start, table.end) if name == OURS else (None, None)
        environment = {**sandbox.env, "D365_PM_DATA_DIR": folder}
        return measure(land_cases, environment=environment, start=window[0], end=window[1])


def _peers(work: Callable[..., dict[str, object]], environment: dict[str, str]) -> Measured:
    names = {column.wire_name for column in TABLES[TABLE].columns if not column.derived}
    select = [name for name in RAW_TABLES[TABLE].schema.names if name in names]
    return measure(work, environment=environment, select=select, annotation=_ANNOTATION, page_size=PAGE_SIZE)
