"""Many builds of the same rows, in processes of their own, and the bytes that they came to."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from d365_pm_tests.determinism.variant import Machine, Variant

_TIMEOUT_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Built:
    """What one build gave.

    Attributes:
        machine: Where it was built.
        variant: How it was built.
        digests: SHA-256 of the Parquet file of each published table.
        seconds: Time of loading, building and writing.
    """

    machine: Machine
    variant: Variant
    digests: dict[str, str]
    seconds: float


def build_each(rows: Path, folder: Path, builds: Mapping[Machine, Sequence[Variant]]) -> Iterator[Built]:
    """Build the rows in every way, one after the other, with one process per machine: starting one takes the longest.

    Raises:
        subprocess.CalledProcessError: A build failed; what it said is in its `stderr`.
    """
    for machine, variants in builds.items():
        environment = {**os.environ, "TZ": machine.zone, "PYTHONHASHSEED": str(machine.hash_seed)}
        ways = json.dumps([asdict(variant) for variant in variants])
        command = [sys.executable, "-m", f"{__package__}.build", str(rows), str(folder / "build"), ways]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=_TIMEOUT_SECONDS
        )
        for variant, line in zip(variants, done.stdout.splitlines(), strict=True):
            yield Built(machine, variant, **json.loads(line))
