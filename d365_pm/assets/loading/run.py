"""What all tables of one run share."""

import asyncio
import hashlib
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from d365_pm.assets.loading.request_type import with_request_type
from d365_pm.dataverse import PAGE_SIZE, TABLES, DataverseClient, TableShape

_steps = logging.getLogger("d365_pm.steps")

_CASES = "incident"

_STREAMS_AT_ONCE = 12
"""Chains of pages that are read side by side. Most wait for the server, or hold a page as it came, packed; how many
requests the server is sent at a time is the throttle gate's business."""

_TABLES_AT_ONCE = 6
"""Tables that are worked on at a time: each has rows in memory while it is committed."""

_LONGEST_CHAIN = 500_000
"""Rows up to which a table is read in one chain to get a delta link; above it, windows side by side are worth more."""


@dataclass(slots=True)
class Run:
    """One extraction of several tables.

    Attributes:
        client: Where from.
        root: Folder of the raw layer.
        names: Tables of the environment that it reads.
        history_start: Where the wanted history begins; None for everything.
        is_full: A person asked to read everything again.
        deletes: What audit rows say was deleted: instants by id, by table.
        untracked: Tables whose deletes nothing but the audit history and a comparison of ids can tell.
        labelled: Tables whose options have labels in the raw layer.
        conditions: OData conditions that settings put on tables, by table.
        request_type: Column of the organisation's own that holds the category of a case; None for a standard one.
        slots: One for each page in memory.
        at_once: Tables that are worked on at a time.
    """

    client: DataverseClient
    root: Path
    names: Sequence[str]
    history_start: datetime | None = None
    is_full: bool = False
    deletes: dict[str, dict[str, datetime]] = field(default_factory=dict)
    untracked: set[str] = field(default_factory=set)
    labelled: Sequence[str] = tuple(TABLES)
    conditions: Mapping[str, str] = field(default_factory=dict)
    request_type: str | None = None
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_STREAMS_AT_ONCE))
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_TABLES_AT_ONCE))
    _lengths: dict[str, int] | None = None
    _lengths_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def shape(self, name: str) -> TableShape:
        """What is read of a table of the registry."""
        shape = await self.client.shape(name)
        if name == _CASES and self.request_type and not shape.is_missing:
            return await with_request_type(self.client, shape, self.request_type)
        return shape.narrowed(self.conditions[name]) if name in self.conditions else shape

    async def is_short(self, shape: TableShape) -> bool:
        """Whether a table is short enough to be read in one chain; an unknown length counts as short."""
        async with self._lengths_lock:
            if self._lengths is None:
                # One question for all tables: most runs that ask for one table's length ask for every one.
                self._lengths = await self.client.total_record_counts(self.names)
                _announce(self._lengths)
        return self._lengths.get(shape.table.name, 0) <= _LONGEST_CHAIN


def fingerprint(shape: TableShape) -> str:
    """Stands for what is read of a table: a delta link and an interrupted load belong to that only."""
    read = [shape.entity_set, *sorted(shape.select), *filter(None, [shape.table.filter])]
    return hashlib.sha256("\n".join(read).encode()).hexdigest()[:16]


def _announce(lengths: dict[str, int]) -> None:
    """Say how much work a whole read is, before it begins."""
    rows = sum(lengths.values())
    requests = sum(max(1, math.ceil(length / PAGE_SIZE)) for length in lengths.values())
    _steps.info(f"about {rows:,} rows in {len(lengths)} tables, at least {requests:,} requests")
