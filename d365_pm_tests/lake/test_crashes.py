"""A load killed at any moment leaves the last good data, and loads that meet lose nothing."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from d365_pm.lake import loads_sql
from d365_pm_tests.lake import history
from d365_pm_tests.lake.desk import INCIDENT, QUEUE, incidents, load, rows, visible

# Loads the same keys again and again with a higher version, so a mixture within one day would show.
REWRITE = """
import sys
from pathlib import Path
from d365_pm_tests.lake import history
from d365_pm_tests.lake.desk import INCIDENT, incidents, load, moment
for version in range(int(sys.argv[2]), 10_000):
    pages = [
        incidents(*((f"{d}-{p}-{i}", version, moment(d), str(version)) for i in range(50) for d in (4, 5)))
        for p in range(4)
    ]
    load(Path(sys.argv[1]), INCIDENT, *pages, at=moment(9), buffer_bytes=1)
    print("loaded", flush=True)
"""


def test_a_killed_load_leaves_whole_days(tmp_path: Path) -> None:
    dice = random.Random(11)
    highest = 0
    for number in range(6):
        command = [sys.executable, "-c", REWRITE, str(tmp_path), str(highest + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(dice.random() * 0.3)
            process.send_signal(signal.SIGKILL)
        seen = visible(tmp_path, INCIDENT, "incidentid[1], versionnumber")
        for day in "45":
            versions = [version for seen_day, version in seen if seen_day == day]
            assert len(versions) == 200, f"round {number}: half of a day"
            assert len(set(versions)) == 1, f"round {number}: a mixed day"
        assert seen[0][1] > highest, f"round {number}: a finished load is gone"
        highest = max(version for _, version in seen)
    assert rows(f"select count(*) > 0 from ({loads_sql(tmp_path)})") == [(True,)]


def test_left_overs_are_removed_after_a_day_and_not_before(tmp_path: Path) -> None:
    load(tmp_path, QUEUE)
    old, young = tmp_path / "queue/.load-old", tmp_path / "queue/.load-young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "2024-03-04.0.part").write_bytes(b"half")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    load(tmp_path, QUEUE)
    assert not old.exists()
    assert young.exists()


MEET = """
import sys
from pathlib import Path
from d365_pm_tests.lake import history
from d365_pm_tests.lake.desk import INCIDENT, incidents, load, moment
for i in range(12):
    load(Path(sys.argv[1]), INCIDENT, incidents((f"{sys.argv[2]}-{i}", i, moment(4), "t")), at=moment(9))
"""


@pytest.mark.timeout(60)
def test_loads_of_one_day_that_meet_keep_each_others_rows(tmp_path: Path) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", MEET, str(tmp_path), name]) for name in "xy"]
    while any(process.poll() is None for process in processes):
        visible(tmp_path, INCIDENT, "incidentid, title")
        rows(loads_sql(tmp_path))
    assert [process.returncode for process in processes] == [0, 0]
    assert len(visible(tmp_path, INCIDENT, "incidentid")) == 24
    assert rows(f"select count(*), sum(row_count)::integer from ({loads_sql(tmp_path)})") == [(24, 24)]


def test_a_page_of_nothing_is_no_day(tmp_path: Path) -> None:
    committed = load(tmp_path, INCIDENT, incidents())
    assert committed.files == ()


@pytest.mark.timeout(120)
def test_a_history_killed_again_and_again_ends_like_one_left_alone(tmp_path: Path) -> None:
    dice = random.Random(29)
    calm, hunted = tmp_path / "calm", tmp_path / "hunted"
    history.run(calm)
    kills = 0
    while kills < 6:
        command = [sys.executable, "-m", "d365_pm_tests.lake.history", str(hunted)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            if not process.stdout.readline():
                break
            time.sleep(dice.random() * 0.2)
            process.send_signal(signal.SIGKILL)
        kills += process.returncode == -signal.SIGKILL
        for table in (INCIDENT, QUEUE):
            visible(hunted, table, "*")
        rows(loads_sql(hunted))
    assert kills >= 3, "the processes ended before they could be killed"
    history.run(hunted)
    for table in (INCIDENT, QUEUE):
        assert visible(hunted, table, "*") == visible(calm, table, "*")
        assert {gone is None for *_, gone in visible(calm, table, "*")} == {True, False}
    # What marks absent rows as deleted, and was killed after its marks and before its entry, has left the next attempt
    # fewer to mark.
    told = "case when kind = 'delta' then deleted_count end"
    entries = f"select * replace ({told} as deleted_count) from"
    assert rows(f"{entries} ({loads_sql(hunted)}) order by all") == rows(f"{entries} ({loads_sql(calm)}) order by all")
