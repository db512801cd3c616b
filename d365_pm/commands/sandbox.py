"""The sandbox as demo and dev use it: one desk in the data directory, kept from start to start."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from d365_pm.sandbox.process import start_sandbox


@contextmanager
def sandbox_beside(data_dir: Path, *, cases: int, seed: int) -> Iterator[dict[str, str]]:
    """Serve the desk of this data directory while the block runs.

    Yields:
        The environment variables that point the pipeline at it, the first day of its history among them.
    """
    with start_sandbox(state=data_dir / "sandbox", cases=cases, seed=seed) as process:
        yield dict(process.env)
