"""The benchmarks run and their figures agree with each other; nothing here judges a time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CASES = 200


@pytest.mark.slow
def test_a_small_run_prints_consistent_figures(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    sizes = ["--cases", str(CASES), "--sql-cases", str(CASES), "--pairs", "1"]
    command = [sys.executable, "-m", "d365_pm_tests.benchmarks", *sizes, "--json", str(figures)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(figures.read_text())

    extraction = found["extraction"]
    rows = {run["result"]["rows"] for side in ("ours", "peer") for run in extraction[side]["runs"]}
    assert rows == {extraction["cases"]}
    assert extraction["cases"] >= CASES
    assert all(len(extraction[side]["runs"]) == 1 for side in ("ours", "peer"))

    sql = found["sql"]
    models = {model["model"]: model["rows"] for model in sql["build"]["result"]["models"]}
    assert sql["events"] == models["marts.event_log"] > CASES
    assert models["marts.cases"] == extraction["cases"]
    assert sql["raw_rows"] <= found["generator"]["result"]["rows"]

    for run in (*extraction["ours"]["runs"], *extraction["peer"]["runs"], sql["build"], found["generator"]):
        assert 0 < run["start_bytes"] <= run["peak_bytes"]
        assert run["seconds"] > 0
    for word in ("d365-pm, landed", "Microsoft SDK, iterated", "SQL part", "marts", "Generator", f"{sql['events']:,}"):
        assert word in done.stdout
