"""Steers a sandbox that runs in a process of its own: what was asked of it, what shall go wrong, which rows change.

Belongs here: the client of `control_api.py`. Inside one process use the environment itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

from d365_pm.errors import D365PMError
from d365_pm.sandbox.control_api import KEY_HEADER, PREFIX
from d365_pm.sandbox.faults import Fault, Fired
from d365_pm.sandbox.request_log import Entry
from d365_pm.sandbox.tls import client_context


class SandboxControlError(D365PMError):
    """The sandbox did not do what it was told."""


class _Plan(msgspec.Struct):
    waiting: list[Fault]
    fired: list[Fired]


class SandboxControl:
    """The control endpoints of one sandbox.

    Args:
        env: The variables that the sandbox has printed.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._http = httpx.Client(
            base_url=f"{env['D365_URL']}{PREFIX}",
            headers={KEY_HEADER: env["D365_CLIENT_SECRET"]},
            verify=client_context(Path(env["D365_CA_BUNDLE"])),
            trust_env=False,
        )

    def log(self) -> list[Entry]:
        """The entries of the request log, oldest first."""
        return msgspec.json.decode(self._ask("GET", "/log"), type=list[Entry])

    def clear_log(self) -> None:
        """Forget the request log."""
        self._ask("DELETE", "/log")

    def add_faults(self, *faults: Fault) -> None:
        """Let these happen."""
        self._ask("POST", "/faults", faults)

    def clear_faults(self) -> None:
        """Forget all faults."""
        self._ask("DELETE", "/faults")

    def waiting_faults(self) -> list[Fault]:
        """The faults still to come."""
        return msgspec.json.decode(self._ask("GET", "/faults"), type=_Plan).waiting

    def fired_faults(self) -> list[Fired]:
        """The faults that were played."""
        return msgspec.json.decode(self._ask("GET", "/faults"), type=_Plan).fired

    def upsert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Let rows come or change."""
        self._ask("POST", f"/rows/{table}", rows)

    def delete(self, table: str, ids: Iterable[str]) -> int:
        """Let rows go; how many there were."""
        return int(msgspec.json.decode(self._ask("DELETE", f"/rows/{table}", list(ids)))["deleted"])

    def advance(self, **amount: float) -> None:
        """Let the desk live on."""
        self._ask("POST", "/advance", amount)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _ask(self, method: str, path: str, body: object = None) -> bytes:
        content = None if body is None else msgspec.json.encode(body)
        answer = self._http.request(method, path, content=content)
        if answer.is_error:
            raise SandboxControlError(f"The sandbox refused {method} {path}: {answer.text[:500]}")
        return answer.content
