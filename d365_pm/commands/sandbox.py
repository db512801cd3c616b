"""The sandbox as demo and dev use it: one desk in the data directory, made once and kept from start to start.

A desk that was made anew at each start would have new rows under old ids, which no real environment does.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from d365_pm.errors import D365PMError, SettingsError
from d365_pm.sandbox.process import SandboxProcess, SandboxStartError, start_sandbox

_DAYS = 30
"""Days of history: enough for every rule, and for a backfill worth looking at."""


class DeskError(D365PMError):
    """The data directory holds another desk than the one asked for."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What the kept desk was made from."""

    cases: int
    seed: int


@contextmanager
def sandbox_beside(data_dir: Path, *, cases: int, seed: int) -> Iterator[dict[str, str]]:
    """Serve the desk of this data directory while the block runs.

    Yields:
        The environment variables that point the pipeline at it, with the first day of its history.

    Raises:
        DeskError: The directory holds a desk of other cases or another seed.
        SettingsError: The directory cannot be written.
    """
    folder = data_dir / "sandbox"
    try:
        first_day = _kept_desk(folder, _Order(cases, seed))
    except OSError as error:
        raise SettingsError(
            f"The data directory {data_dir} cannot be written ({error.strerror}); "
            "make it writable or set D365_PM_DATA_DIR to another folder."
        ) from None
    with _started(folder) as process:
        yield {**process.env, "D365_PM_START_DATE": first_day}


@contextmanager
def _started(folder: Path) -> Iterator[SandboxProcess]:
    """Serve the desk where it was served the last time, as a real environment keeps its address, if that is free."""
    note = folder / "port"
    with ExitStack() as stack:
        try:
            port = int(note.read_text()) if note.exists() else 0
            process = stack.enter_context(start_sandbox(state=folder / "state", data=folder / "rows", port=port))
        except (SandboxStartError, ValueError):
            process = stack.enter_context(start_sandbox(state=folder / "state", data=folder / "rows"))
        note.write_text(str(urlsplit(process.url).port))
        yield process


def _kept_desk(folder: Path, order: _Order) -> str:
    """Make the desk unless it is there; returns the first day of its history."""
    note = folder / "desk.json"
    if note.exists():
        kept = json.loads(note.read_text())
        if kept["order"] != asdict(order):
            raise DeskError(
                f"{folder} holds a desk of {kept['order']['cases']:,} cases with seed {kept['order']['seed']}; "
                "set D365_PM_DATA_DIR to another folder for a different one."
            )
        return str(kept["first_day"])
    from d365_pm.sandbox.desk import generate

    desk = generate(cases=order.cases, seed=order.seed, days=_DAYS)
    desk.write(folder / "rows")
    first_day = desk.start.date().isoformat()
    # Written last: without it an interrupted start makes the desk again.
    note.write_text(json.dumps({"order": asdict(order), "first_day": first_day}))
    return first_day
