"""Loading the two tables that are made from the environment's metadata: its columns and the labels of its options."""

import asyncio
import time
from datetime import UTC, datetime

from d365_pm.assets.loading.loaded import Loaded
from d365_pm.assets.loading.run import Run
from d365_pm.assets.loading.unchanged import note_unchanged
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.lake import open_load, state


async def load_description(run: Run, name: str) -> Loaded:
    """Read one of the tables and commit it; if no definition has changed since the last time, only note that."""
    started, clock = datetime.now(UTC), time.perf_counter()
    table = RAW_TABLES[name]
    known = await asyncio.to_thread(state, run.root, table)
    is_known = name != "option_label" or run.client.has_labels(run.labelled)
    if is_known and run.client.metadata_unchanged and known.full_at is not None and not run.is_full:
        return await note_unchanged(run, table, now=started, clock=clock)
    client = run.client
    rows = await (client.option_labels(run.labelled) if name == "option_label" else client.attribute_metadata())
    with open_load(run.root, table, extracted_at=started) as load:
        load.write(rows)
        await asyncio.to_thread(load.commit)
    return Loaded(name, started, rows.num_rows, time.perf_counter() - clock, None, way="everything", is_whole=True)
