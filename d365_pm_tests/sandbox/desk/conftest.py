"""One desk for all tests that only read it."""

from datetime import UTC, datetime

import polars as pl
import pytest

from d365_pm.sandbox.desk import Desk, generate
from d365_pm_tests.sandbox.desk.change import Change, changes

END = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def desk() -> Desk:
    """A thousand cases."""
    return generate(cases=1000, seed=11, end=END)


@pytest.fixture(scope="session")
def truth(desk: Desk) -> pl.DataFrame:
    """Its event log in Portuguese at its end."""
    return pl.DataFrame(desk.truth(desk.end, "pt-BR"))


@pytest.fixture(scope="session")
def recorded(desk: Desk) -> list[Change]:
    """Every change that its audit records, read back from the text."""
    return changes(desk)
