"""The pipeline, pointed by environment variables alone at rows that somebody brought, makes the log of those rows."""

import duckdb
import pytest

from d365_pm.sandbox.process import start_sandbox
from d365_pm_tests.end_to_end.brought_rows import write_worked_example
from d365_pm_tests.end_to_end.comparison import read_log
from d365_pm_tests.models.test_worked_example import EVENTS, VALUES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("brought")
    write_worked_example(folder / "rows")
    with start_sandbox(data=folder / "rows", without=["msdyn_federatedarticleincident"]) as process:
        yield process


_ORDER = {event.label: place for place, event in enumerate(EVENTS)}


def test_the_log_of_brought_rows_is_the_worked_example(sandbox, run_pipeline):
    run, settings = run_pipeline(sandbox.env)

    log = sorted(read_log(settings.warehouse), key=lambda row: (row[2], _ORDER[row[1]]))

    assert [(row[1], f"{row[2]:%Y-%m-%dT%H:%M:%SZ}", row[8]) for row in log] == sorted(
        ((event.label, event.time, event.agent) for event in EVENTS),
        key=lambda event: (event[1], _ORDER[event[0]]),
    )
    assert run.rows["msdyn_federatedarticleincident"] == 0
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        names = ", ".join(VALUES)
        found = connection.execute(f"select {names} from marts.cases").fetchall()
    assert dict(zip(VALUES, found[0], strict=True)) == VALUES


def test_language_changes_labels_and_nothing_else(sandbox, run_pipeline, tmp_path):
    _, portuguese = run_pipeline({**sandbox.env, "D365_PM_LANGUAGE": "pt-BR"}, tmp_path / "pt")
    _, english = run_pipeline({**sandbox.env, "D365_PM_LANGUAGE": "en"}, tmp_path / "en")

    labels = (1, 5, 7, 10)
    logs = [sorted(read_log(settings.warehouse), key=_place) for settings in (portuguese, english)]

    without = [
        [[value for place, value in enumerate(row) if place not in (*labels, 4, 8)] for row in log] for log in logs
    ]
    assert without[0] == without[1]
    assert {(row[1], other[1]) for row, other in zip(*logs, strict=True)} >= {
        ("Caso Criado", "Case Created"),
        ("Item da fila retirado pelo agente", "Queue Item Picked by Agent"),
    }
    assert {(row[8], other[8]) for row, other in zip(*logs, strict=True)} == {
        ("Sistema", "System"),
        ("Alice Smith", "Alice Smith"),
        ("Bob Johnson", "Bob Johnson"),
    }


def _place(row: tuple[object, ...]) -> tuple[object, ...]:
    """Time, and what a row holds that is no label."""
    return (row[2], repr((row[14], row[16], row[8] not in {"Sistema", "System"})))
