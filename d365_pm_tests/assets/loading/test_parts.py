"""A window with more rows than the server counts by itself: its first page is kept, the rest is read in parts."""

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


@pytest.fixture(scope="module")
def tasks():
    # Forty rows a second at the end of the first page, so that the cut lies in a crowd.
    moments = [START + timedelta(seconds=number // 40 * 600) for number in range(ROWS)]
    return pa.table(
        {
            "activityid": [f"00000000-0000-4000-8000-{number:012d}" for number in range(ROWS)],
            "createdon": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "modifiedon": pa.array(moments, pa.timestamp("us", tz="UTC")),
            "versionnumber": pa.array(range(1, ROWS + 1), pa.int64()),
        }
    )


@pytest.fixture
def desk(tasks, tmp_path):
    with running_server({"task": tasks}, Switches(tracked_tables=frozenset())) as sandbox:
        yield Bench(sandbox, tmp_path / "data")


def test_every_row_comes_once_and_is_counted(desk):
    loaded = desk.load("task", window=UNTIL_NOW)["task"]

    assert desk.kept("task") == desk.source("task")
    assert (loaded.proof.read, loaded.proof.counted) == (ROWS, ROWS)
    pages = [
        entry for entry in desk.sandbox.environment.log.entries if entry.table == "tasks" and "top" not in entry.query
    ]
    first = [entry for entry in pages if "filter=modifiedon%20lt" in entry.query and "orderby" in entry.query]
    assert len(first) == 1


def test_an_interrupted_plan_goes_on(desk, monkeypatch):
    desk.sandbox.environment.faults.add(Fault(FaultKind.FORBIDDEN, entity_set="tasks", page=2, times=1))
    with pytest.raises(Exception, match="task"):
        desk.load("task", window=UNTIL_NOW)
    cut = []
    slices = DataverseClient.slices
    monkeypatch.setattr(DataverseClient, "slices", lambda *a, **k: cut.append(a) or slices(*a, **k))

    desk.load("task", window=UNTIL_NOW)

    assert desk.kept("task") == desk.source("task")
    assert cut == []
