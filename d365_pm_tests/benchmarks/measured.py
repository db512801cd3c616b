"""One measured piece of work in a process of its own.

Belongs here: starting the process, its clock and its memory. Does not belong here: the work. What is measured is a
function of a module of this package; the module is imported before the clock starts, so that importing libraries is in
nobody's seconds, and everybody's memory.
"""

import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one process did.

    Attributes:
        result: What the function returned.
        seconds: Wall time of the function.
        cpu_seconds: Processor time of the function, all threads.
        start_bytes: Resident memory when the function began: Python and the imported libraries.
        peak_bytes: Most resident memory that the process ever had.
    """

    result: dict[str, Any]
    seconds: float
    cpu_seconds: float
    start_bytes: int
    peak_bytes: int


class WorkFailedError(RuntimeError):
    """A measured process ended without a result; the message ends with what it wrote."""


def measure(work: Callable[..., dict[str, Any]], *, python: str = sys.executable, **arguments: Any) -> Measured:
    """Run a function of a module in a new process and measure it there.

    Args:
        work: A function at the top of a module; it returns what JSON can hold.
        python: Interpreter of the process, of another environment for instance.
        arguments: Its keyword arguments, which JSON can hold as well.

    Raises:
        WorkFailedError: The process failed.
    """
    with tempfile.TemporaryDirectory(prefix="d365-pm-bench-") as folder:
        answer = Path(folder) / "measured.json"
        command = [python, "-m", __name__, work.__module__, work.__name__, str(answer)]
        done = subprocess.run(command, input=json.dumps(arguments), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise WorkFailedError(f"{work.__module__}.{work.__name__} failed: {done.stderr[-2000:]}")
        return Measured(**json.loads(answer.read_text()))


def _main(module: str, function: str, answer: str) -> None:
    work = getattr(importlib.import_module(module), function)
    keywords, start_bytes = json.load(sys.stdin), _resident("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    result = work(**keywords)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    measured = Measured(result, seconds, cpu_seconds, start_bytes, _resident("VmHWM"))
    Path(answer).write_text(json.dumps(asdict(measured)))


def _resident(line: str) -> int:
    """Resident memory of this process, in bytes: `VmRSS` now, `VmHWM` at most."""
    if not _STATUS.exists():
        # Kibibytes on Linux, bytes on macOS, which has no such file.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Not ru_maxrss: on Linux it starts with the memory of the process that started this one.
    found = dict(row.split(":", 1) for row in _STATUS.read_text().splitlines())
    return int(found[line].split()[0]) * 1024


if __name__ == "__main__":
    _main(*sys.argv[1:])
