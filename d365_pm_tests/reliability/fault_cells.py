"""One cell of the matrix after the other: plant the fault, read, compare, heal.

Belongs here: the order of a cell and the two situations that a reader can be in, its first run and a later one. Does
not belong here: which cells there are (`fault_scripts.py`).
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from d365_pm.assets.tables import RAW_TABLES
from d365_pm.errors import D365PMError
from d365_pm.sandbox.serving import RunningSandbox
from d365_pm_tests.reliability.fault_desk import ENTITY_SETS
from d365_pm_tests.reliability.fault_reader import read, rows_of
from d365_pm_tests.reliability.fault_scripts import Position, Script
from d365_pm_tests.reliability.fault_verdict import Difference, Outcome, Row, Verdict, compare

_PAYLOAD = "_payload"

Truth = Mapping[str, Mapping[object, Row]]


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a reader stands when the fault comes.

    Attributes:
        name: `first run` or `changes`.
        sandbox: The environment.
        start: Data directory that earlier runs have left behind; None before the first.
        truth: Rows that the reader should have afterwards, by table and key.
    """

    name: str
    sandbox: RunningSandbox
    start: Path | None
    truth: Truth

    def play(self, script: Script, table: str, page: Position) -> Outcome:
        """Read one table while the fault is played."""
        plan = self.sandbox.environment.faults
        with tempfile.TemporaryDirectory(prefix="d365-pm-matrix-") as folder:
            data = Path(folder) / "data"
            if self.start is not None:
                shutil.copytree(self.start, data)
            plan.clear()
            plan.add(script.at(ENTITY_SETS[table], page))
            try:
                outcome = self._read(data, table)
                fired = len(plan.fired)
            finally:
                plan.clear()
            heals = None if outcome.verdict is Verdict.WHOLE else self._heals(data, table)
        return replace(outcome, fired=fired, heals=heals)

    def _read(self, data: Path, table: str) -> Outcome:
        started = time.perf_counter()
        outcome = _verdict(lambda: read(self.sandbox, data, table), lambda: self._difference(data, table), table)
        return replace(outcome, seconds=time.perf_counter() - started)

    def _heals(self, data: Path, table: str) -> bool:
        with suppress(D365PMError, TimeoutError):
            read(self.sandbox, data, table)
            return self._difference(data, table).is_none
        return False

    def _difference(self, data: Path, table: str) -> Difference:
        names = RAW_TABLES[table].schema.names
        payload = names.index(_PAYLOAD) if _PAYLOAD in names else None
        return compare(self.truth[table], rows_of(data, table), payload=payload)


def _verdict(work: Callable[[], None], difference: Callable[[], Difference], table: str) -> Outcome:
    try:
        work()
    except TimeoutError:
        return Outcome(Verdict.ENDLESS)
    except D365PMError as error:
        return Outcome(Verdict.LOUD, message=str(error), is_named=table in str(error))
    found = difference()
    return Outcome(Verdict.WHOLE if found.is_none else Verdict.SILENT, found)
