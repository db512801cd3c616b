"""Steering a sandbox that runs in a process of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from d365_pm.sandbox.cli import app
from d365_pm.sandbox.control import SandboxControl, SandboxControlError
from d365_pm.sandbox.faults import Fault, FaultKind
from d365_pm.sandbox.process import SandboxProcess, start_sandbox
from d365_pm.sandbox.throttling import Limits, LimitsTextError, parse_limits
from d365_pm.sandbox.tls import client_context
from d365_pm_tests.sandbox.conftest import guid


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    directory = tmp_path_factory.mktemp("data")
    (directory / "team.jsonl").write_text(json.dumps({"teamid": guid("team"), "name": "Tier 2"}))
    faults = tmp_path_factory.mktemp("faults") / "faults.json"
    faults.write_text('[{"kind":"unavailable","entity_set":"teams"}]')
    token = faults.with_name("federated.jwt")
    options = [
        "--throttle",
        "servers=2",
        "--faults",
        str(faults),
        "--managed-identity",
        "--federated-token",
        str(token),
    ]
    with start_sandbox(data=directory, options=options) as running:
        assert token.read_text().count(".") == 2
        yield running


@pytest.fixture
def web(process: SandboxProcess) -> Iterator[httpx.Client]:
    context = client_context(Path(process.env["D365_CA_BUNDLE"]))
    with httpx.Client(base_url=process.url, verify=context, trust_env=False) as client:
        form = {
            "grant_type": "client_credentials",
            "client_id": process.env["D365_CLIENT_ID"],
            "client_secret": process.env["D365_CLIENT_SECRET"],
            "scope": f"{process.url}/.default",
        }
        token = client.post(f"/{process.env['D365_TENANT_ID']}/oauth2/v2.0/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def test_faults_come_from_a_file_and_from_a_test(process: SandboxProcess, web: httpx.Client) -> None:
    assert [fault.kind for fault in process.control.waiting_faults()] == [FaultKind.UNAVAILABLE]
    process.control.add_faults(Fault(FaultKind.THROTTLED, entity_set="teams", page=1, seconds=3))
    answers = [web.get("/api/data/v9.2/teams") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 429, 200]
    assert [fired.fault.kind for fired in process.control.fired_faults()] == ["unavailable", "throttled"]
    process.control.clear_faults()
    assert process.control.fired_faults() == []


def test_the_log_tells_what_was_asked_and_by_which_server(process: SandboxProcess, web: httpx.Client) -> None:
    process.control.clear_log()
    for _ in range(2):
        web.cookies.clear()
        web.get("/api/data/v9.2/teams?$select=name")
    entries = process.control.log()
    assert [(entry.path, entry.query, entry.page) for entry in entries] == [("teams", "$select=name", 1)] * 2
    assert {entry.server for entry in entries} == {0, 1}


def test_rows_come_and_go_while_it_runs(process: SandboxProcess, web: httpx.Client) -> None:
    def names() -> set[str]:
        return {row["name"] for row in web.get("/api/data/v9.2/teams?$select=name").json()["value"]}

    before = names()
    process.control.upsert("team", [{"teamid": guid("late"), "name": "Night shift"}])
    assert names() == before | {"Night shift"}
    assert process.control.delete("team", [guid("late")]) == 1
    assert names() == before


def test_mistakes_are_told(process: SandboxProcess) -> None:
    with pytest.raises(SandboxControlError, match="no table emails"):
        process.control.upsert("emails", [])


def test_only_who_knows_the_secret_may_steer(process: SandboxProcess) -> None:
    stranger = SandboxControl(process.env | {"D365_CLIENT_SECRET": "guess"})
    with pytest.raises(SandboxControlError, match="Send the client secret as X-Sandbox-Key"):
        stranger.log()
    stranger.close()


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("real", Limits(6000, 1200.0, 52, 300.0, 1)),
        ("requests=10,window=2.5", Limits(requests=10, window_seconds=2.5)),
        ("servers=3, concurrency=4,execution=7", Limits(execution_seconds=7.0, concurrency=4, servers=3)),
    ],
)
def test_limits_are_read_from_the_command_line(text: str, limits: Limits) -> None:
    assert parse_limits(text) == limits


@pytest.mark.parametrize("text", ["requests", "requests=many", "speed=1", ""])
def test_limits_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(LimitsTextError, match="--throttle"):
        parse_limits(text)


def test_a_missing_fault_file_is_one_sentence(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "team.jsonl").write_text(json.dumps({"teamid": guid("team")}))
    result = CliRunner().invoke(app, ["serve", "--data", str(data), "--faults", "nowhere.json"])
    assert (result.exit_code, "nowhere.json: the file cannot be read" in result.stderr) == (1, True)
