"""What end-to-end tests share: an environment of their own, and the pipeline run through Dagster."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from d365_pm.automation import partitions
from d365_pm.commands.refresh import Refresh, refresh
from d365_pm.settings import Settings, load_settings

RunPipeline = Callable[..., tuple[Refresh, Settings]]


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the developer's variables nor a `.env` of the checkout may decide a test."""
    for name in list(os.environ):
        if name.startswith(("D365_", "DAGSTER_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run_pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RunPipeline:
    """Run the whole graph as the command line does, configured by environment variables alone."""

    # One partition that takes all of history: Dagster's own work grows with partitions and is not what is tested here.
    monkeypatch.setattr(partitions, "_first_day", lambda _: datetime.now(UTC).date())

    def run(env: Mapping[str, str], data_dir: Path | None = None) -> tuple[Refresh, Settings]:
        data_dir = data_dir or tmp_path / "data"
        # Set before the run, which sets it itself, so that the test's end takes it away again.
        monkeypatch.setenv("DAGSTER_HOME", str(data_dir / "dagster"))
        monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
        for name, value in {**env, "D365_PM_DATA_DIR": str(data_dir)}.items():
            monkeypatch.setenv(name, value)
        settings = load_settings()
        return refresh(settings, Console(quiet=True)), settings

    return run
