"""A long case table repeats no row."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from d365_pm_tests.benchmarks import long_table


def test_copies_have_ids_versions_and_instants_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(long_table, "_CASES", 20)

    made = long_table.write_cases(tmp_path / "rows", 50)

    rows = pq.read_table(tmp_path / "rows" / "incident.parquet").to_pylist()
    assert made.rows == len(rows) == 50
    assert len({row["incidentid"] for row in rows}) == 50
    assert {len(row["incidentid"]) for row in rows} == {36}
    assert len({row["versionnumber"] for row in rows}) == 50
    assert all(made.start <= row["modifiedon"].isoformat() < made.end for row in rows)
    span = max(row["modifiedon"] for row in rows) - min(row["modifiedon"] for row in rows)
    assert span.days > 300
