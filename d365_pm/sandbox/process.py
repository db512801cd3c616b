"""A sandbox in a process of its own, so that serving and using it share no interpreter.

Belongs here: starting it, waiting until it answers, ending it by its id. Does not belong here: a server inside this
process (`serving.py`).
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import msgspec

from d365_pm.errors import D365PMError
from d365_pm.sandbox.control import SandboxControl

_POLL_SECONDS = 0.05
_END_SECONDS = 10.0


class SandboxStartError(D365PMError):
    """The sandbox's process did not come up."""


@dataclass(frozen=True)
class SandboxProcess:
    """A sandbox that runs beside this process.

    Attributes:
        url: Address of the environment.
        env: The variables that point the pipeline at it.
        certificate: PEM file with which a client may sign in instead of the secret.
        pid: Process id.
    """

    url: str
    env: dict[str, str]
    certificate: Path
    pid: int

    @cached_property
    def control(self) -> SandboxControl:
        """Reads its request log, plans faults and changes rows."""
        return SandboxControl(self.env)


@contextmanager
def start_sandbox(
    *,
    cases: int = 1000,
    seed: int = 1,
    days: int = 60,
    end: datetime | None = None,
    data: Path | None = None,
    state: Path | None = None,
    port: int = 0,
    without: Sequence[str] = (),
    page_latency: float = 0.0,
    token_lifetime: int = 4500,
    options: Sequence[str] = (),
    wait_seconds: float = 120.0,
) -> Iterator[SandboxProcess]:
    """Run a sandbox while the block runs.

    Args:
        cases: Number of generated cases.
        seed: Seed of the generator.
        days: Days of generated life before the end.
        end: Last instant of the generated data.
        data: Directory of rows to serve instead of generated ones.
        state: Directory that keeps certificates and credentials; a temporary one by default.
        port: Port to listen on; 0 for a free one.
        without: Logical names of tables that the environment lacks.
        page_latency: Seconds to wait before each answer.
        token_lifetime: Seconds until an access token ends.
        options: Further options of `sandbox serve`, as on the command line.
        wait_seconds: How long to wait for the first sign of life.

    Raises:
        SandboxStartError: The process ended early or is not ready in time; the message is its own.
    """
    arguments = ["--port", str(port), "--page-latency", str(page_latency), "--token-lifetime", str(token_lifetime)]
    arguments += ["--cases", str(cases), "--seed", str(seed), "--days", str(days)]
    arguments += ["--end", end.strftime("%Y-%m-%dT%H:%M:%S")] if end else []
    arguments += ["--data", str(data)] if data else []
    arguments += ["--state", str(state)] if state else []
    for table in without:
        arguments += ["--without", table]
    arguments += options
    with tempfile.TemporaryDirectory(prefix="d365-pm-sandbox-") as directory:
        ready, errors = Path(directory) / "ready.json", Path(directory) / "errors.txt"
        command = [sys.executable, "-m", "d365_pm.sandbox", "serve", "--end-with-input", "--ready-file", str(ready)]
        with errors.open("wb") as sink:
            process = subprocess.Popen(
                [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=sink
            )
        try:
            _wait(process, ready, errors, wait_seconds)
            yield _described(process, ready)
        finally:
            _end(process)


def _wait(process: "subprocess.Popen[bytes]", ready: Path, errors: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready.is_file():
        if process.poll() is not None:
            raise SandboxStartError(_reason(errors))
        if time.monotonic() > deadline:
            raise SandboxStartError(f"The sandbox was not ready within {seconds:.0f} seconds; serve fewer cases.")
        time.sleep(_POLL_SECONDS)


def _reason(errors: Path) -> str:
    lines = errors.read_text(errors="replace").strip().splitlines()
    last = lines[-1].removeprefix("Error: ") if lines else "it said nothing."
    return f"The sandbox did not start: {last}"


def _described(process: "subprocess.Popen[bytes]", ready: Path) -> SandboxProcess:
    found = msgspec.json.decode(ready.read_bytes())
    return SandboxProcess(found["env"]["D365_URL"], found["env"], Path(found["certificate"]), process.pid)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
