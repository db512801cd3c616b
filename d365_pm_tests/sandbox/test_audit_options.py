"""Auditing and privileges on the command line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from d365_pm.sandbox.cli import app
from d365_pm.sandbox.process import SandboxProcess, start_sandbox
from d365_pm.sandbox.tls import client_context
from d365_pm_tests.sandbox.conftest import error_of, guid, values
from d365_pm_tests.sandbox.test_audit_details import audit, changedata

ROWS = [
    audit(0, changedata(title=(None, "early"))),
    audit(5, changedata(title=("early", "late"), ownerid=(None, f"team,{guid('team')}"))),
    audit(6, changedata(statuscode=("1", "5"))),
]


@contextmanager
def signed_in(sandbox: SandboxProcess) -> Iterator[httpx.Client]:
    """A client with an access token."""
    env = sandbox.env
    form = {
        "grant_type": "client_credentials",
        "client_id": env["D365_CLIENT_ID"],
        "client_secret": env["D365_CLIENT_SECRET"],
        "scope": f"{env['D365_URL']}/.default",
    }
    verify = client_context(Path(env["D365_CA_BUNDLE"]))
    with httpx.Client(base_url=f"{env['D365_URL']}/api/data/v9.2/", verify=verify, trust_env=False) as client:
        answer = client.post(f"{env['D365_AUTHORITY']}/{env['D365_TENANT_ID']}/oauth2/v2.0/token", data=form)
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """A sandbox that was started with every option at once."""
    lines = (json.dumps({**row, "createdon": row["createdon"].isoformat()}) for row in ROWS)
    (tmp_path / "audit.jsonl").write_text("\n".join(lines))
    options = [
        "--audit-since", "2026-02-01T00:02:00", "--unaudited", "incident.ownerid", "--unaudited", "queueitem",
        "--missing-privilege", "prvReadRecordAuditHistory", "--missing-privilege", "prvReademail",
        "--audits-ignore-page-size", "--batch-latency", "0.01",
    ]  # fmt: skip
    with start_sandbox(data=tmp_path, options=options) as sandbox, signed_in(sandbox) as signed:
        yield signed


def test_the_options_reach_the_environment(client: httpx.Client) -> None:
    query = "audits?$select=auditid,createdon,action,changedata,objecttypecode,_objectid_value&$orderby=createdon"
    start, owner, status = values(client.get(query, headers={"Prefer": "odata.maxpagesize=1"}))
    assert (start["action"], start["createdon"]) == (105, "2026-02-01T00:02:00Z")
    assert "ownerid" not in owner["changedata"] and "late" in owner["changedata"]
    assert status["auditid"] == guid("audit", 6)
    path = f"audits({guid('audit', 6)})/Microsoft.Dynamics.CRM.RetrieveAuditDetails"
    assert error_of(client.get(path))[:2] == (403, "0x80040220")
    assert client.get("emails?$select=subject").status_code == 403
    queue = client.get("EntityDefinitions(LogicalName='queueitem')?$select=IsAuditEnabled").json()
    assert queue["IsAuditEnabled"]["Value"] is False


def test_auditing_off_and_no_changedata(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_text(json.dumps({**ROWS[0], "createdon": ROWS[0]["createdon"].isoformat()}))
    with (
        start_sandbox(data=tmp_path, options=["--audit-off", "--no-changedata"]) as sandbox,
        signed_in(sandbox) as client,
    ):
        assert values(client.get("audits?$select=auditid")) == []
        assert client.get("audits?$select=auditid,changedata&$top=1").status_code == 400


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("--unaudited", "nothing"),
        ("--unaudited", "incident.nothing"),
        ("--missing-privilege", "prvFly"),
    ],
)
def test_names_that_the_sandbox_lacks_are_told(option: str, name: str) -> None:
    result = CliRunner().invoke(app, ["serve", option, name])
    assert result.exit_code == 1
    assert f"Error: {option} {name}: the sandbox" in result.stderr
