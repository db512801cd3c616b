"""The measured side that is ours: the case table from the Web API into the raw layer, as production does it."""

import asyncio
import os
import sys
from datetime import datetime
from importlib.abc import MetaPathFinder
from typing import Any

from d365_pm.assets.extraction import extract
from d365_pm.lake import Window
from d365_pm.settings import load_settings

TABLE = "incident"


class _NoPandas(MetaPathFinder):
    """With its first array pyarrow imports pandas, if that is installed: for the SDK it is, for d365-pm it is not."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, _NoPandas())


def land_cases(*, environment: dict[str, str], start: str | None, end: str | None) -> dict[str, Any]:
    """Read a window, or everything, and commit it: sign-in, metadata, pages, types, one Parquet file per day.

    Args:
        environment: `D365_*` variables of the Dataverse and of the data directory.
        start: First instant of the window, ISO 8601; None reads everything, in one chain where that gives a delta link.
        end: First instant after it.

    Returns:
        `rows` that were committed, each key once.
    """
    os.environ.update(environment)
    settings = load_settings()
    window = Window(datetime.fromisoformat(start), datetime.fromisoformat(end)) if start and end else None

    async def run() -> int:
        return sum([loaded.proof.read async for loaded in extract(settings, [TABLE], window)])

    return {"rows": asyncio.run(run())}
