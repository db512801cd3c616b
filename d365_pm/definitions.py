"""What Dagster loads. Assembles, decides nothing."""

import dagster as dg

from d365_pm.assets.models import build_model_assets
from d365_pm.assets.preflight import build_doctor_asset
from d365_pm.assets.raw import build_raw_assets
from d365_pm.automation.freshness import build_last_data_update_sensor
from d365_pm.automation.jobs import refresh
from d365_pm.automation.partitions import daily_partitions
from d365_pm.automation.schedules import build_daily_schedule
from d365_pm.settings import Settings, load_settings


def build_defs(settings: Settings | None = None) -> dg.Definitions:
    """Fresh definitions for the given settings, or for those of the environment."""
    settings = settings or load_settings()
    partitions = daily_partitions(settings)
    return dg.Definitions(
        assets=[*build_raw_assets(settings, partitions), *build_model_assets(settings), build_doctor_asset(settings)],
        jobs=[refresh],
        schedules=[build_daily_schedule(partitions)],
        sensors=[build_last_data_update_sensor(settings, partitions)],
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The code location `d365_pm`."""
    return build_defs()
