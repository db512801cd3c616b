"""The sandbox as a command and as a process of its own."""

import json
import os
import stat
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from d365_pm.sandbox.cli import app
from d365_pm.sandbox.process import SandboxStartError, start_sandbox
from d365_pm.sandbox.tls import client_context
from d365_pm_tests.sandbox.conftest import guid

VARIABLES = {"D365_URL", "D365_TENANT_ID", "D365_CLIENT_ID", "D365_CLIENT_SECRET", "D365_AUTHORITY", "D365_CA_BUNDLE"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    directory = tmp_path / "data"
    directory.mkdir()
    (directory / "team.jsonl").write_text(json.dumps({"teamid": guid("team"), "name": "Tier 2"}))
    return directory


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_answers_while_the_block_runs_and_is_gone_after(data: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with start_sandbox(data=data, state=state, without=["msfp_survey"]) as first:
        assert set(first.env) == VARIABLES
        context = client_context(Path(first.env["D365_CA_BUNDLE"]))
        with httpx.Client(verify=context, trust_env=False) as client:
            assert client.get(f"{first.url}/api/data/v9.2/WhoAmI").status_code == 401
    assert not is_running(first.pid)
    with start_sandbox(data=data, state=state) as second:
        kept = VARIABLES - {"D365_URL", "D365_AUTHORITY"}
        assert {name: second.env[name] for name in kept} == {name: first.env[name] for name in kept}
        with httpx.Client(verify=context, trust_env=False) as client:
            assert client.get(f"{second.url}/api/data/v9.2/WhoAmI").status_code == 401


def test_a_process_that_cannot_start_says_why(data: Path) -> None:
    (data / "team.jsonl").write_text('{"teamid":"x"}')
    started = time.monotonic()
    message = "The sandbox did not start: team.jsonl, line 1, column teamid: the value must be a GUID"
    with pytest.raises(SandboxStartError, match=message), start_sandbox(data=data):
        pass
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "nowhere"], "nowhere is not a directory"),
        (["--without", "emails"], "--without emails: the sandbox has no such table"),
        (["--unreadable", "nothing"], "--unreadable nothing: the sandbox has no such table"),
        (["--host", "203.0.113.1"], "cannot listen on 203.0.113.1"),
    ],
)
def test_mistakes_on_the_command_line_are_one_sentence(data: Path, arguments: list[str], message: str) -> None:
    base = [] if "--data" in arguments else ["--data", str(data)]
    result = CliRunner().invoke(app, ["serve", *base, *arguments])
    assert result.exit_code == 1
    assert message in result.stderr and "Traceback" not in result.output


def test_a_taken_port_is_named(data: Path) -> None:
    with start_sandbox(data=data) as running:
        port = running.url.rpartition(":")[2]
        result = CliRunner().invoke(app, ["serve", "--data", str(data), "--port", port])
    assert (result.exit_code, f"port {port}; choose another" in result.stderr) == (1, True)


def test_a_foreign_credentials_file_is_not_overwritten(data: Path, tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text("{}")
    result = CliRunner().invoke(app, ["serve", "--data", str(data), "--state", str(tmp_path)])
    assert result.exit_code == 1
    assert "credentials.json is not a sandbox's credentials file" in result.stderr
    assert (tmp_path / "credentials.json").read_text() == "{}"


def test_the_ready_file_is_for_its_owner_only(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from d365_pm.sandbox.serving import SandboxServer

    monkeypatch.setattr(SandboxServer, "serve", lambda self: None)
    ready = tmp_path / "ready.json"
    result = CliRunner().invoke(app, ["serve", "--data", str(data), "--ready-file", str(ready)])
    assert result.exit_code == 0
    assert stat.S_IMODE(ready.stat().st_mode) == 0o600
    printed = dict(line.split("=", 1) for line in result.stdout.splitlines())
    assert printed == json.loads(ready.read_text())["env"]
    assert set(printed) == VARIABLES
