"""A sandbox, an empty raw layer, and the question whether both hold the same rows."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from d365_pm.assets.extraction import extract
from d365_pm.assets.loading.loaded import Loaded
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.lake import Window, view_sql
from d365_pm.sandbox.serving import RunningSandbox
from d365_pm.settings import Settings


@dataclass
class Bench:
    """One sandbox and one raw layer."""

    sandbox: RunningSandbox
    folder: Path
    start_date: str | None = None
    given: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """Settings that lead from the one to the other."""
        own = {name.removeprefix("D365_").lower(): value for name, value in self.sandbox.env.items()}
        start = {"D365_PM_START_DATE": self.start_date} if self.start_date else {}
        given = {"D365_PM_DATA_DIR": self.folder, **self.given}
        return Settings(_env_file=None, **own, **start, **given)  # type: ignore[call-arg]

    def load(self, *names: str, window: Window | None = None, is_full: bool = False) -> dict[str, Loaded]:
        """Load tables; without a window, all of history up to now."""
        span = window or Window(None, datetime.now(UTC) + timedelta(days=1))
        return asyncio.run(self._load(names, span, is_full))

    async def _load(self, names: Sequence[str], window: Window, is_full: bool) -> dict[str, Loaded]:
        loads = extract(self.settings, names, window, is_full=is_full)
        return {loaded.name: loaded async for loaded in loads}

    def kept(self, name: str) -> dict[str, int]:
        """Living rows of the raw layer: version by key."""
        return self._rows(name, "_deleted_at is null")

    def deleted(self, name: str) -> set[str]:
        """Keys of rows that the raw layer knows to be deleted."""
        return set(self._rows(name, "_deleted_at is not null"))

    def source(self, name: str) -> dict[str, int]:
        """Rows of the environment: version by key."""
        table = self.sandbox.environment.tables[name]
        rows = table.rows.select(table.definition.key, "versionnumber").rows()
        return dict(rows)

    def source_keys(self, name: str) -> set[str]:
        """Keys of the environment's rows."""
        table = self.sandbox.environment.tables[name]
        return set(table.rows[table.definition.key].to_list())

    def text(self, name: str, key: str, column: str) -> str | None:
        """One value of the raw layer."""
        table = RAW_TABLES[name]
        query = f"select {column} from ({view_sql(self.settings.raw, table)}) where {table.key[0]} = '{key}'"
        ((value,),) = duckdb.sql(query).fetchall()
        return None if value is None else str(value)

    def _rows(self, name: str, condition: str) -> dict[str, int]:
        table = RAW_TABLES[name]
        query = f"select {table.key[0]}, versionnumber from ({view_sql(self.settings.raw, table)}) where {condition}"
        return dict(duckdb.sql(query).fetchall())
