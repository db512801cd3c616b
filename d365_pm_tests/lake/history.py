"""A history of loads of every kind in small durable pages, the same in every run: what processes are killed over.

As a program it goes on from wherever the last one stopped: `python -m d365_pm_tests.lake.history FOLDER`.
"""

import random
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa

from d365_pm.lake import Load, LoadKind, RawTable, Window, mark_absent, open_load, state
from d365_pm.lake.facts import RECONCILIATION
from d365_pm.lake.ledger import read_ledger
from d365_pm_tests.lake.desk import INCIDENT, QUEUE, incidents, moment

LOADS = 7
_PAGES = 3
_KINDS = (LoadKind.BASELINE, LoadKind.DELTA, LoadKind.WINDOW, LoadKind.DELTA)


def started(number: int) -> datetime:
    """When a load of the history began."""
    return moment(20) + timedelta(hours=number)


def run(root: Path, *, until: int = LOADS, tell: Callable[[str], object] = str) -> None:
    """Do the loads that are not done yet, and tell of each."""
    for table in (INCIDENT, QUEUE):
        for number in range(until):
            done = state(root, table).extracted_at
            if done is None or done < started(number):
                _load(root, table, number)
                tell("loaded\n")
    if not any(entry.kind == RECONCILIATION for entry in read_ledger(root / INCIDENT.name)):
        mark_absent(root, INCIDENT, [pa.array([f"case-{i:02}" for i in range(30)])], extracted_at=started(until))


def _load(root: Path, table: RawTable, number: int) -> None:
    kind = _KINDS[number % len(_KINDS)]
    window = Window(moment(1), moment(9)) if kind is LoadKind.WINDOW and table.window else None
    with open_load(root, table, extracted_at=started(number), window=window, kind=kind, buffer_bytes=2000) as load:
        for name in ("first", "second"):
            _read(load, table, number, name)
        load.commit(cursor=f"cursor {number}")


def _read(load: Load, table: RawTable, number: int, name: str) -> None:
    stream = load.stream(name)
    if stream.is_finished:
        return
    for page in range(int(stream.cursor or 0), _PAGES):
        dice = random.Random(f"{table.name} {number} {name} {page}")
        keys = [f"case-{dice.randrange(60):02}" for _ in range(20)]
        deleted = [f"case-{dice.randrange(60):02}" for _ in range(5)] if number % 2 else []
        cursor = None if page + 1 == _PAGES else f"{page + 1}"
        stream.write(_page(table, keys, number * 100 + page, dice), cursor=cursor, deleted=deleted)


def _page(table: RawTable, keys: list[str], version: int, dice: random.Random) -> pa.Table:
    if table is QUEUE:
        return pa.table({"queueid": keys, "name": [f"{key} {version}" for key in keys]}, schema=QUEUE.schema)
    return incidents(*((key, version, moment(1 + dice.randrange(3)), f"{key} {version}") for key in keys))


if __name__ == "__main__":
    run(Path(sys.argv[1]), tell=partial(print, end="", flush=True))
