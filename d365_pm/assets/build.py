"""Building one layer of the warehouse: raw views, seeds, models, judgement, publication.

Knows the lake, the warehouse and the contracts, and nothing of Dagster; `models.py` tells Dagster of it.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import duckdb

from d365_pm.assets.pseudonyms import Pseudonyms, fingerprint
from d365_pm.assets.rules import read_rules
from d365_pm.assets.tables import RAW_TABLES
from d365_pm.contracts.baseline import remember_last_log
from d365_pm.contracts.catalogue import contracts
from d365_pm.contracts.contract import Contract, Outcome
from d365_pm.contracts.judgement import judge
from d365_pm.contracts.quarantine import keep_failing_rows, write_quarantine
from d365_pm.contracts.seed_references import check_references
from d365_pm.contracts.seeds import EXTENDED_ACTIVITIES, SEEDS
from d365_pm.lake import LOADS, loads_sql, views_sql
from d365_pm.paths import sql_root
from d365_pm.settings import Settings
from d365_pm.warehouse import Model, ModelRun, Project, TableName, Warehouse, load_project, publish

_SETTINGS_COLUMNS = ("language", "lcid", "time_zone")
_EVENT_LOG = "marts.event_log"
_LOADS = "_loads"


@dataclass(frozen=True)
class Build:
    """What building a layer gave.

    Attributes:
        runs: The models that were asked for, in the order in which they ran.
        outcomes: How the tables of the layer stand to their contracts.
        as_of: `LastDataUpdate` of the event log, if it was built and has rows.
        publishing: Seconds that giving the database to its readers took, None where that was not due.
    """

    runs: tuple[ModelRun, ...]
    outcomes: tuple[Outcome, ...]
    as_of: datetime | None
    publishing: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether no blocking promise is broken."""
        return not any(outcome.contract.blocking and not outcome.passed for outcome in self.outcomes)


class _RejectedError(Exception):
    """Leaves the transaction, so that the layer is rolled back."""


@cache
def read_project(extended: frozenset[str] = frozenset()) -> Project:
    """The SQL models, checked against the tables of the raw layer and the seeds; read once per process.

    Args:
        extended: Activities beyond the template that the log shall have; what the others need is not even read.

    Raises:
        ModelError: A file breaks a rule.
    """
    raw = {name: table.stored.names for name, table in RAW_TABLES.items()} | {_LOADS: LOADS.names}
    seeds = {name: [column.name for column in spec.columns] for name, spec in SEEDS.items()}
    left_out = {TableName("activities", code) for code in EXTENDED_ACTIVITIES - extended}
    return load_project(sql_root(), raw=raw, seeds={**seeds, "settings": _SETTINGS_COLUMNS}, left_out=left_out)


def working_database(settings: Settings) -> Path:
    """The database that steps build in; readers never open it.

    Pseudonyms have one of their own: the file of another build keeps names in blocks that it no longer uses.
    """
    key = settings.pseudonym_secret
    return settings.data_dir / "work" / (f"pseudonymous_{fingerprint(key)}.duckdb" if key else "warehouse.duckdb")


def quarantine_file(settings: Settings) -> Path:
    """The file that keeps the failing rows of checks, beside the database that readers open."""
    # Not `quarantine.duckdb`: DuckDB could not tell the database from its schema.
    return settings.warehouse.with_name("failing_rows.duckdb")


