"""One real extraction in a process that may be killed: what the resume test runs again and again.

Belongs here: settings, small pages, and telling that reading has begun. Does not belong here: killing
(`kill_and_resume.py`).
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from multiprocessing.connection import Connection
from pathlib import Path

from d365_pm.assets.extraction import extract
from d365_pm.dataverse import DataverseClient
from d365_pm.settings import load_settings


def extract_once(env: Mapping[str, str], folder: Path, tables: Sequence[str], page_rows: int, told: Connection) -> None:
    """Extract tables to the end.

    Args:
        env: Variables that point at the environment.
        folder: Data folder.
        tables: Tables of the raw layer.
        page_rows: Rows per page, so that a small environment has many pages.
        told: Gets `True` when reading begins and the name of each table that is durable.
    """
    os.environ.update(env)
    for read in (DataverseClient.pages, DataverseClient.changes):
        defaults = read.__kwdefaults__
        assert defaults is not None and "page_size" in defaults
        defaults["page_size"] = page_rows
    asyncio.run(_extract(folder, tables, told))


async def _extract(folder: Path, tables: Sequence[str], told: Connection) -> None:
    settings = load_settings(_env_file=None, D365_PM_DATA_DIR=folder)
    told.send(True)
    async with aclosing(extract(settings, tables, None)) as loaded:
        async for each in loaded:
            told.send(each.name)
