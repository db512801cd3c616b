"""The measured side that is ours: the case table from the Web API into the raw layer, as production does it."""

import asyncio
import os
from datetime import datetime
from typing import Any

import pyarrow as pa

from d365_pm.assets.extraction import extract
from d365_pm.lake import Window
from d365_pm.settings import load_settings

TABLE = "incident"

# With its first array pyarrow imports pandas, if that is installed: for the SDK it is, for d365-pm it would not be.
pa.array([None])


def land_cases(*, environment: dict[str, str], start: str, end: str) -> dict[str, Any]:
    """Read the window and commit it: sign-in, metadata, pages, types, one Parquet file per day.

    Args:
        environment: `D365_*` variables of the Dataverse and of the data directory.
        start: First instant of the window, ISO 8601.
        end: First instant after it.

    Returns:
        `rows` that were committed.
    """
    os.environ.update(environment)
    settings = load_settings()
    window = Window(datetime.fromisoformat(start), datetime.fromisoformat(end))

    async def run() -> int:
        return sum([loaded.rows async for loaded in extract(settings, [TABLE], window)])

    return {"rows": asyncio.run(run())}
