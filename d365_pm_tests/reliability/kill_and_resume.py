"""Extractions killed at random moments and run again: is the raw layer whole, and how much was read twice?

`python -m d365_pm_tests.reliability.kill_and_resume [KILLS]` prints the figures. The processes are forked from one that
has everything imported, so that most of the time is spent where it can be lost.
"""

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from d365_pm.assets.tables import RAW_TABLES
from d365_pm.dataverse import TABLES as _REGISTRY
from d365_pm.lake import state, view_sql
from d365_pm.sandbox.process import SandboxProcess, start_sandbox
from d365_pm.sandbox.request_log import Entry
from d365_pm_tests.reliability.extract_once import extract_once

TABLES = ("incident", "audit", "queueitem", "incidentresolution", "email", "activityparty", "systemuser", "subject")
"""Tracked and untracked tables, with and without a window, and the one that never changes."""

_PAGE_ROWS = 60
_KILLS_EACH = 5
"""Kills per extraction: enough to be interrupted again after a resumption, few enough for many to come to an end."""

_LONGEST_SECONDS = 120.0
_SETTLING_SECONDS = 0.2
_Page = tuple[str, str]


@dataclass(slots=True)
class Outcome:
    """What the kills came to.

    Attributes:
        kills: Processes that were killed before their end.
        reading: Those of them that had asked for a page by then.
        extractions: Extractions that were finished in spite of it.
        different: Tables whose rows differ from those of an undisturbed run, by extraction.
        pages: Pages that the killed and the finishing processes fetched of tables that were not committed yet.
        twice: How many of them had been fetched before.
        worst: Most pages of one table that one process fetched although its predecessors had.
    """

    kills: int = 0
    reading: int = 0
    extractions: int = 0
    different: int = 0
    pages: int = 0
    twice: int = 0
    worst: int = 0


class Hunter:
    """Runs extractions against one sandbox and kills them.

    Args:
        sandbox: The environment; it must not change meanwhile.
        folder: Where the raw layers go, each in a folder of its own.
        seed: Of the moments.
    """

    def __init__(self, sandbox: SandboxProcess, folder: Path, *, seed: int = 1) -> None:
        self._sandbox = sandbox
        self._folder = folder
        self._dice = random.Random(seed)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([extract_once.__module__])
        self._seconds = 0.0
        self._run(folder / "calm", None)
        self._expected = contents(folder / "calm" / "raw")

    def hunt(self, kills: int) -> Outcome:
        """Kill as often as wanted, and bring every extraction to its end."""
        outcome = Outcome()
        while outcome.kills < kills:
            folder = self._folder / f"hunted-{outcome.extractions}"
            self._hunt_one(folder, outcome, kills)
            outcome.extractions += 1
            found = contents(folder / "raw")
            outcome.different += sum(found[name] != self._expected[name] for name in TABLES)
        return outcome

    def _hunt_one(self, folder: Path, outcome: Outcome, kills: int) -> None:
        before: dict[str, set[_Page]] = {}
        is_killed, killed_here = True, 0
        while is_killed:
            open_tables = not_committed(folder / "raw")
            may_kill = outcome.kills < kills and killed_here < _KILLS_EACH
            is_killed = self._run(folder, self._dice.random() * self._seconds if may_kill else None)
            outcome.kills += is_killed
            killed_here += is_killed
            fetched = pages_by_table(self._sandbox.control.log(), open_tables)
            outcome.reading += is_killed and bool(fetched)
            for table, pages in fetched.items():
                seen = before.setdefault(table, set())
                twice = sum(count - (page not in seen) for page, count in pages.items())
                outcome.pages += pages.total()
                outcome.twice += twice
                outcome.worst = max(outcome.worst, twice)
                seen |= set(pages)

    def _run(self, folder: Path, wait: float | None) -> bool:
        """Extract into a folder; kill the process after a while. Returns whether it was killed before its end."""
        self._sandbox.control.clear_log()
        told, tell = self._context.Pipe(duplex=False)
        arguments = (self._sandbox.env, folder, TABLES, _PAGE_ROWS, tell)
        process = self._context.Process(target=extract_once, args=arguments)
        process.start()
        tell.close()
        if told.poll(_LONGEST_SECONDS):
            with suppress(EOFError):
                told.recv()
        began = time.monotonic()
        process.join(_LONGEST_SECONDS if wait is None else wait)
        self._seconds = self._seconds or time.monotonic() - began
        is_killed = process.is_alive()
        process.kill()
        process.join()
        # The answer to the last question of a killed process enters the log only now.
        time.sleep(_SETTLING_SECONDS)
        if not is_killed and process.exitcode != 0:
            raise AssertionError("an extraction failed instead of ending or being killed")
        if is_killed and wait is None:
            raise AssertionError("an extraction did not end")
        return is_killed


def contents(raw: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, without what tells when it was read."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return {
            name: connection.execute(
                f"select * exclude (_extracted_at, _window) from ({view_sql(raw, RAW_TABLES[name])}) order by all"
            ).fetchall()
            for name in TABLES
        }


def not_committed(raw: Path) -> frozenset[str]:
    """Entity sets of the tables that no load has committed: those whose reading goes on instead of beginning anew."""
    return frozenset(_REGISTRY[name].entity_set for name in TABLES if state(raw, RAW_TABLES[name]).extracted_at is None)


def pages_by_table(entries: Iterable[Entry], tables: frozenset[str]) -> dict[str, Counter[_Page]]:
    """The pages of rows that were asked for, and how often."""
    found: dict[str, Counter[_Page]] = {}
    for entry in entries:
        if entry.page is not None and entry.table in tables:
            found.setdefault(str(entry.table), Counter())[entry.path, entry.query] += 1
    return found


def hunt(kills: int, *, cases: int = 150, seed: int = 1) -> Outcome:
    """Kill extractions of a sandbox of its own."""
    with (
        TemporaryDirectory() as folder,
        start_sandbox(cases=cases, page_latency=0.02) as sandbox,
    ):
        return Hunter(sandbox, Path(folder), seed=seed).hunt(kills)


def main() -> None:
    """Print the figures of a hunt."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kills", type=int, nargs="?", default=50)
    outcome = hunt(parser.parse_args().kills)
    sys.stdout.write(
        f"{outcome.kills} kills ({outcome.reading} after the first page) in {outcome.extractions} extractions: "
        f"{outcome.different} tables differ from an undisturbed run; {outcome.twice} of {outcome.pages} pages were "
        f"fetched twice, at most {outcome.worst} per stream and kill\n"
    )


if __name__ == "__main__":
    main()
