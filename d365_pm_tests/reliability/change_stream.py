"""Random histories against the mirror: whatever happened at the source, the raw layer holds it after the next load.

`python -m d365_pm_tests.reliability.change_stream [COUNT] [SEED]` runs many; the pytest module runs a few.
"""

import asyncio
import logging
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import duckdb
from rich.console import Console

from d365_pm.assets.loading.run import Run
from d365_pm.assets.loading.table import load_table
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.dataverse import DataverseClient, Page
from d365_pm.lake import Window, view_sql
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.serving import RunningSandbox, SandboxServer
from d365_pm.sandbox.switches import Switches
from d365_pm.settings import Settings
from d365_pm_tests.reliability.histories import CASE, COLUMNS, KEYS, History, Sync, World, Write, history

_MEMORY = "metadata.json"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the mirror fared in one history.

    Attributes:
        seed: Of the history.
        kinds: What happened in it.
        syncs: Loads after which both sides were compared.
        differences: Descriptions of what differed; none if the mirror was equal every time.
    """

    seed: int
    kinds: frozenset[str]
    syncs: int
    differences: tuple[str, ...]


def follow(seed: int, state: Path) -> Verdict:
    """Play one history and load after every `Sync` of it.

    Args:
        seed: Of the history.
        state: Folder for the sandbox's certificates, shared by all histories of a process.
    """
    told = history(seed)
    world = World(Environment({}, Switches(max_page_size=told.page_size)))
    with (
        _served(world.environment, state) as sandbox,
        tempfile.TemporaryDirectory() as folder,
        _Mirror(world, _settings(sandbox, Path(folder))) as mirror,
    ):
        return asyncio.run(_follow(told, world, mirror))


async def _follow(told: History, world: World, mirror: "_Mirror") -> Verdict:
    syncs, differences = 0, []
    for step, operation in enumerate(told.operations):
        if not isinstance(operation, Sync):
            world.apply(operation)
            continue
        await mirror.load(operation.between)
        if operation.is_quiet:
            syncs += 1
            differences += [f"after operation {step}: {each}" for each in mirror.differences()]
    return Verdict(told.seed, told.kinds, syncs, tuple(differences))


class _Mirror:
    """The raw layer that follows a world."""

    def __init__(self, world: World, settings: Settings) -> None:
        self._world = world
        self._settings = settings
        self._connection = duckdb.connect(config={"threads": 1})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    async def load(self, between: tuple[tuple[Write, ...], ...]) -> None:
        """Load both tables; writes happen between the pages of the first."""
        window = Window(None, datetime.now(UTC) + timedelta(days=1))
        async with DataverseClient.open(self._settings, memory=self._settings.raw / _MEMORY) as client:
            await client.environment()
            run = Run(_Disturbed(client, self._world, between), self._settings.raw, tuple(KEYS))  # type: ignore[arg-type]
            for table in KEYS:
                await load_table(run, table, window)

    def differences(self) -> Iterator[str]:
        """What the raw layer holds differently from the model."""
        for table, expected in self._world.rows.items():
            found = self._rows(table)
            names = COLUMNS[table]
            wanted = {key: tuple(row[name] for name in names) for key, row in expected.items()}
            for key in wanted.keys() | found.keys():
                if wanted.get(key) != found.get(key):
                    yield f"{table} {key}: {found.get(key)} instead of {wanted.get(key)}"

    def _rows(self, table: str) -> dict[str, tuple[Any, ...]]:
        names = ", ".join((KEYS[table], *COLUMNS[table]))
        query = f"select {names} from ({view_sql(self._settings.raw, RAW_TABLES[table])}) where _deleted_at is null"
        return {key: tuple(values) for key, *values in self._connection.execute(query).fetchall()}


class _Disturbed:
    """A client whose source changes while its pages of the first table are read."""

    def __init__(self, client: DataverseClient, world: World, between: tuple[tuple[Write, ...], ...]) -> None:
        self._client = client
        self._world = world
        self._between = list(between)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def changes(self, shape: Any, **options: Any) -> AsyncGenerator[Page, None]:
        """Pages of the client, with writes after each page of the first table."""
        async for page in self._client.changes(shape, **options):
            if shape.table.name == CASE and self._between:
                for write in self._between.pop(0):
                    self._world.apply(write)
            yield page


@contextmanager
def _served(environment: Environment, state: Path) -> Iterator[RunningSandbox]:
    server = SandboxServer(environment, state)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server.running
    finally:
        server.stop()
        thread.join(10)


def _settings(sandbox: RunningSandbox, folder: Path) -> Settings:
    own = {name.removeprefix("D365_").lower(): value for name, value in sandbox.env.items()}
    return Settings(_env_file=None, **own, D365_PM_DATA_DIR=folder)  # type: ignore[call-arg]


def follow_many(seeds: range) -> list[Verdict]:
    """Play histories one after the other."""
    with tempfile.TemporaryDirectory() as state:
        return [follow(seed, Path(state)) for seed in seeds]


def main(count: int = 1000, seed: int = 0) -> int:
    """Play histories on all cores and print what came of them; 1 if a mirror ever differed."""
    console = Console()
    parts = [range(first, min(first + 25, seed + count)) for first in range(seed, seed + count, 25)]
    verdicts: list[Verdict] = []
    with ProcessPoolExecutor(2, initializer=logging.disable, initargs=(logging.WARNING,)) as pool:
        for part in pool.map(follow_many, parts):
            verdicts += part
            unequal = sum(bool(each.differences) for each in verdicts)
            console.print(f"{len(verdicts)} histories, {unequal} unequal")
    kinds = Counter(kind for verdict in verdicts for kind in verdict.kinds)
    console.print(f"comparisons: {sum(verdict.syncs for verdict in verdicts)}")
    console.print("histories with " + ", ".join(f"{kind}: {number}" for kind, number in kinds.most_common()))
    for verdict in verdicts:
        for difference in verdict.differences[:3]:
            console.print(f"seed {verdict.seed}: {difference}")
    return int(any(verdict.differences for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
