"""`d365-pm dev`: the Dagster UI, with the sandbox beside it unless an environment is configured."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from rich.console import Console

from d365_pm.commands.instance import prepare_dagster_home
from d365_pm.commands.sandbox import sandbox_beside
from d365_pm.settings import Settings, load_settings


def dev(console: Console, *, port: int, cases: int, seed: int) -> int:
    """Serve the UI until it is interrupted.

    Returns:
        The exit status of the UI.
    """
    settings = load_settings()
    home = prepare_dagster_home(settings)
    with _dataverse(settings, cases=cases, seed=seed) as environment:
        where = settings.url or environment["D365_URL"]
        console.print(f"Dagster UI: http://localhost:{port}   Dataverse: {where}   history: {home}", soft_wrap=True)
        command = [sys.executable, "-m", "dagster", "dev", *_code_location(), "-p", str(port)]
        return _served(command, {**os.environ, **environment})


def _served(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the UI in a process of its own and end it with ours, however ours ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    process = subprocess.Popen(command, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _code_location() -> list[str]:
    """The checkout's workspace, or the installed package where there is no checkout."""
    return ["-w", "workspace.yaml"] if Path("workspace.yaml").is_file() else ["-m", "d365_pm.definitions"]


def _dataverse(settings: Settings, *, cases: int, seed: int) -> AbstractContextManager[dict[str, str]]:
    """The variables of the sandbox beside us, or none when an environment is configured."""
    if settings.url:
        return nullcontext({})
    return sandbox_beside(settings.data_dir, cases=cases, seed=seed)
