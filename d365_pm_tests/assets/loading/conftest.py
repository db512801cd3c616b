"""A small desk, served anew for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from d365_pm.sandbox.desk import Desk, generate
from d365_pm.sandbox.serving import running_server
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.assets.loading.bench import Bench


@pytest.fixture(scope="session")
def small_desk() -> Desk:
    return generate(cases=60, seed=11, end=datetime(2026, 3, 2, 12, tzinfo=UTC), days=20)


@pytest.fixture
def bench(small_desk, tmp_path) -> Iterator[Callable[..., Bench]]:
    """Makes a sandbox with the given switches, and an empty raw layer."""
    with ExitStack() as stack:

        def make(*, start_date: str | None = None, **switches: Any) -> Bench:
            running = stack.enter_context(running_server(small_desk.tables, Switches(**switches)))
            return Bench(running, tmp_path / "data", start_date)

        yield make
