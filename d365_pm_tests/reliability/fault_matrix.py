"""The fault matrix: every kind of fault at the first, a middle and the last page of three tables, and what comes of it.

    python -m d365_pm_tests.reliability.fault_matrix [--peers-only | --ours-only] [--processes N] [KIND ...]

prints the tables of `README.md`. Belongs here: running the cells. Does not belong here: what a cell is
(`fault_cells.py`) and how the tables look (`fault_report.py`).
"""

import argparse
import atexit
import functools
import logging
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from d365_pm.sandbox.serving import RunningSandbox, running_server
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.reliability.fault_cells import Situation, Truth
from d365_pm_tests.reliability.fault_desk import ENTITY_SETS, PAGE, live_on, tables
from d365_pm_tests.reliability.fault_peers import peers
from d365_pm_tests.reliability.fault_reader import hasty, read, rows_of
from d365_pm_tests.reliability.fault_report import Cell, our_table, peer_table
from d365_pm_tests.reliability.fault_scripts import SCRIPTS, TEN, Script

FIRST_RUN, CHANGES = "first run", "changes"


@dataclass(frozen=True, slots=True)
class Situations:
    """The two situations in which every fault is met."""

    first_run: Situation
    changes: Situation

    def of(self, script: Script) -> tuple[Situation, ...]:
        """Those in which a fault can be met."""
        return (self.changes,) if script.is_of_changes else (self.first_run, self.changes)


@contextmanager
def served() -> Iterator[RunningSandbox]:
    """The desk with small pages."""
    with running_server(tables(), Switches(max_page_size=PAGE)) as running:
        yield running


@contextmanager
def situations() -> Iterator[Situations]:
    """A desk before any run, and one that has lived on since the first."""
    logging.getLogger("d365_pm").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="d365-pm-matrix-") as folder, served() as new, served() as old, hasty():
        first, before, fresh = (Path(folder) / name for name in ("first", "before", "fresh"))
        first_run = Situation(FIRST_RUN, new, None, undisturbed(new, first))
        undisturbed(old, before)
        live_on(old.environment)
        # The truth after the changes is that of a reader without a past, so that it owes nothing to delta links.
        yield Situations(first_run, Situation(CHANGES, old, before, undisturbed(old, fresh)))


def undisturbed(sandbox: RunningSandbox, data: Path) -> Truth:
    """What a run without faults brings."""
    truth = {}
    for table in ENTITY_SETS:
        read(sandbox, data, table)
        truth[table] = dict(rows_of(data, table))
    return truth


def run(scripts: Sequence[Script], processes: int) -> Iterator[Cell]:
    """Every cell of some kinds of faults, our reader, in several processes side by side."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        for cells in pool.map(_cells_of, scripts):
            yield from cells


def _cells_of(script: Script) -> list[Cell]:
    return [
        Cell(script, situation.name, table, page, situation.play(script, table, page))
        for situation in _situations_of_process().of(script)
        for table in script.tables
        for page in script.positions
    ]


@functools.cache
def _situations_of_process() -> Situations:
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(situations())


def run_peers(scripts: Sequence[Script]) -> Iterator[Cell]:
    """Every cell of some kinds of faults, the peers; their situation is always the first run."""
    with served() as sandbox, peers(sandbox) as readers:
        for reader in readers:
            for script in scripts:
                for table in script.tables:
                    for page in script.positions:
                        yield Cell(script, reader.name, table, page, reader.play(script, table, page))


def _told(cells: Iterator[Cell]) -> list[Cell]:
    """The cells, each told on standard error once it is done."""
    done: list[Cell] = []
    for cell in cells:
        done.append(cell)
        sys.stderr.write(f"{len(done):4d} {cell}\n")
    return done


def _main() -> None:
    parser = argparse.ArgumentParser(description="Run the fault matrix and print its tables.")
    parser.add_argument("kinds", nargs="*", help="Names of kinds; all by default.")
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument("--peers-only", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    started = time.perf_counter()
    wanted = [script for script in SCRIPTS if not asked.kinds or script.name in asked.kinds]
    ours = [] if asked.peers_only else _told(run(wanted, asked.processes))
    ten = [script for script in TEN if script in wanted]
    theirs = [] if asked.ours_only else _told(run_peers(ten))
    for text in (our_table(ours) if ours else "", peer_table(ours, theirs) if theirs else ""):
        sys.stdout.write(f"{text}\n")
    sys.stdout.write(f"{len(ours) + len(theirs)} cells in {time.perf_counter() - started:.0f} s.\n")


if __name__ == "__main__":
    _main()
