"""Build one desk in every way and compare the bytes; ends with 1 if any differ."""

import argparse
import subprocess
import sys
import tempfile
from dataclasses import astuple
from pathlib import Path

from rich.console import Console
from rich.table import Table

from d365_pm_tests.determinism.comparison import Built, build_each
from d365_pm_tests.determinism.rows import write_rows
from d365_pm_tests.determinism.variant import VARIANTS


def main() -> int:
    """Parse the arguments, build, print a table."""
    parser = argparse.ArgumentParser(prog="python -m d365_pm_tests.determinism", description=__doc__)
    parser.add_argument("--cases", type=int, default=3000, help="cases of the desk (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the desk (%(default)s)")
    arguments = parser.parse_args()
    console = Console(width=140)
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows"
        count = write_rows(rows, cases=arguments.cases, seed=arguments.seed)
        number = sum(map(len, VARIANTS.values()))
        console.print(f"{arguments.cases:,} cases, {count:,} raw rows, {number} builds in {len(VARIANTS)} processes")
        try:
            builds = list(build_each(rows, Path(folder), VARIANTS))
        except subprocess.CalledProcessError as failed:
            console.print(failed.stderr)
            return 1
    console.print(_table(builds))
    return _tell(builds, console)


def _tell(builds: list[Built], console: Console) -> int:
    first = builds[0].digests
    differing = {mart for mart in first for built in builds if built.digests[mart] != first[mart]}
    for mart, digest in first.items():
        console.print(f"marts.{mart:<10} sha256 {digest}  {'DIFFERS' if mart in differing else 'the same in all'}")
    return int(bool(differing))


def _table(builds: list[Built]) -> Table:
    table = Table("order", "rows a page", "loads", "scattered", "threads", "time zone", "hash seed", "seconds", "log")
    for built in builds:
        way = built.variant
        cells = (way.order, way.page_rows, way.loads, way.is_scattered, way.threads, *astuple(built.machine))
        table.add_row(*map(str, cells), f"{built.seconds:.1f}", built.digests["event_log"][:12])
    return table


if __name__ == "__main__":
    sys.exit(main())
