"""The persistent Dagster instance that the command line and the UI share.

It lives in the data directory, so that `make dev` shows the runs of `make demo`; an own DAGSTER_HOME wins.
"""

import os
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from d365_pm.automation.event_log import BATCH_SIZE
from d365_pm.errors import SettingsError
from d365_pm.settings import Settings


def prepare_dagster_home(settings: Settings) -> Path:
    """Make sure that DAGSTER_HOME is set, exists and has a `dagster.yaml`.

    Returns:
        The folder.

    Raises:
        SettingsError: The data directory cannot be written.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or settings.data_dir / "dagster").absolute()
    try:
        home.mkdir(parents=True, exist_ok=True)
        _copy_configuration(home / "dagster.yaml")
    except OSError as error:
        raise SettingsError(
            f"The data directory {settings.data_dir} cannot be written ({error.strerror}); "
            "make it writable or set D365_PM_DATA_DIR to another folder."
        ) from None
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(BATCH_SIZE))
    return home


def _copy_configuration(target: Path) -> None:
    if not target.exists():
        with as_file(files("d365_pm.automation") / "dagster.yaml") as source:
            shutil.copyfile(source, target)
