"""What a person can get wrong: one clear sentence with the remedy, exit status 1, no traceback, nothing lost."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from d365_pm.cli import main
from d365_pm.sandbox.process import start_sandbox
from d365_pm_tests.end_to_end.brought_rows import write_worked_example

pytestmark = pytest.mark.slow
_TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("rows") / "rows"
    write_worked_example(folder)
    return folder


@pytest.fixture(scope="module")
def sandbox(rows):
    with start_sandbox(data=rows) as process:
        yield process


@pytest.fixture(scope="module")
def dagster_home(tmp_path_factory) -> str:
    """One for all: making its databases takes longer than a refused run."""
    return str(tmp_path_factory.mktemp("dagster"))


@pytest.fixture
def run(monkeypatch, tmp_path, capsys, dagster_home):
    """Call the command line with these variables; returns exit status and what it said on stderr."""

    def call(env: dict[str, str], *arguments: str) -> tuple[int, str]:
        defaults = {
            "D365_PM_DATA_DIR": str(tmp_path / "data"),
            "D365_PM_START_DATE": _TODAY,
            "DAGSTER_HOME": dagster_home,
            "DAGSTER_DISABLE_TELEMETRY": "1",
        }
        for name, value in {**defaults, **env}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["d365-pm", *(arguments or ("run",))])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(left.value.code or 0), said.err

    return call


_WRONG_CONNECTIONS = [
    pytest.param({"D365_URL": "http://127.0.0.1:1"}, "must be an https://", id="http"),
    pytest.param({"D365_URL": "https://unknown.invalid"}, "D365_URL", id="unknown host"),
    pytest.param({"D365_URL": "https://127.0.0.1:1"}, "D365_URL", id="nobody listens"),
    pytest.param({"D365_CLIENT_SECRET": "wrong"}, "D365_CLIENT_SECRET", id="wrong secret"),
    pytest.param({"D365_CLIENT_ID": "00000000-0000-0000-0000-000000000001"}, "D365_CLIENT_ID", id="unknown client"),
    pytest.param({"D365_TENANT_ID": "00000000-0000-0000-0000-000000000001"}, "D365_TENANT_ID", id="unknown tenant"),
    pytest.param({"D365_CA_BUNDLE": ""}, "D365_CA_BUNDLE", id="untrusted certificate"),
    pytest.param({"D365_CLIENT_SECRET": ""}, "D365_CLIENT_SECRET or D365_CLIENT_CERTIFICATE", id="missing value"),
    pytest.param({"D365_PM_LANGUAGE": "fr"}, "D365_PM_LANGUAGE", id="unknown language"),
]


@pytest.mark.parametrize(("wrong", "named"), _WRONG_CONNECTIONS)
def test_a_wrong_connection_is_a_sentence_that_names_what_to_mend(sandbox, run, wrong, named):
    status, said = run({**sandbox.env, **wrong})

    assert status == 1
    assert named in said
    assert sandbox.env["D365_CLIENT_SECRET"] not in said


@pytest.mark.parametrize(
    ("option", "named"),
    [
        pytest.param(["--no-application-user"], "application user", id="no application user"),
        pytest.param(["--secret-expired"], "expired", id="expired secret"),
        pytest.param(["--unreadable", "incident"], "prvReadincident", id="missing privilege"),
        pytest.param(["--without", "incident"], "incident", id="missing mandatory table"),
    ],
)
def test_an_environment_that_refuses_us_is_a_sentence_with_the_remedy(rows, run, option, named):
    with start_sandbox(data=rows, options=option) as process:
        status, said = run(process.env)

    assert status == 1
    assert named.lower() in said.lower()


_BAD_SEEDS = [
    pytest.param("status_roles.csv", "status_code,role,remark\n4711,resolved,\n", "4711", id="unknown status code"),
    pytest.param("status_roles.csv", "status_code,role,remark\n5,finished,\n", "finished", id="unknown role"),
    pytest.param("status_roles.csv", "status_code,part,remark\n5,resolved,\n", "part", id="unknown column"),
    pytest.param("statusroles.csv", "status_code,role,remark\n5,resolved,\n", "statusroles.csv", id="unknown file"),
]


@pytest.mark.parametrize(("file", "text", "named"), _BAD_SEEDS)
def test_a_seed_that_nothing_can_use_is_named(sandbox, run, tmp_path, file, text, named):
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / file).write_text(text)

    status, said = run({**sandbox.env, "D365_PM_SEEDS_DIR": str(seeds)})

    assert status == 1
    assert file in said
    assert named in said


def test_a_data_directory_that_cannot_be_written_is_named(sandbox, run, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("in the way")

    status, said = run({**sandbox.env, "D365_PM_DATA_DIR": str(blocker), "DAGSTER_HOME": ""})

    assert status == 1
    assert str(blocker) in said.replace("\n", "")
    assert blocker.read_text() == "in the way"


def test_what_was_published_survives_a_failing_run(sandbox, run, tmp_path, run_pipeline):
    _, settings = run_pipeline(sandbox.env, tmp_path / "data")
    before = settings.warehouse.read_bytes()

    status, _ = run({**sandbox.env, "D365_CLIENT_SECRET": "wrong"})

    assert status == 1
    assert settings.warehouse.read_bytes() == before


def test_a_data_directory_of_another_environment_is_refused(sandbox, run, run_pipeline, tmp_path, rows):
    run_pipeline(sandbox.env, tmp_path / "data")
    other = tmp_path / "other"
    other.mkdir()
    for file in rows.iterdir():
        text = file.read_text()
        (other / file.name).write_text(text.replace(_organization(rows), "00000000-0000-0000-0000-000000000001"))

    with start_sandbox(data=other) as process:
        status, said = run(process.env)

    assert status == 1
    assert "another Dataverse environment" in said.replace("\n", " ")


def _organization(rows: Path) -> str:
    return str(json.loads((rows / "organization.jsonl").read_text())["organizationid"])
