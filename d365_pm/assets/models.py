"""The SQL models as assets: one step per layer, one materialization per model.

A step opens the working database once, runs its layer in one transaction, judges what the layer promises, and commits
only if every blocking promise holds. The last layer publishes: until then readers keep the log they had.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from d365_pm.assets.build import Build, quarantine_file, read_project, run_layer
from d365_pm.assets.checks import check_result, check_spec
from d365_pm.assets.failures import permanent_failures
from d365_pm.assets.model_metadata import asset_key, definition_metadata, run_metadata
from d365_pm.assets.raw import OWNERS
from d365_pm.automation.freshness import EVENT_LOG, LAST_DATA_UPDATE, freshness_policy
from d365_pm.contracts.catalogue import contracts
from d365_pm.settings import Settings
from d365_pm.warehouse import Model, Project, TableName

_Step = Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]

_steps = logging.getLogger("d365_pm.steps")


def build_model_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """One multi-asset for each layer of `dbt_like_sql/`."""
    project = read_project(settings.extended_activities)
    return [_layer_assets(settings, project, layer) for layer in project.layers]


def _layer_assets(settings: Settings, project: Project, layer: str) -> dg.AssetsDefinition:
    models = project.of(layer)
    promises = [each for each in contracts() if each.table in {str(model.table) for model in models}]

    @dg.multi_asset(
        name=layer,
        specs=[_spec(model, settings) for model in models],
        check_specs=[check_spec(contract) for contract in promises],
        can_subset=True,
        pool="duckdb",
    )
    def layer_assets(context: dg.AssetExecutionContext) -> _Step:
        selected = [model for model in models if asset_key(model.table) in context.selected_asset_keys]
        checks = {check.name for check in context.selected_asset_check_keys}
        with permanent_failures():
            build = run_layer(settings, project, selected, checks=checks)
        _steps.info(_line(layer, build))
        yield from _results(project, build, quarantine_file(settings))

    return layer_assets


def _spec(model: Model, settings: Settings) -> dg.AssetSpec:
    key = asset_key(model.table)
    return dg.AssetSpec(
        key,
        deps=[asset_key(table) for table in model.upstream if _is_asset(table, settings)],
        group_name=model.layer,
        kinds={"duckdb", "sql"},
        owners=OWNERS,
        description=model.header.description,
        freshness_policy=freshness_policy(settings) if key == EVENT_LOG else None,
        metadata=definition_metadata(model),
        # A layer that breaks a promise is rolled back, so that its models are not materialized.
        skippable=True,
    )


def _is_asset(table: TableName, settings: Settings) -> bool:
    """Seeds, the ledger of loads and tables that nobody asks for are no assets."""
    is_read = table.schema != "raw" or table.name not in settings.tables_left_out
    return is_read and table.schema != "seeds" and not table.name.startswith("_")


def _results(project: Project, build: Build, quarantine: Path) -> _Step:
    """Materializations of a layer that was kept, and the outcomes of its checks in any case.

    A check can be run alone, from the UI; then it judges the table as it stands.
    """
    kept = build.runs if build.is_kept else ()
    made = {str(run.model.table) for run in kept}
    for outcome in build.outcomes:
        if outcome.contract.table not in made:
            yield check_result(outcome, quarantine)
    for run in kept:
        key = asset_key(run.model.table)
        metadata = run_metadata(project, run)
        if key == EVENT_LOG and build.as_of is not None:
            metadata[LAST_DATA_UPDATE] = dg.MetadataValue.timestamp(build.as_of)
        outcomes = [outcome for outcome in build.outcomes if outcome.contract.table == str(run.model.table)]
        results = [check_result(outcome, quarantine) for outcome in outcomes]
        yield dg.MaterializeResult(asset_key=key, metadata=metadata, check_results=results)


def _line(layer: str, build: Build) -> str:
    rows, seconds = sum(run.rows or 0 for run in build.runs), sum(run.seconds for run in build.runs)
    checks = f", {len(build.outcomes)} checks" if build.outcomes else ""
    kept = "" if build.is_kept else "  rolled back: a blocking check failed"
    published = "" if build.publishing is None else f"  published in {build.publishing:.1f} s"
    return f"{f'{layer}: {len(build.runs)} models{checks}':<32}{rows:>12,} rows{seconds:>8.1f} s{kept}{published}"
