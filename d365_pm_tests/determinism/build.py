"""Builds in a process of their own: `python -m d365_pm_tests.determinism.build ROWS FOLDER VARIANTS`.

Variants are JSON; what is printed is a line of JSON for each: the SHA-256 of every published table as a Parquet file,
and the seconds that it took.
"""

import json
import shutil
import sys
import time
from hashlib import sha256
from pathlib import Path

from d365_pm.exports import MARTS, write_parquet
from d365_pm.settings import load_settings
from d365_pm_tests.determinism.loading import fill
from d365_pm_tests.determinism.rows import END, read_rows
from d365_pm_tests.determinism.variant import Variant
from d365_pm_tests.recount.pipeline import build_layers


def build(rows: Path, folder: Path, variant: Variant) -> dict[str, str]:
    """Build the log of the rows; returns the digest of each published table."""
    settings = load_settings(
        _env_file=None, D365_PM_DATA_DIR=folder, D365_PM_THREADS=variant.threads, D365_PM_SEEDS_DIR=None
    )
    fill(settings.raw, read_rows(rows), variant, extracted_at=END)
    build_layers(settings, checks=())
    digests = {}
    for mart in MARTS:
        target = folder / f"{mart}.parquet"
        write_parquet(settings.warehouse, mart, target)
        digests[mart] = sha256(target.read_bytes()).hexdigest()
    return digests


def main(rows: str, folder: str, variants: str) -> None:
    """Build, and print the digests; the files of a build go before the next begins."""
    for variant in json.loads(variants):
        clock = time.perf_counter()
        digests = build(Path(rows), Path(folder), Variant(**variant))
        print(json.dumps({"digests": digests, "seconds": time.perf_counter() - clock}), flush=True)  # noqa: T201
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
