"""Airbyte's `source-microsoft-dataverse` as a peer: `check`, `discover`, then `read` with a configured catalog.

Belongs here: the three commands and their messages. Runs in our environment; the source runs in its own
(`airbyte_launcher.py`).
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from d365_pm_tests.peers.telling import Row, Task

_LAUNCHER = Path(__file__).with_name("airbyte_launcher.py")
_SECONDS = 120.0


class AirbyteError(RuntimeError):
    """A command of the source failed; the message says which."""


def rows(task: Task, python: Path, *, mode: str) -> Iterator[tuple[str, Row]]:
    """Every row of every table that the source offers in a mode.

    Args:
        task: What to read.
        python: Interpreter of the environment in which the source is installed.
        mode: `full_refresh`, or `incremental` for tables that track their changes.

    Raises:
        AirbyteError: One of its commands failed.
    """
    with tempfile.TemporaryDirectory(prefix="d365-pm-airbyte-") as name:
        folder = Path(name)
        config = _written(folder / "config.json", _config(task))
        status = _only(_run(task, python, "check", "--config", config), "CONNECTION_STATUS")["connectionStatus"]
        if status["status"] != "SUCCEEDED":
            raise AirbyteError(f"check says {status}")
        catalog = _only(_run(task, python, "discover", "--config", config), "CATALOG")["catalog"]
        configured = _written(folder / "catalog.json", _configured(catalog, task, mode))
        for message in _run(task, python, "read", "--config", config, "--catalog", configured):
            if message["type"] == "RECORD":
                yield message["record"]["stream"], message["record"]["data"]


def offers(catalog: dict[str, Any], mode: str) -> set[str]:
    """Tables that a discovered catalog offers in a mode."""
    return {stream["name"] for stream in catalog["streams"] if mode in stream["supported_sync_modes"]}


def _config(task: Task) -> dict[str, Any]:
    return {
        "url": task.environment["D365_URL"],
        "tenant_id": task.environment["D365_TENANT_ID"],
        "client_id": task.environment["D365_CLIENT_ID"],
        "client_secret_value": task.environment["D365_CLIENT_SECRET"],
        "odata_maxpagesize": task.page_size,
    }


def _configured(catalog: dict[str, Any], task: Task, mode: str) -> dict[str, Any]:
    missing = set(task.keys) - offers(catalog, mode)
    if missing:
        raise AirbyteError(f"discover does not offer {', '.join(sorted(missing))} for {mode}")
    streams = {stream["name"]: stream for stream in catalog["streams"]}
    return {
        "streams": [
            {
                "stream": streams[name],
                "sync_mode": mode,
                "destination_sync_mode": "append",
                "primary_key": [[key]],
                "cursor_field": streams[name].get("default_cursor_field", []),
            }
            for name, key in task.keys.items()
        ]
    }


def _run(task: Task, python: Path, *arguments: str) -> list[dict[str, Any]]:
    bundle, authority = (task.environment[name] for name in ("D365_CA_BUNDLE", "D365_AUTHORITY"))
    trust = {"REQUESTS_CA_BUNDLE": bundle, "D365_CA_BUNDLE": bundle}
    variables = {**os.environ, **trust, "D365_AUTHORITY": authority}
    command = [str(python), str(_LAUNCHER), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables, timeout=_SECONDS)
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0:
        raise AirbyteError(f"{arguments[0]} ended with {done.returncode}: {_reason(messages) or done.stderr[-500:]}")
    return messages


def _reason(messages: list[dict[str, Any]]) -> str:
    traces = (message["trace"] for message in messages if message["type"] == "TRACE")
    return "; ".join(str(trace["error"]["message"]) for trace in traces if "error" in trace)


def _only(messages: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    for message in messages:
        if message["type"] == kind:
            return message
    raise AirbyteError(f"it sent no {kind}")


def _written(path: Path, content: dict[str, Any]) -> str:
    path.write_text(json.dumps(content))
    return str(path)
