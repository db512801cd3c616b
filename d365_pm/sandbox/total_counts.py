"""The numbers of `RetrieveTotalRecordCount`: a snapshot that a nightly job takes (Web API reference 2.5)."""

import datetime as dt
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from d365_pm.sandbox.environment import Environment


class TotalCounts:
    """The row counts of one environment, as old as its switches let them be."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: dt.datetime | None = None
        self._counts: dict[str, int] = {}

    def read(self, environment: "Environment") -> Mapping[str, int]:
        """Rows by logical name; the first question takes the first snapshot."""
        if environment.switches.total_counts_are_zero:
            return dict.fromkeys(environment.tables, 0)
        with self._lock:
            now, age = environment.clock(), dt.timedelta(hours=environment.switches.total_count_age)
            if self._taken is None or now - self._taken >= age:
                self._counts = {name: table.rows.height for name, table in environment.tables.items()}
                self._taken = now
            return self._counts
