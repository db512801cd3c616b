"""The worked example of the reference as files that the sandbox serves: rows that the generator never saw."""

import json
from datetime import datetime
from pathlib import Path

from d365_pm_tests.models.worked_example import build_worked_example


def write_worked_example(folder: Path) -> None:
    """One JSON-lines file per table, in the form of the Web API."""
    folder.mkdir(parents=True)
    for table, rows in build_worked_example().rows.items():
        lines = [json.dumps(row, default=_text) for row in rows.values()]
        (folder / f"{table}.jsonl").write_text("\n".join(lines) + "\n")


def _text(value: object) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else str(value)
