"""Run the whole graph once, in this process, on the persistent instance.

`run` and `demo` share it. The run is an ordinary Dagster run: the UI shows it afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg
from rich.console import Console

from d365_pm.automation.jobs import QUIET, range_tags
from d365_pm.commands.instance import prepare_dagster_home
from d365_pm.commands.progress import shown_progress
from d365_pm.errors import D365PMError, SettingsError
from d365_pm.settings import Settings, require_connection


class RunFailedError(D365PMError):
    """The run ended without publishing a log; what was published before is untouched."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """A finished run: its id, the days it loaded and the rows that each raw table delivered."""

    run_id: str
    first_day: str
    last_day: str
    rows: Mapping[str, int]


def refresh(
    settings: Settings,
    console: Console,
    *,
    first: date | None = None,
    last: date | None = None,
    full: bool = False,
) -> Refresh:
    """Load the days from `first` to `last` (default: all), build the models and publish.

    Args:
        settings: Where everything is.
        console: Where progress is shown.
        first: First day.
        last: Last day.
        full: Read every table whole again, although what has changed would do.

    Raises:
        SettingsError: The connection is not configured, or the days lie outside the partitions.
        RunFailedError: A step or a blocking check failed; the message is the reason.
    """
    require_connection(settings)
    prepare_dagster_home(settings)
    from d365_pm.definitions import build_defs

    definitions = build_defs(settings)
    days = _days(settings, first, last)
    with dg.DagsterInstance.get() as instance, shown_progress(console):
        result = definitions.resolve_job_def("refresh").execute_in_process(
            instance=instance, tags=range_tags(*days, full=full), run_config=QUIET, raise_on_error=False
        )
    if not result.success:
        raise RunFailedError(_reason(result))
    return Refresh(result.run_id, *days, _rows(result))


def _days(settings: Settings, first: date | None, last: date | None) -> tuple[str, str]:
    from d365_pm.automation.partitions import daily_partitions

    keys = daily_partitions(settings).get_partition_keys()
    chosen = (first.isoformat() if first else keys[0], last.isoformat() if last else keys[-1])
    if not keys[0] <= chosen[0] <= chosen[1] <= keys[-1]:
        raise SettingsError(
            f"{chosen[0]} to {chosen[1]} is not a range of days between {keys[0]} and {keys[-1]}; "
            "choose other days, or set D365_PM_START_DATE to an earlier one."
        )
    return chosen


def _rows(result: dg.ExecuteInProcessResult) -> dict[str, int]:
    """Rows by raw table; every partition of a range repeats the figure of the whole load."""
    from d365_pm.assets.raw import ROWS

    rows: dict[str, int] = {}
    for event in result.get_asset_materialization_events():
        layer, name = event.asset_key.path if event.asset_key else ("", "")
        count = event.materialization.metadata.get(ROWS)
        if layer == "raw" and isinstance(count, dg.IntMetadataValue):
            rows[name] = count.value or 0
    return rows


def _reason(result: dg.ExecuteInProcessResult) -> str:
    """The sentence of the first failure, a failed check before the step that it stopped."""
    checks = [event for event in result.get_asset_check_evaluations() if not event.passed and event.blocking]
    if checks:
        return " ".join(_check_sentence(check) for check in checks)
    for event in result.all_events:
        if event.is_step_failure:
            return _step_sentence(event.step_failure_data)
    return f"Run {result.run_id} failed before its first step; `make dev` shows its log."


def _check_sentence(check: dg.AssetCheckEvaluation) -> str:
    name = f"{check.asset_key.to_user_string()}: {check.check_name}"
    return f"The log was not published: check {name} failed. {check.description or ''}".strip()


def _step_sentence(failure: Any) -> str:
    if failure.user_failure_data and failure.user_failure_data.description:
        return str(failure.user_failure_data.description)
    cause = failure.error.cause if failure.error and failure.error.cause else failure.error
    return f"A step failed unexpectedly ({cause.cls_name}); `make dev` shows the whole trace of the run."
