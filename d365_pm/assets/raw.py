"""The raw assets: one per Dataverse table, and two that hold the environment's own description.

Tables with a window column are partitioned by day and loaded in one step for a whole range; the others are read whole
in a second step. Inside a step the tables are read side by side; every table yields its own materialization.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import dagster as dg

from d365_pm.assets.extraction import extract
from d365_pm.assets.failures import permanent_failures
from d365_pm.assets.loading.loaded import Loaded, Proof
from d365_pm.assets.side_thread import iterate_aside
from d365_pm.assets.table_metadata import load_metadata
from d365_pm.assets.tables import ENVIRONMENT_TABLES, RAW_TABLES
from d365_pm.automation.freshness import freshness_policy
from d365_pm.automation.jobs import FULL
from d365_pm.automation.partitions import window_of
from d365_pm.dataverse import EVERY_TABLE
from d365_pm.lake import Window
from d365_pm.settings import Settings

OWNERS = ["team:process-mining"]
ROWS = "rows_loaded"
"""Metadata key of the number of rows that a load brought."""

RECENT = "source_is_recent"
"""Name of the check that looks at the age of the data, which Dagster's freshness cannot see."""

_WATCHED = ("audit", "incident")
"""Tables of which a living service desk writes rows every day."""

_steps = logging.getLogger("d365_pm.steps")


def build_raw_assets(settings: Settings, partitions: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The two steps that fill the raw layer."""
    wanted = {name: table for name, table in RAW_TABLES.items() if name not in settings.tables_left_out}
    windowed = [name for name, table in wanted.items() if table.window]
    whole = [name for name, table in wanted.items() if not table.window]

    @dg.multi_asset(
        name="raw_history",
        specs=[_spec(name, settings) for name in windowed],
        check_specs=[_recency_spec(name) for name in _WATCHED],
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
        pool="dataverse",
    )
    def raw_history(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        span = context.partition_time_window
        window = Window(*window_of(settings, span.start, span.end))
        yield from _results(settings, _selected(context), window, is_full=_is_full(context))

    @dg.multi_asset(
        name="raw_reference", specs=[_spec(name, settings) for name in whole], can_subset=True, pool="dataverse"
    )
    def raw_reference(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        yield from _results(settings, _selected(context), None, is_full=_is_full(context))

    return [raw_history, raw_reference]


def _spec(name: str, settings: Settings) -> dg.AssetSpec:
    return dg.AssetSpec(
        dg.AssetKey(["raw", name]),
        group_name="raw",
        kinds={"dataverse", "parquet"},
        owners=OWNERS,
        description=_description(name),
        freshness_policy=freshness_policy(settings),
        metadata={"dagster/table_name": f"raw.{name}", "dagster/uri": str(settings.raw / name)},
        skippable=True,
    )


def _description(name: str) -> str:
    return EVERY_TABLE[name].description if name in EVERY_TABLE else ENVIRONMENT_TABLES[name][1]


def _recency_spec(name: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        RECENT,
        asset=dg.AssetKey(["raw", name]),
        description="Warns when the newest row of a load that reaches to the present is more than three days old.",
    )


def _selected(context: dg.AssetExecutionContext) -> list[str]:
    return sorted(key.path[-1] for key in context.selected_asset_keys)


def _is_full(context: dg.AssetExecutionContext) -> bool:
    return context.run.tags.get(FULL) == "true"


def _results(
    settings: Settings, names: Sequence[str], window: Window | None, *, is_full: bool
) -> Iterator[dg.MaterializeResult[None]]:
    with permanent_failures():
        for loaded in iterate_aside(extract(settings, names, window, is_full=is_full)):
            _steps.info(_line(loaded))
            checks = [_recency(loaded)] if window and loaded.name in _WATCHED else []
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(["raw", loaded.name]),
                metadata=load_metadata(RAW_TABLES[loaded.name], _facts(loaded)),
                check_results=checks,
            )


def _line(loaded: Loaded) -> str:
    note = "  not in this environment: empty table" if loaded.is_missing else ""
    return f"{loaded.name:<32}{loaded.rows:>12,} rows{loaded.seconds:>8.1f} s{note}"


def _facts(loaded: Loaded) -> dict[str, Any]:
    facts: dict[str, Any] = {
        ROWS: loaded.rows,
        "extracted_at": dg.MetadataValue.timestamp(loaded.extracted_at),
        "seconds": round(loaded.seconds, 3),
        **loaded.remarks,
    }
    if loaded.is_whole:
        # Only then: the UI shows it as the size of the table.
        facts["dagster/row_count"] = loaded.rows
    if loaded.window:
        facts["window"] = str(loaded.window)
    if loaded.way:
        facts["read"] = loaded.way
    if loaded.deleted:
        facts["deleted"] = loaded.deleted
    if loaded.proof:
        facts |= _reconciliation(loaded.proof)
    warnings = [*_lacks(loaded), *loaded.warnings]
    if warnings:
        facts["warning"] = dg.MetadataValue.md("\n\n".join(warnings))
    return facts


def _lacks(loaded: Loaded) -> Iterator[str]:
    if loaded.is_missing:
        yield "**This environment does not have the table.** It stays empty."
    elif loaded.missing_columns:
        yield f"Columns without a source stay null: {', '.join(loaded.missing_columns)}"


def _reconciliation(proof: Proof) -> dict[str, Any]:
    """What came beside what the server counts; a difference that matters has already failed the asset."""
    counted = "the server cannot count it" if proof.counted is None else proof.counted
    numbers: dict[str, Any] = {"rows_read": proof.read, "rows_counted_by_server": counted}
    return numbers if proof.recounted is None else {**numbers, "rows_counted_after_reading": proof.recounted}


def _recency(loaded: Loaded) -> dg.AssetCheckResult:
    reaches_now = loaded.window is None or loaded.window.end is None or loaded.window.end > loaded.extracted_at
    age = loaded.extracted_at - loaded.newest if loaded.newest else None
    return dg.AssetCheckResult(
        passed=not reaches_now or (age is not None and age < timedelta(days=3)),
        asset_key=dg.AssetKey(["raw", loaded.name]),
        check_name=RECENT,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "newest_row": dg.MetadataValue.timestamp(loaded.newest) if loaded.newest else "no rows in this window",
            "hours_old": round(age.total_seconds() / 3600, 2) if age else "unknown",
        },
    )
