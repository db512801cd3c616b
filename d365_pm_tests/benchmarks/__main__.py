"""Command line of the benchmarks: options, what to run, where the figures go."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from d365_pm_tests.benchmarks.extraction import compare_extraction
from d365_pm_tests.benchmarks.generator import make_desk
from d365_pm_tests.benchmarks.measured import measure
from d365_pm_tests.benchmarks.report import show_extraction, show_generator, show_sql
from d365_pm_tests.benchmarks.sql_part import measure_sql_part


class Part(StrEnum):
    """What can be measured alone."""

    EXTRACTION = "extraction"
    SQL = "sql"
    GENERATOR = "generator"


def main(
    *,
    cases: Annotated[int, typer.Option(min=1, help="Cases that are extracted.")] = 50_000,
    sql_cases: Annotated[int, typer.Option(min=1, help="Cases of the SQL part and of the generator.")] = 100_000,
    pairs: Annotated[int, typer.Option(min=1, help="Counted runs of each side of the extraction.")] = 3,
    only: Annotated[Part | None, typer.Option(help="Measure this part alone.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write every figure to this file as well.")] = None,
) -> None:
    """Measure extraction beside Microsoft's SDK, the SQL part, and the generator."""
    console = Console(width=None if Console().is_terminal else 120)
    figures: dict[str, Any] = {}
    if only in (None, Part.EXTRACTION):
        extraction = compare_extraction(cases, pairs)
        show_extraction(console, extraction)
        figures["extraction"] = {**asdict(extraction), "ratio": extraction.ratio}
    if only in (None, Part.SQL):
        sql = measure_sql_part(sql_cases)
        show_sql(console, sql)
        figures["sql"] = {**asdict(sql), "seconds": sql.seconds, "events": sql.events}
    if only in (None, Part.GENERATOR):
        generator = measure(make_desk, cases=sql_cases)
        show_generator(console, sql_cases, generator)
        figures["generator"] = {"cases": sql_cases, **asdict(generator)}
    if as_json is not None:
        as_json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    typer.run(main)