def run_layer(
    settings: Settings, project: Project, models: Sequence[Model], *, checks: Collection[str] | None = None
) -> Build:
    """Run models of one layer, keep them if they hold what they promise, and publish after the last layer.

    The rows that break a promise are kept in any case, also those of a layer that was rolled back.

    Args:
        settings: Where the raw layer and the databases are.
        project: All models.
        models: Those to run, of one layer, in order.
        checks: Names of the contracts to judge; None for those of the tables that are made.

    Raises:
        D365PMError: A seed, a file or the database has to be mended; the layer is what it was before.
    """
    seeds = read_rules(settings)
    path = working_database(settings)
    with Warehouse.open(path, memory_limit=settings.memory_limit, threads=settings.threads) as warehouse:
        views = _views(warehouse.connection, settings, _raw_tables(settings, project, models))
        if settings.pseudonym_secret:
            pseudonyms = Pseudonyms.read(warehouse.connection, views, settings.pseudonym_secret)
            views, seeds = pseudonyms.veiled(views), pseudonyms.seeds(seeds)
        warehouse.attach_raw(views)
        warehouse.load_seeds(seeds)
        warehouse.write_settings(language=settings.language, lcid=settings.language.lcid, time_zone=settings.time_zone)
        check_references(warehouse.connection, seeds, overrides=settings.seeds_dir)
        warehouse.drop_all_but(project.models)
        remember_last_log(warehouse.connection, settings.warehouse)
        build = _build(warehouse, project, models, _chosen(models, checks))
        _quarantine(warehouse, build.outcomes, quarantine_file(settings))
    if build.is_kept and any(model.layer == project.layers[-1] for model in models):
        started = time.perf_counter()
        publish(path, settings.warehouse)
        build = replace(build, publishing=time.perf_counter() - started)
    return build


def _raw_tables(settings: Settings, project: Project, models: Sequence[Model]) -> set[str]:
    """Raw tables that models read; a view of any other would look into each of its files for nobody."""
    if settings.seeds_dir or settings.pseudonym_secret:
        return {*RAW_TABLES, _LOADS}  # Seeds that somebody brought, and pseudonyms, are held against the raw layer.
    upstream = {table for model in project.with_steps(models) for table in model.upstream}
    return {table.name for table in upstream if table.schema == "raw"}


def _views(connection: duckdb.DuckDBPyConnection, settings: Settings, names: Collection[str]) -> dict[str, str]:
    tables = [table for name, table in RAW_TABLES.items() if name in names]
    views = views_sql(connection, settings.raw, tables)
    # What was read of them while a setting asked for it grows old.
    left_out = settings.tables_left_out & views.keys()
    views |= {name: f"select * from ({views[name]}) where false" for name in left_out}
    return views | ({_LOADS: _loads(settings)} if _LOADS in names else {})


def _loads(settings: Settings) -> str:
    """The ledger without tables that are no longer read: their last reading says nothing about the log."""
    left_out = ", ".join(f"'{name}'" for name in sorted(settings.tables_left_out))
    every = loads_sql(settings.raw)
    return f"select * from ({every}) where table_name not in ({left_out})" if left_out else every


def _chosen(models: Sequence[Model], checks: Collection[str] | None) -> list[Contract]:
    if checks is not None:
        return [contract for contract in contracts() if contract.name in checks]
    built = {str(model.table) for model in models}
    return [contract for contract in contracts() if contract.table in built]


def _build(warehouse: Warehouse, project: Project, models: Sequence[Model], promises: Sequence[Contract]) -> Build:
    build = Build((), (), None)
    try:
        with warehouse.transaction():
            made = [warehouse.run(model) for model in project.with_steps(models)]
            runs = tuple(run for run in made if run.model in models)
            outcomes = tuple(judge(warehouse.connection, promises))
            is_log_built = any(str(model.table) == _EVENT_LOG for model in models)
            build = Build(runs, outcomes, _as_of(warehouse) if is_log_built else None)
            if not build.is_kept:
                raise _RejectedError
    except _RejectedError:
        pass
    return build


def _quarantine(warehouse: Warehouse, outcomes: Sequence[Outcome], target: Path) -> None:
    """Keep the failing rows after the transaction, so that they outlive a layer that was rolled back."""
    if outcomes:
        keep_failing_rows(warehouse.connection, outcomes, known={contract.name for contract in contracts()})
        write_quarantine(warehouse.connection, target)


def _as_of(warehouse: Warehouse) -> datetime | None:
    found = warehouse.connection.execute(f"select max(LastDataUpdate) from {_EVENT_LOG}").fetchall()
    as_of: datetime | None = found[0][0]
    return as_of
