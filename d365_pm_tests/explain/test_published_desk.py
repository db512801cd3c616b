"""Stories out of the published file of a generated desk: every event and every row of it has its place."""

import json
from datetime import UTC, datetime

import duckdb
import pytest
from typer.testing import CliRunner

from d365_pm.cli import app
from d365_pm.explain import explain
from d365_pm.sandbox.desk import generate
from d365_pm_tests.recount.pipeline import publish
from d365_pm_tests.recount.raw import rows_of

pytestmark = pytest.mark.slow

END = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    publish(rows_of(generate(cases=40, seed=77, days=30, end=END).tables), folder, as_of=END)
    return folder


@pytest.fixture
def warehouse(folder):
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@pytest.fixture
def run(folder, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("D365_PM_DATA_DIR", str(folder))
    return lambda *arguments: CliRunner().invoke(app, ["explain", *arguments])


def numbers(warehouse):
    return [number for (number,) in warehouse.execute("select ServiceRequest from marts.cases order by 1").fetchall()]


def test_the_events_of_all_stories_are_the_log(warehouse):
    told = [event.event_id for number in numbers(warehouse)[:15] for event in explain(warehouse, number).events]
    listed = ", ".join(f"'{number}'" for number in numbers(warehouse)[:15])
    logged = warehouse.execute(f"select EventId from marts.events where ServiceRequest in ({listed})").fetchall()

    assert sorted(told) == sorted(event for (event,) in logged)


def test_every_outgoing_mail_of_a_case_is_an_event_or_set_aside(warehouse):
    mails = warehouse.execute(
        "select case_id::varchar, email_id::varchar from staging.email_meaning order by all"
    ).fetchall()
    stories = {case: explain(warehouse, case) for case in sorted({case for case, _ in mails})[:10]}
    for case, mail in mails:
        if case in stories:
            rows = [each.source_row for each in (*stories[case].events, *stories[case].set_aside)]
            assert rows.count(mail) == 1


def test_the_command_prints_the_story(run, warehouse):
    number = numbers(warehouse)[0]
    result = run(number)

    assert result.exit_code == 0
    for words in (number, "Events, and why they are there", "Gaps", "Caso Criado", "CREATED: the"):
        assert words in result.stdout


def test_every_row_of_evidence_stands_whole_on_the_screen(run, warehouse):
    number = numbers(warehouse)[0]
    story = explain(warehouse, number)
    printed = run(number).stdout

    assert all(each.source_row in printed for each in (*story.events, *story.set_aside))


def test_json_is_one_object_with_every_part(run, warehouse):
    number = numbers(warehouse)[0]
    story = json.loads(run(number, "--json").stdout)

    assert story["service_request"] == number
    assert {"attributes", "events", "set_aside", "gaps"} <= story.keys()


def test_an_unknown_case_is_one_sentence(run):
    error = run("nobody's case").exception

    assert "There is no case nobody's case in the log" in str(error)


def test_without_a_log_the_command_says_how_to_make_one(run, monkeypatch, tmp_path):
    monkeypatch.setenv("D365_PM_DATA_DIR", str(tmp_path / "nothing"))

    assert "make one with `d365-pm run`" in str(run("CAS-1").exception)
