"""The SQL models over rows of memory: rows into the raw layer, every layer built, the published log read.

Without a server and without Dagster, so that rows can be told that no generator and no server would give.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from d365_pm.assets.build import read_project, run_layer
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.contracts.contract import Outcome
from d365_pm.lake import open_load, record_missing
from d365_pm.sandbox.schema import LANGUAGES, TABLES
from d365_pm.settings import Settings, load_settings
from d365_pm_tests.end_to_end.comparison import read_log
from d365_pm_tests.recount.log import LogRow
from d365_pm_tests.recount.raw import Row, Rows

_UNAUDITED = frozenset({"incidentresolution", "subject", "annotation"})
"""Tables that cannot be audited (table reference, trap 10)."""


@dataclass(frozen=True)
class Published:
    """What the models published.

    Attributes:
        log: The 21 columns of every event.
        order: Activity and time of a case's events in the order of `SeqInCase`, by `incidentid`.
    """

    log: list[LogRow]
    order: dict[str, list[LogRow]]


def publish(rows: Rows, folder: Path, *, as_of: datetime, language: str = "pt-BR", activities: str = "") -> Published:
    """What the SQL models publish for rows that were read at an instant, with the extended activities named."""
    settings = load_settings(
        _env_file=None,
        D365_PM_DATA_DIR=folder,
        D365_PM_LANGUAGE=language,
        D365_PM_THREADS=1,
        D365_PM_SEEDS_DIR=None,
        D365_PM_ACTIVITIES=activities,
    )
    _fill_lake(settings, rows | environment_rows(), as_of)
    build_layers(settings)
    return Published(read_log(settings.warehouse), _read_order(settings.warehouse))


def build_layers(settings: Settings, *, checks: Collection[str] | None = None) -> list[Outcome]:
    """Run every model over the raw layer that is there, and publish; returns how the tables stand to their promises.

    Args:
        settings: Where the raw layer and the databases are.
        checks: Names of the promises to judge; None for all.
    """
    project = read_project(settings.extended_activities)
    outcomes: list[Outcome] = []
    for layer in project.layers:
        build = run_layer(settings, project, project.of(layer), checks=checks)
        broken = [str(outcome) for outcome in build.outcomes if outcome.contract.blocking and not outcome.passed]
        assert build.is_kept, broken
        outcomes += build.outcomes
    return outcomes


def environment_rows() -> Rows:
    """The tables that are made from the environment's metadata: every table is audited that can be."""
    return {"attribute_metadata": _attributes(), "option_label": _labels()}


def _read_order(warehouse: Path) -> dict[str, list[LogRow]]:
    query = "select CaseGuid, ActivityName, EventTime from marts.events order by CaseGuid, SeqInCase"
    order: dict[str, list[LogRow]] = defaultdict(list)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for case, *event in connection.execute(query).fetchall():
            order[case].append(tuple(event))
    return order


def _fill_lake(settings: Settings, rows: Rows, as_of: datetime) -> None:
    for name, table in RAW_TABLES.items():
        if name not in rows:
            record_missing(settings.raw, table, extracted_at=as_of)
            continue
        with open_load(settings.raw, table, extracted_at=as_of) as load:
            load.write(_page(rows[name], table.schema))
            load.commit()


def _page(rows: list[Row], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def _attributes() -> list[Row]:
    return [
        {
            "table_name": table.name,
            "column_name": column.name,
            "attribute_type": column.type.value,
            "is_table_audited": table.name not in _UNAUDITED,
            "is_audited": table.name not in _UNAUDITED,
            "is_change_tracked": True,
            "is_custom": False,
        }
        for table in TABLES.values()
        for column in table.columns
    ]


def _labels() -> list[Row]:
    return [
        {
            "table_name": table.name,
            "column_name": column.name,
            "code": option.code,
            "language": lcid,
            "label": option.label(lcid),
            "state": None,
        }
        for table in TABLES.values()
        for column in table.columns
        for option in column.options
        for lcid in LANGUAGES
    ]
