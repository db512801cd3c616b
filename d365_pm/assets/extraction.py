"""Reads tables side by side from Dataverse into the raw layer.

Opens the client, shares its limits among the tables and hands out each table once it is durable. How one table is read
is in `loading/`.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, time

from d365_pm.assets.loading.deletes import mark_audited_deletes
from d365_pm.assets.loading.descriptions import load_description
from d365_pm.assets.loading.loaded import Loaded
from d365_pm.assets.loading.memory import give_memory_back
from d365_pm.assets.loading.run import Run
from d365_pm.assets.loading.table import load_table
from d365_pm.assets.rules import read_rules
from d365_pm.assets.tables import ENVIRONMENT_TABLES
from d365_pm.contracts.optional_tables import NAMED_TABLES, SURVEY_EMAIL
from d365_pm.contracts.seeds import REQUEST_TYPE, STANDARD_REQUEST_TYPES
from d365_pm.dataverse import EVERY_TABLE, TABLES, DataverseClient, mentions
from d365_pm.lake import Window, claim
from d365_pm.settings import Settings, require_connection

_MEMORY = "metadata.json"
"""File in the raw layer that keeps the environment's definitions between runs."""


async def extract(
    settings: Settings, names: Sequence[str], window: Window | None, *, is_full: bool = False
) -> AsyncGenerator[Loaded, None]:
    """Read tables and commit each to the raw layer.

    Args:
        settings: Where Dataverse and the raw layer are.
        names: Tables of the raw layer.
        window: Span of the window column, for tables that have one.
        is_full: Read everything again, although less would do.

    Yields:
        Each table once it is durable, in the order in which they finish.

    Raises:
        D365PMError: The first table that cannot be read whole; tables that were yielded before stay committed.
    """
    require_connection(settings)
    give_memory_back()
    async with DataverseClient.open(settings, memory=settings.raw / _MEMORY) as client:
        claim(settings.raw, (await client.environment()).organization_id)
        tables = dict.fromkeys(EVERY_TABLE[name].logical_name for name in names if name not in ENVIRONMENT_TABLES)
        run = Run(
            client,
            settings.raw,
            list(tables),
            history_start=_history_start(settings),
            is_full=is_full,
            labelled=_labelled(settings),
            conditions=_conditions(settings),
            request_type=_request_type(settings),
        )
        tasks = [asyncio.create_task(_load(run, name, window)) for name in names]
        try:
            for finished in asyncio.as_completed(tasks):
                yield await finished
            await asyncio.to_thread(mark_audited_deletes, run)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _load(run: Run, name: str, window: Window | None) -> Loaded:
    async with run.at_once:
        if name in ENVIRONMENT_TABLES:
            return await load_description(run, name)
        return await load_table(run, name, window)


def _labelled(settings: Settings) -> tuple[str, ...]:
    return (*TABLES, *sorted(NAMED_TABLES - settings.tables_left_out))


def _conditions(settings: Settings) -> dict[str, str]:
    links = settings.survey_link_parts
    return {SURVEY_EMAIL: mentions("description", links)} if links else {}


def _request_type(settings: Settings) -> str | None:
    """Column of the organisation's own that its rules name as the category of a case."""
    (choices,) = (seed for seed in read_rules(settings) if seed.spec.name == "choices")
    named = {str(value) for key, value, _ in choices.rows if key == REQUEST_TYPE} - STANDARD_REQUEST_TYPES
    return named.pop() if named else None


def _history_start(settings: Settings) -> datetime | None:
    return datetime.combine(settings.start_date, time(), UTC) if settings.start_date else None
