"""The raw layer of a desk without a network: the generator's tables written straight through the lake.

Belongs here: from `Desk.tables` to committed files. What no desk has rows for (option labels, the columns' metadata,
rows that every environment has) is read from a sandbox of no cases by the ordinary client, so that it is what an
extraction would have written.
"""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from d365_pm.assets.extraction import extract
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.lake import open_load
from d365_pm.sandbox.desk import generate
from d365_pm.sandbox.serving import running_server
from d365_pm.settings import Settings, load_settings

_PAGE_ROWS = 50_000
_MADE_BY_ENVIRONMENT = "stringmap"


def write_raw_layer(*, data_dir: str, cases: int) -> dict[str, Any]:
    """Make a desk and its raw layer.

    Returns:
        `rows` that were written of the desk's tables.
    """
    desk = generate(cases=cases)
    root = Path(data_dir) / "raw"
    given = {name: rows for name, rows in desk.tables.items() if name in RAW_TABLES and name != _MADE_BY_ENVIRONMENT}
    _describe_environment(desk.tables, Path(data_dir), [name for name in RAW_TABLES if name not in given])
    return {"rows": sum(_write(root, name, rows, desk.end) for name, rows in given.items())}


def _write(root: Path, name: str, rows: pa.Table, extracted_at: datetime) -> int:
    table = RAW_TABLES[name]
    known = rows.select([column for column in rows.column_names if column in table.schema.names])
    with open_load(root, table, extracted_at=extracted_at) as load:
        for start in range(0, known.num_rows, _PAGE_ROWS):
            load.write(known.slice(start, _PAGE_ROWS))
        return load.commit().facts.row_count


def _describe_environment(tables: dict[str, pa.Table], data_dir: Path, names: list[str]) -> None:
    described = {name: rows for name, rows in tables.items() if name == _MADE_BY_ENVIRONMENT}

    async def load(settings: Settings) -> None:
        async for _ in extract(settings, names, None):
            pass

    with running_server(described) as sandbox:
        asyncio.run(load(_settings(sandbox.env, data_dir)))


def _settings(environment: dict[str, str], data_dir: Path) -> Settings:
    given = {name.removeprefix("D365_").lower(): value for name, value in environment.items()}
    return load_settings(**given, D365_PM_DATA_DIR=data_dir)
