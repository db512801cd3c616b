"""Files replaced under a reader: what was opened stays what it was."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from d365_pm.lake import loads_sql, view_sql
from d365_pm_tests.lake.desk import FORGETFUL, INCIDENT, incidents, load, moment, rows, visible


def test_a_view_keeps_showing_the_files_of_its_moment(tmp_path: Path) -> None:
    load(tmp_path, INCIDENT, incidents(("a", 1, moment(4), "before")))
    before, ledger = view_sql(tmp_path, INCIDENT), loads_sql(tmp_path)
    load(tmp_path, INCIDENT, incidents(("a", 2, moment(4), "after"), ("b", 3, moment(4), "new")))
    assert rows(f"select title from ({before})") == [("before",)]
    assert rows(f"select count(*) from ({ledger})") == [(1,)]
    assert visible(tmp_path, INCIDENT, "title") == [("after",), ("new",)]


def test_replaced_versions_go_when_nobody_can_still_read_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in range(3):
        load(tmp_path, INCIDENT, incidents(("a", version, moment(4), "t")))
    day = tmp_path / "incident/day=2024-03-04"
    assert len(list(day.iterdir())) == 4
    later = time.time() + 7 * 3600
    monkeypatch.setattr("d365_pm.lake.versions.time.time", lambda: later)
    load(tmp_path, INCIDENT, incidents(("a", 9, moment(4), "last")))
    assert len(list(day.iterdir())) == 2
    assert visible(tmp_path, INCIDENT, "title") == [("last",)]


def test_a_copied_folder_reads_by_the_plain_names(tmp_path: Path) -> None:
    load(tmp_path / "here", INCIDENT, incidents(("a", 1, moment(4), "t")))
    shutil.copytree(tmp_path / "here", tmp_path / "there", ignore=lambda _, names: [n for n in names if n[0] == "."])
    assert visible(tmp_path / "there", INCIDENT, "title") == [("t",)]


def test_a_file_system_without_hard_links_still_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("not supported")

    monkeypatch.setattr(os, "link", refuse)
    load(tmp_path, INCIDENT, incidents(("a", 1, moment(4), "one")))
    load(tmp_path, INCIDENT, incidents(("a", 2, moment(4), "two")))
    assert visible(tmp_path, INCIDENT, "title") == [("two",)]


# Files of changing size, so that bytes of one version at the offsets of another would show.
REPLACE = """
import sys
from pathlib import Path
import pyarrow as pa
from d365_pm_tests.lake.desk import FORGETFUL, load
for i in range(30):
    size = 10 + i * 37 % 400
    names = {"queueid": [f"{i}-{n}" for n in range(size)], "name": ["x" * size] * size}
    load(Path(sys.argv[1]), FORGETFUL, pa.table(names))
"""


def test_readers_in_a_loop_never_see_an_error_or_a_mixture(tmp_path: Path) -> None:
    load(tmp_path, FORGETFUL)
    reads = 0
    with subprocess.Popen([sys.executable, "-c", REPLACE, str(tmp_path)]) as process:
        while process.poll() is None:
            for count, shortest, longest in rows(
                f"select count(*), min(length(name)), max(length(name)) from ({view_sql(tmp_path, FORGETFUL)})"
            ):
                assert count == (shortest or 0) == (longest or 0)
            reads += 1
    assert process.returncode == 0
    assert reads > 10
    assert rows(f"select count(*) from ({loads_sql(tmp_path)})") == [(31,)]
