"""Command line of the benchmarks: options, what to run, where the figures go."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from d365_pm_tests.benchmarks.extraction import (
    CHAIN,
    DLT,
    OURS,
    SDK,
    SDK_ASYNC,
    ExtractionFigures,
    compare_extraction,
    measure_memory,
)
from d365_pm_tests.benchmarks.generator import make_desk
from d365_pm_tests.benchmarks.measured import measure
from d365_pm_tests.benchmarks.report import show_extraction, show_generator, show_sql
from d365_pm_tests.benchmarks.sql_part import measure_sql_part


class Part(StrEnum):
    """What can be measured alone."""

    EXTRACTION = "extraction"
    LATENCY = "latency"
    MEMORY = "memory"
    SQL = "sql"
    GENERATOR = "generator"


LATENCY = 0.5
_SIDES = (OURS, SDK, SDK_ASYNC, DLT)
_LATENCY_SIDES = ((OURS, SDK), (OURS, CHAIN))
_CHAIN_CASES = 300_000
"""Cases of a first load with a delta link; from 500,000 on a table is not read in one chain."""
_LENGTHS = (100_000, 500_000, 2_000_000)
_QUICK_LENGTHS = (20_000, 100_000)


def main(
    *,
    cases: Annotated[int, typer.Option(min=1, help="Cases that are extracted.")] = 100_000,
    late_cases: Annotated[int, typer.Option(min=1, help="Cases that are extracted with latency.")] = 1_000_000,
    lengths: Annotated[list[int] | None, typer.Option(help="Cases of one run of the memory part; repeatable.")] = None,
    sql_cases: Annotated[int, typer.Option(min=1, help="Cases of the SQL part and of the generator.")] = 100_000,
    pairs: Annotated[int, typer.Option(min=1, help="Counted rounds of the extraction.")] = 3,
    only: Annotated[Part | None, typer.Option(help="Measure this part alone.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, in about three minutes.")] = False,
    pm4py: Annotated[Path | None, typer.Option(help="Python in whose environment pm4py is, for the SQL part.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write every figure to this file as well.")] = None,
) -> None:
    """Measure extraction beside Microsoft's SDK and dlt, its memory, the SQL part beside pm4py, and the generator."""
    if quick:
        cases, late_cases, sql_cases, pairs = 20_000, 60_000, 5_000, 1
    lengths = lengths or [*(_QUICK_LENGTHS if quick else _LENGTHS)]
    console = Console(width=None if Console().is_terminal else 150)
    figures: dict[str, Any] = {}
    if only in (None, Part.EXTRACTION):
        extraction = compare_extraction(cases, pairs, names=_SIDES)
        show_extraction(console, extraction)
        figures["extraction"] = _told(extraction)
    if only in (None, Part.LATENCY):
        sizes = (late_cases, min(late_cases, _CHAIN_CASES))
        late = [
            compare_extraction(size, 1, names=names, latency=LATENCY)
            for size, names in zip(sizes, _LATENCY_SIDES, strict=True)
        ]
        for each in late:
            show_extraction(console, each)
        figures["latency"] = [_told(each) for each in late]
    if only in (None, Part.MEMORY):
        memory = measure_memory(lengths)
        for each in memory:
            show_extraction(console, each)
        figures["memory"] = [_told(each) for each in memory]
    if only in (None, Part.SQL):
        sql = measure_sql_part(sql_cases, pm4py=None if pm4py is None else str(pm4py.absolute()))
        show_sql(console, sql)
        figures["sql"] = {
            **asdict(sql),
            "log_seconds": sql.log_seconds,
            "publishing_seconds": sql.publishing_seconds,
            "seconds": sql.seconds,
            "events": sql.events,
        }
    if only in (None, Part.GENERATOR):
        generator = measure(make_desk, cases=sql_cases)
        show_generator(console, sql_cases, generator)
        figures["generator"] = {"cases": sql_cases, **asdict(generator)}
    if as_json is not None:
        as_json.write_text(json.dumps(figures, indent=2))


def _told(figures: ExtractionFigures) -> dict[str, Any]:
    return {**asdict(figures), "ratios": figures.ratios}


if __name__ == "__main__":
    typer.run(main)
