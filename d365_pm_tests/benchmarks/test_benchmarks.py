"""The benchmarks run and their figures agree with each other; nothing here judges a time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CASES = 200


@pytest.mark.bench
@pytest.mark.slow
def test_a_small_run_prints_consistent_figures(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    sizes = ["--cases", str(CASES), "--late-cases", str(CASES), "--sql-cases", str(CASES), "--pairs", "1"]
    sizes += ["--lengths", str(CASES), "--lengths", str(2 * CASES)]
    command = [sys.executable, "-m", "d365_pm_tests.benchmarks", *sizes, "--json", str(figures)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(figures.read_text())

    extraction = found["extraction"]
    assert extraction["cases"] == CASES
    assert len(extraction["sides"]) == 4 and len(extraction["ratios"]) == 3
    assert [len(each["sides"]) for each in found["latency"]] == [2, 2]
    assert all(each["latency"] > 0 for each in found["latency"])
    assert [each["cases"] for each in found["memory"]] == [CASES, 2 * CASES]
    every = [extraction, *found["latency"], *found["memory"]]
    for figure in every:
        for side in figure["sides"]:
            assert [run["result"]["rows"] for run in side["runs"]] == [figure["cases"]], side["name"]

    sql = found["sql"]
    models = {model["model"]: model["rows"] for model in sql["build"]["result"]["models"]}
    assert sql["events"] == models["marts.event_log"] > CASES
    assert models["marts.cases"] >= CASES
    assert sql["log"]["result"]["events"] == sql["events"]
    made = {model["model"] for model in sql["log"]["result"]["models"]}
    assert "marts.event_log" in made and "marts.events" not in made and made < set(models)
    assert 0 < sql["publishing_seconds"] < sql["log_seconds"]
    assert sql["pm4py"] is None
    assert sql["raw_rows"] <= found["generator"]["result"]["rows"]

    runs = [run for figure in every for side in figure["sides"] for run in side["runs"]]
    for run in (*runs, sql["log"], sql["build"], found["generator"]):
        assert 0 < run["start_bytes"] <= run["peak_bytes"]
        assert run["seconds"] > 0
    sides = ("d365-pm, landed", "Microsoft SDK, iterated", "dlt to DuckDB")
    for word in (*sides, "SQL part", "marts", "Generator", f"{sql['events']:,}"):
        assert word in done.stdout
