"""A window with more rows than the server counts by itself: its first page is kept, the rest is read in parts."""

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from d365_pm.dataverse import DataverseClient
from d365_pm.lake import Window
from d365_pm.sandbox.faults import Fault, FaultKind
from d365_pm.sandbox.serving import running_server
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.assets.loading.bench import Bench

ROWS = 12_000
START = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL_NOW = Window(None, datetime(2027, 1, 1, tzinfo=UTC))


def tasks(moments):
    return pa.table(
        {
            "activityid": [f"00000000-0000-4000-8000-{number:012d}" for number in range(len(moments))],
            "createdon": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "modifiedon": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "versionnumber": pa.array(range(1, len(moments) + 1), pa.int64()),
        }
    )


@contextmanager
def serving(moments, folder):
    with running_server({"task": tasks(moments)}, Switches(tracked_tables=frozenset())) as sandbox:
        yield Bench(sandbox, folder / "data")


@pytest.fixture
def desk(tmp_path):
    # Forty rows a second at the end of the first page, so that the cut lies in a crowd.
    with serving([START + timedelta(seconds=number // 40 * 600) for number in range(ROWS)], tmp_path) as desk:
        yield desk


def test_every_row_comes_once_and_is_counted(desk):
    loaded = desk.load("task", window=UNTIL_NOW)["task"]

    assert desk.kept("task") == desk.source("task")
    assert (loaded.proof.read, loaded.proof.counted) == (ROWS, ROWS)
    pages = [
        entry for entry in desk.sandbox.environment.log.entries if entry.table == "tasks" and "top" not in entry.query
    ]
    first = [entry for entry in pages if "filter=modifiedon%20lt" in entry.query and "orderby" in entry.query]
    assert len(first) == 1


def test_an_interrupted_plan_goes_on(desk):
    log = desk.sandbox.environment.log
    desk.sandbox.environment.faults.add(Fault(FaultKind.FORBIDDEN, entity_set="tasks", page=2, times=1))
    with pytest.raises(Exception, match="task"):
        desk.load("task", window=UNTIL_NOW)
    before = len(log.entries)

    loaded = desk.load("task", window=UNTIL_NOW)["task"]

    assert desk.kept("task") == desk.source("task")
    assert (loaded.proof.read, loaded.proof.counted) == (ROWS, ROWS)
    # The first page and the first of the rest are durable; the second of the rest is the last.
    again = [entry for entry in log.entries[before:] if entry.table == "tasks"]
    assert ["skiptoken" in entry.query for entry in again] == [True]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A year in which one day has more rows than one chain should read."""
    quiet = [START + timedelta(minutes=30 * number) for number in range(ROWS)]
    crowd = [START + timedelta(days=100, seconds=number) for number in range(2 * ROWS)]
    with serving([*quiet, *crowd], tmp_path_factory.mktemp("crowded")) as desk:
        yield desk


def test_a_part_that_turns_out_to_be_long_is_cut_again(crowded, monkeypatch):
    cuts = []
    cut_one = DataverseClient.cut

    async def noted(*given, **named):
        cuts.append(await cut_one(*given, **named))
        return cuts[-1]

    monkeypatch.setattr(DataverseClient, "cut", noted)

    loaded = crowded.load("task", window=UNTIL_NOW)["task"]

    assert crowded.kept("task") == crowded.source("task")
    assert (loaded.proof.read, loaded.proof.counted) == (3 * ROWS, 3 * ROWS)
    inside = [part for cut in cuts[1:] for part in cut.parts]
    assert len(cuts) > 1
    assert all(part.start >= START + timedelta(days=99) for part in inside)


def test_parts_of_parts_go_on_where_they_were_interrupted(crowded):
    log = crowded.sandbox.environment.log
    pages = [entry.query for entry in log.entries if entry.table == "tasks" and "orderby" in entry.query]
    crowded.sandbox.environment.faults.add(Fault(FaultKind.FORBIDDEN, entity_set="tasks", page=2, times=1))
    with pytest.raises(Exception, match="task"):
        crowded.load("task", window=UNTIL_NOW, is_full=True)
    before = len(log.entries)

    crowded.load("task", window=UNTIL_NOW, is_full=True)

    assert crowded.kept("task") == crowded.source("task")
    again = [entry for entry in log.entries[before:] if entry.table == "tasks" and "orderby" in entry.query]
    assert 0 < len(again) < len(pages)


def counted_after(pages, sandbox, monkeypatch):
    """Have the count of a part wait for that many pages that follow first ones, or for a second."""
    count, before = DataverseClient.count_many, len(sandbox.environment.log.entries)

    async def late(self, *given):
        for _ in range(100):
            if sum("skiptoken" in entry.query for entry in sandbox.environment.log.entries[before:]) >= pages:
                break
            await asyncio.sleep(0.01)
        return await count(self, *given)

    monkeypatch.setattr(DataverseClient, "count_many", late)


@pytest.mark.parametrize("pages", [0, 1, 2, 100])
def test_a_part_is_read_while_its_rows_are_counted(crowded, monkeypatch, pages):
    counted_after(pages, crowded.sandbox, monkeypatch)

    loaded = crowded.load("task", window=UNTIL_NOW, is_full=True)["task"]

    assert crowded.kept("task") == crowded.source("task")
    assert (loaded.proof.read, loaded.proof.counted) == (3 * ROWS, 3 * ROWS)


def test_a_part_that_was_interrupted_before_its_rows_were_counted_is_counted_then(crowded, monkeypatch):
    crowded.sandbox.environment.faults.add(Fault(FaultKind.FORBIDDEN, entity_set="tasks", page=2, times=1))
    with monkeypatch.context() as patched, pytest.raises(Exception, match="task"):
        counted_after(100, crowded.sandbox, patched)
        crowded.load("task", window=UNTIL_NOW, is_full=True)

    loaded = crowded.load("task", window=UNTIL_NOW, is_full=True)["task"]

    assert crowded.kept("task") == crowded.source("task")
    assert (loaded.proof.read, loaded.proof.counted) == (3 * ROWS, 3 * ROWS)


def test_a_crowd_of_one_second_is_not_parted(tmp_path, monkeypatch):
    """Several pages of one second: no cut inside, so that none of its rows is counted twice."""
    quiet = [START + timedelta(minutes=30 * number) for number in range(ROWS)]
    crowd = [START + timedelta(days=108, hours=2, minutes=53, microseconds=number) for number in range(2 * ROWS)]
    with serving([*quiet, *crowd], tmp_path) as desk:
        counted_after(1, desk.sandbox, monkeypatch)

        loaded = desk.load("task", window=UNTIL_NOW)["task"]

        assert desk.kept("task") == desk.source("task")
        assert (loaded.proof.read, loaded.proof.counted) == (3 * ROWS, 3 * ROWS)
