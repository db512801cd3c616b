"""Send malformed rows on both ways and print what became of them; ends with 1 if any was lost or a healthy case was."""

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from d365_pm_tests.malformed import direct, log, wire
from d365_pm_tests.malformed.desk import healthy_rows
from d365_pm_tests.malformed.fate import Fate, Fates


def run(*, rows: int, cases: int, seed: int, folder: Path) -> Fates:
    """Send half of the rows through the decoder and half into the raw layer beside a healthy desk."""
    random = Random(seed)
    healthy = healthy_rows(cases, seed)
    fates = Fates()
    wire.send(healthy, rows - rows // 2, random, fates)
    log.send(healthy, direct.make(healthy, rows // 2, random), folder, fates)
    return fates


def main() -> int:
    """Parse the arguments, send, print a table."""
    parser = argparse.ArgumentParser(prog="python -m d365_pm_tests.malformed", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000, help="malformed rows in all (%(default)s)")
    parser.add_argument("--cases", type=int, default=300, help="healthy cases beside them (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of desk and rows (%(default)s)")
    arguments = parser.parse_args()
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as folder:
        fates = run(rows=arguments.rows, cases=arguments.cases, seed=arguments.seed, folder=Path(folder))
    console.print(_table(fates))
    console.print(f"{fates.total:,} malformed rows beside {arguments.cases} healthy cases: {len(fates.faults)} faults")
    for fault in fates.faults[:20]:
        console.print(f"  {fault}", markup=False)
    return int(bool(fates.faults))


def _table(fates: Fates) -> Table:
    table = Table("way", "kind", *Fate)
    for way, kind in sorted({(way, kind) for way, kind, _ in fates.counts}):
        table.add_row(way, kind, *(f"{fates.counts[way, kind, fate]:,}" for fate in Fate))
    return table


if __name__ == "__main__":
    sys.exit(main())
