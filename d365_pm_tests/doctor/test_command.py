"""The command without an environment, and who the doctor's package knows."""

import ast
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

import d365_pm.doctor
from d365_pm.cli import app


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("D365_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_an_address_the_command_leaves_with_1_and_shows_the_sandbox():
    result = CliRunner().invoke(app, ["doctor", "--json"])
    report = json.loads(result.stdout)

    assert (result.exit_code, report["status"]) == (1, "unusable")
    assert "D365_URL" in report["findings"][0]["finding"]
    assert "--sandbox" in report["findings"][0]["remedy"]


def test_an_address_where_nobody_answers_is_one_finding_with_a_remedy(monkeypatch: pytest.MonkeyPatch):
    variables = {
        "D365_URL": "https://no-such-host.invalid",
        "D365_AUTHORITY": "https://no-such-host.invalid",
        "D365_TENANT_ID": "11111111-1111-1111-1111-111111111111",
        "D365_CLIENT_ID": "22222222-2222-2222-2222-222222222222",
        "D365_CLIENT_SECRET": "planted-secret",
    }
    result = CliRunner().invoke(app, ["doctor", "--json"], env=variables)
    [finding] = json.loads(result.stdout)["findings"]

    assert (result.exit_code, finding["check"], finding["severity"]) == (1, "connection", "fatal")
    assert finding["remedy"]
    assert "planted-secret" not in result.output


def test_the_doctor_knows_nothing_of_dagster():
    """Only `assets` and `automation` do; the doctor is usable from a notebook."""
    imported = {
        name
        for path in Path(d365_pm.doctor.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [])
    } | {
        alias.name
        for path in Path(d365_pm.doctor.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import)
        for alias in node.names
    }

    assert {"dagster", "d365_pm.assets", "d365_pm.automation"} & {
        name if name == "dagster" else ".".join(str(name).split(".")[:2]) for name in imported
    } == set()
    assert "d365_pm.dataverse" in imported
