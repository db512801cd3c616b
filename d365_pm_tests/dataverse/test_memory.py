"""Metadata kept between runs: used while nothing has changed, and never after."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from d365_pm.dataverse.client import DataverseClient
from d365_pm.dataverse.environment import EnvironmentFacts
from d365_pm.dataverse.memory import Memory
from d365_pm.dataverse.registry import EVERY_TABLE, TABLES
from d365_pm_tests.dataverse.test_catalogue import Environment
from d365_pm_tests.dataverse.wire import BASE, ORG, Setup, collect, error, run

ORGANIZATION = "0a3f1e30-1111-4a2b-9c3d-00000000000a"
ROW = "7c1d2e30-0000-4a2b-9c3d-00000000000b"
VERSION = "@Microsoft.Dynamics.CRM.globalmetadataversion"


class Versioned:
    """An environment that tells the version of its schema with every collection."""

    def __init__(self, version: str | None = "60418273", *, organization: str = ORGANIZATION) -> None:
        self.version = version
        self.organization = organization
        self.inner = Environment()
        self.refusal: httpx.Response | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/data/v9.2/")
        if path == "WhoAmI":
            ids = {"UserId": "a71c", "BusinessUnitId": "5f0d", "OrganizationId": self.organization.upper()}
            return httpx.Response(200, json=ids)
        if path == "organizations" and request.url.params["$select"] == "organizationid":
            return self.refusal or self._told([{"organizationid": self.organization.upper()}])
        if path in {"subjects", "queues"} and "$top" not in request.url.params:
            return self._told([{"subjectid": ROW, "queueid": ROW}])
        return self.inner(request)

    def _told(self, rows: list[dict[str, Any]]) -> httpx.Response:
        head = {} if self.version is None else {VERSION: self.version}
        return httpx.Response(200, json=head | {"value": rows})


def visit(environment: Versioned, path: Path, *tables: str, read: bool = False) -> tuple[DataverseClient, list[str]]:
    """One run: environment, shapes, labels; then remember."""
    setup = Setup(environment)
    client = DataverseClient(setup.connection, memory=Memory(path, ORG))

    async def scenario() -> None:
        await client.environment()
        for name in tables:
            shape = await client.shape(name)
            if read:
                await collect(client.pages(shape))
        await client.option_labels(["subject", "sla"])
        await client.attribute_metadata(["subject", "sla"])
        client.remember()

    run(scenario())
    return client, [url.removeprefix(BASE) for url in setup.recorder.urls]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "below" / "metadata.json"


def test_the_environment_is_told_by_one_request() -> None:
    setup = Setup(Versioned())
    facts = run(DataverseClient(setup.connection).environment())
    assert facts == EnvironmentFacts(ORGANIZATION, "60418273")
    assert setup.recorder.urls == [f"{BASE}organizations?$select=organizationid"]
    assert VERSION[1:] in setup.recorder.requests[0].headers["Prefer"]


@pytest.mark.parametrize(
    "refusal",
    [
        error(403, "0x80040220", "prvReadOrganization"),
        error(400, "0x80060888", "no"),
        httpx.Response(200, json={"value": []}),
    ],
)
def test_who_may_not_read_the_organisation_asks_who_it_is(refusal: httpx.Response) -> None:
    environment = Versioned()
    environment.refusal = refusal
    assert run(DataverseClient(Setup(environment).connection).environment()) == EnvironmentFacts(ORGANIZATION, None)


def test_the_second_run_asks_for_no_metadata(path: Path) -> None:
    first, asked = visit(Versioned(), path, "subject", "sla", "incident", "audit")
    assert not first.metadata_unchanged
    assert len(asked) > 8
    second, asked = visit(Versioned(), path, "subject", "sla", "incident", "audit")
    assert second.metadata_unchanged
    assert asked == ["organizations?$select=organizationid"]


@pytest.mark.parametrize("name", TABLES)
def test_a_remembered_shape_is_the_one_that_was_found(path: Path, name: str) -> None:
    environment = Versioned()
    environment.inner.hidden[name] = {column.name for column in TABLES[name].columns if not column.required}
    first, _ = visit(environment, path, name)
    second, _ = visit(environment, path, name)
    assert second.metadata_unchanged
    assert run(second.shape(name)) == run(first.shape(name))


def test_a_missing_table_is_remembered_as_missing(path: Path) -> None:
    environment = Versioned()
    del environment.inner.tables["sla"]
    visit(environment, path, "sla")
    second, asked = visit(environment, path, "sla")
    assert len(asked) == 1
    assert run(second.shape("sla")).is_missing


@pytest.mark.parametrize(
    "later",
    [Versioned("60418274"), Versioned(organization="11111111-1111-4a2b-9c3d-00000000000a"), Versioned(None)],
    ids=["schema-moved", "another-organisation", "no-version"],
)
def test_another_state_or_another_environment_is_read_anew(path: Path, later: Versioned) -> None:
    visit(Versioned(), path, "subject")
    second, asked = visit(later, path, "subject")
    assert not second.metadata_unchanged
    assert "EntityDefinitions(LogicalName='subject')/Attributes" in "".join(asked)


def test_nothing_is_kept_where_the_version_is_not_told(path: Path) -> None:
    visit(Versioned(None), path, "subject")
    assert not path.exists()


@pytest.mark.parametrize("age", [timedelta(hours=24), timedelta(seconds=-1)], ids=["old", "from-the-future"])
def test_what_is_too_old_is_read_anew_however_often_it_was_used(path: Path, age: timedelta) -> None:
    visit(Versioned(), path, "subject")
    visit(Versioned(), path, "subject", "queue")
    saved_at = datetime.fromisoformat(json.loads(path.read_text())["saved_at"])
    facts = EnvironmentFacts(ORGANIZATION, "60418273")
    assert Memory(path, ORG).recall(facts, now=saved_at + timedelta(hours=23)) is not None
    assert Memory(path, ORG).recall(facts, now=saved_at + age) is None


def test_what_was_added_later_does_not_make_it_younger(path: Path) -> None:
    visit(Versioned(), path, "subject")
    before = json.loads(path.read_text())["saved_at"]
    visit(Versioned(), path, "subject", "queue")
    after = json.loads(path.read_text())
    assert after["saved_at"] == before
    assert "queue" in after["snapshot"]["shapes"]


def test_the_memory_of_another_address_is_not_used(path: Path) -> None:
    visit(Versioned(), path, "subject")
    facts = EnvironmentFacts(ORGANIZATION, "60418273")
    assert Memory(path, "https://other.crm4.dynamics.com").recall(facts) is None


def test_the_memory_of_another_registry_is_not_used(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visit(Versioned(), path, "subject")
    monkeypatch.delitem(EVERY_TABLE, "sla")
    assert Memory(path, ORG).recall(EnvironmentFacts(ORGANIZATION, "60418273")) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"form":1}'])
def test_a_file_that_cannot_be_read_is_no_hindrance(
    path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    _, asked = visit(Versioned(), path, "subject")
    assert len(asked) > 1
    assert "read anew" in caplog.text
    assert len(visit(Versioned(), path, "subject")[1]) == 1


def test_a_place_that_cannot_be_written_is_no_hindrance(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    visit(Versioned(), tmp_path / "file" / "metadata.json", "subject")
    assert "cannot be written" in caplog.text


def test_a_schema_that_moves_during_a_run_is_forgotten(path: Path) -> None:
    visit(Versioned(), path, "subject", "queue")
    environment = Versioned()
    setup = Setup(environment)
    client = DataverseClient(setup.connection, memory=Memory(path, ORG))

    async def scenario() -> None:
        await client.environment()
        shape = await client.shape("subject")
        environment.version = "60418274"
        environment.inner.hidden["queue"] = {"queueviewtype"}
        await collect(client.pages(shape))
        assert (await client.shape("queue")).missing_columns == ("queueviewtype",)
        client.remember()

    run(scenario())
    assert not client.metadata_unchanged
    assert not path.exists()
