"""What a full load would cost: requests and time for each table, from counts and measured pages.

Pure. The server's counts are up to a day old and pages differ in width, so these are orders of magnitude.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from d365_pm.doctor.facts import Facts, TableFacts

PAGE = 5000
"""Most rows on a page (Web API reference 3)."""
MOST_AT_ONCE = 40
"""Parallel requests beyond which nothing is gained (Web API reference 6.5)."""
SMALLEST_ENTITLEMENT = 25_000
"""Requests in 24 hours of a tenant with Power Apps or Power Automate licences only (Web API reference 6.4)."""
CUSTOMER_SERVICE_ENTITLEMENT = 500_000
"""The same with Dynamics 365 Enterprise or Professional licences, before what each licence adds."""


@dataclass(frozen=True, slots=True)
class TableLoad:
    """A full load of one table.

    Attributes:
        table: Logical name.
        rows: Rows to read; None where the server does not count them.
        pages: Requests that this takes, one at least.
        seconds: Time for all pages one after the other; None if no page could be measured.
    """

    table: str
    rows: int | None
    pages: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class LoadForecast:
    """A full load of everything.

    Attributes:
        tables: The largest first.
        requests: Pages of all tables.
        seconds_per_page: Mean of the measured pages; None if none could be measured.
        parallelism: Requests at once that the server recommends now.
        uncounted: Tables whose rows the server does not count, so that one page is assumed.
    """

    tables: tuple[TableLoad, ...]
    requests: int
    seconds_per_page: float | None
    parallelism: int
    uncounted: tuple[str, ...]

    @property
    def seconds(self) -> float | None:
        """Time for all pages one after the other."""
        return None if self.seconds_per_page is None else sum(each.seconds or 0.0 for each in self.tables)

    @property
    def parallel_seconds(self) -> float | None:
        """Time at the recommended parallelism, if the pages split evenly."""
        return None if self.seconds is None else self.seconds / self.parallelism


def forecast_load(facts: Facts) -> LoadForecast:
    """The cost of a full load."""
    readable = [table for table in facts.tables.values() if table.is_readable]
    measured = {timing.table: timing.seconds for timing in facts.timings}
    mean = sum(measured.values()) / len(measured) if measured else None
    loads = [_load(table, measured.get(table.name, mean)) for table in readable]
    return LoadForecast(
        tables=tuple(sorted(loads, key=lambda load: (-load.pages, -(load.rows or 0), load.table))),
        requests=sum(load.pages for load in loads),
        seconds_per_page=mean,
        parallelism=min(facts.requests_hint or 1, MOST_AT_ONCE),
        uncounted=_uncounted(readable),
    )


def _load(table: TableFacts, seconds: float | None) -> TableLoad:
    pages = max(1, ceil((table.rows or 0) / PAGE))
    return TableLoad(table.name, table.rows, pages, None if seconds is None else seconds * pages)


def _uncounted(tables: Sequence[TableFacts]) -> tuple[str, ...]:
    return tuple(table.name for table in tables if table.rows is None)
