"""From the raw layer to the log, once without and once with malformed rows, and what became of each of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from d365_pm.assets.build import quarantine_file
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.errors import D365PMError
from d365_pm.lake import RawTable, open_load, record_missing
from d365_pm.settings import Settings, load_settings
from d365_pm_tests.malformed.desk import END
from d365_pm_tests.malformed.direct import Bad
from d365_pm_tests.malformed.fate import Fate, Fates
from d365_pm_tests.recount.pipeline import build_layers
from d365_pm_tests.recount.raw import Row, Rows

WAY = "raw layer"
_KEPT = "CaseGuid in (select id from healthy)"
_HEALTHY = {
    "events": _KEPT,
    "cases": _KEPT,
    "event_log": f"ServiceRequest in (select c.ServiceRequest from marts.cases as c where c.{_KEPT})",
}
"""Conditions for the rows of healthy cases."""


@dataclass(frozen=True, slots=True)
class Log:
    """What was published.

    Attributes:
        healthy: Every column of every row of the healthy cases, by table.
        columns: Names of their columns, by table.
        listed: Texts of the rows in quarantine: keys and cases that have a reason there.
    """

    healthy: dict[str, list[tuple[Any, ...]]]
    columns: dict[str, list[str]]
    listed: frozenset[str]


def send(rows: Rows, bad: Sequence[Bad], folder: Path, fates: Fates) -> None:
    """Build the log of the desk without and with the malformed rows, and judge the fate of each."""
    cases = [row["incidentid"] for row in rows["incident"]]
    plain = _publish(rows, folder / "without", cases)
    settings = _settings(folder / "with")
    refused = _refused(settings.raw.with_name("door"), bad)
    taken = [each for each in bad if id(each) not in refused]
    log = _publish(_joined(rows, taken), folder / "with", cases)
    for mart, expected in plain.healthy.items():
        if log.healthy[mart] != expected:
            lost = _differences(log.columns[mart], expected, log.healthy[mart])
            fates.faults.append(f"marts.{mart} of healthy cases changed: {lost}")
    for each in bad:
        _judge(each, log, refused.get(id(each)), fates)


def _judge(bad: Bad, log: Log, refusal: str | None, fates: Fates) -> None:
    fate = Fate.REFUSED if refusal else Fate.LISTED if _is_listed(bad, log) else Fate.ACCEPTED
    fault = None
    if bad.expected not in {None, fate} or (fate is Fate.REFUSED and bad.expected is None):
        fault = f"{bad.where} was {fate}, not {bad.expected or Fate.ACCEPTED}"
    elif refusal and bad.table not in refusal:
        fault = f"{bad.where} was refused without its table: {refusal}"
    elif refusal and not bad.where.split(" ")[0].endswith(tuple(_names(refusal))):
        fault = f"{bad.where} was refused without its column: {refusal}"
    fates.note(WAY, bad.kind, fate, fault=fault)


def _names(refusal: str) -> Iterable[str]:
    return {word.strip(".,;()") for word in refusal.split()}


def _is_listed(bad: Bad, log: Log) -> bool:
    case = bad.rows["incident"]["incidentid"]
    return bool({str(bad.key)[:64], str(case)[:64]} & log.listed)


def _refused(folder: Path, bad: Sequence[Bad]) -> dict[int, str]:
    """Rows that the raw layer does not take, each tried alone, with what it says."""
    said: dict[int, str] = {}
    for name, table in RAW_TABLES.items():
        with open_load(folder, table, extracted_at=END) as load:
            for each in (each for each in bad if name in each.rows):
                try:
                    load.write(_page([each.rows[name]], table))
                except D365PMError as error:
                    said[id(each)] = str(error)
    return said


def _joined(rows: Rows, bad: Sequence[Bad]) -> Rows:
    joined: Rows = defaultdict(list, {name: list(each) for name, each in rows.items()})
    for each in bad:
        for name, row in each.rows.items():
            joined[name].append(row)
    return joined


def _publish(rows: Rows, folder: Path, cases: Sequence[str]) -> Log:
    settings = _settings(folder)
    for name, table in RAW_TABLES.items():
        if name not in rows:
            record_missing(settings.raw, table, extracted_at=END)
            continue
        with open_load(settings.raw, table, extracted_at=END) as load:
            load.write(_page(rows[name], table))
            load.commit()
    build_layers(settings)
    return _read(settings, cases)


def _settings(folder: Path) -> Settings:
    return load_settings(_env_file=None, D365_PM_DATA_DIR=folder, D365_PM_THREADS=2, D365_PM_SEEDS_DIR=None)


def _page(rows: Sequence[Row], table: RawTable) -> pa.Table:
    names = table.schema.names
    return pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows], schema=table.schema)


def _read(settings: Settings, cases: Sequence[str]) -> Log:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create temp table healthy as select unnest(?::varchar[]) as id", [list(cases)])
        healthy, columns = {}, {}
        for mart, condition in _HEALTHY.items():
            cursor = connection.execute(f"select * from marts.{mart} where {condition} order by all")
            columns[mart] = [str(column[0]) for column in cursor.description or ()]
            healthy[mart] = cursor.fetchall()
    return Log(healthy, columns, _listed(settings))


def _listed(settings: Settings) -> frozenset[str]:
    texts: set[str] = set()
    with duckdb.connect(str(quarantine_file(settings)), read_only=True) as connection:
        for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            described = connection.execute(f"describe quarantine.{name}").fetchall()
            columns = ", ".join(f"{column}::varchar" for column, *_ in described)
            for row in connection.execute(f"select {columns} from quarantine.{name}").fetchall():
                texts.update(str(value)[:64] for value in row if value is not None)
    return frozenset(texts)


def _differences(columns: list[str], expected: list[tuple[Any, ...]], found: list[tuple[Any, ...]]) -> str:
    """How many rows are others now, and which columns of the first."""
    gone, new = ([row for row in left if row not in right] for left, right in ((expected, found), (found, expected)))
    first = zip(columns, *(rows[0] for rows in (gone, new)), strict=True) if gone and new else ()
    changed = [f"{name} from {left!r} to {right!r}" for name, left, right in first if left != right]
    return f"{len(gone)} rows are gone and {len(new)} are new; {', '.join(changed)}"
