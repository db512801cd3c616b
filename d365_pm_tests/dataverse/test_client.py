"""The front door, on documented answers."""

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from d365_pm.dataverse import DataverseClient, Identity, ProtocolError, Window
from d365_pm.dataverse.lacking import missing
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.shaping import as_wanted
from d365_pm.errors import D365PMError, SettingsError
from d365_pm.settings import Settings
from d365_pm_tests.dataverse.wire import ORG, Setup, error, run, scripted

INCIDENT = as_wanted(TABLES["incident"])


def client(handler: Any) -> tuple[DataverseClient, Setup]:
    setup = Setup(handler)
    return DataverseClient(setup.connection), setup


def test_who_am_i() -> None:
    body = {"@odata.context": "…", "BusinessUnitId": "5F0D", "UserId": "A71C", "OrganizationId": "11D2"}
    opened, setup = client(scripted(httpx.Response(200, json=body)))
    assert run(opened.who_am_i()) == Identity(user_id="a71c", business_unit_id="5f0d", organization_id="11d2")
    assert setup.recorder.urls == [f"{ORG}/api/data/v9.2/WhoAmI"]


def test_version() -> None:
    opened, _ = client(scripted(httpx.Response(200, json={"Version": "9.2.25083.00190"})))
    assert run(opened.version()) == "9.2.25083.00190"


def test_json_of_something_else_is_no_identity() -> None:
    opened, _ = client(scripted(httpx.Response(200, json={"hello": "world"})))
    with pytest.raises(ProtocolError, match="D365_URL"):
        run(opened.who_am_i())


@pytest.mark.parametrize(("text", "number"), [("42", 42), ("\ufeff4999", 4999)])
def test_few_rows_are_counted_by_one_question(text: str, number: int) -> None:
    opened, setup = client(scripted(httpx.Response(200, text=text)))
    window = Window(datetime(2026, 2, 9, tzinfo=UTC), None)
    assert run(opened.count(INCIDENT, window=window)) == number
    assert len(setup.recorder.requests) == 1
    assert setup.recorder.requests[0].url.path.endswith("/incidents/$count")
    assert setup.recorder.requests[0].url.params["$filter"] == "modifiedon ge 2026-02-09T00:00:00Z"


def test_a_missing_table_counts_zero() -> None:
    opened, setup = client(scripted(httpx.Response(200, text="1")))
    assert run(opened.count(missing(TABLES["sla"]))) == 0
    assert setup.recorder.requests == []


def totals(**counts: int) -> httpx.Response:
    pairs = {"Count": len(counts), "IsReadOnly": False, "Keys": list(counts), "Values": list(counts.values())}
    return httpx.Response(200, json={"EntityRecordCountCollection": pairs})


def test_total_record_counts() -> None:
    opened, setup = client(scripted(totals(incident=812345, email=9345678)))
    assert run(opened.total_record_counts(["incident", "email"])) == {"incident": 812345, "email": 9345678}
    assert setup.recorder.requests[0].url.params["@p"] == '["incident","email"]'


def test_one_unknown_name_does_not_spoil_the_other_counts() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        names = request.url.params["@p"]
        return error(400, "0x80040203", "Invalid name") if "nothing" in names else totals(incident=7)

    opened, _ = client(handler)
    assert run(opened.total_record_counts(["incident", "nothing"])) == {"incident": 7}


async def enter(settings: Settings) -> None:
    async with DataverseClient.open(settings):
        pass


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


CONNECTED = {"url": ORG, "tenant_id": "t", "client_id": "c", "client_secret": "s"}


def test_missing_settings_are_named_together() -> None:
    with pytest.raises(SettingsError, match="D365_TENANT_ID, D365_CLIENT_ID"):
        run(enter(settings(url=ORG)))


@pytest.mark.parametrize("content", [None, b"no certificates here"])
def test_a_bundle_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_bytes(content)
    with pytest.raises(D365PMError, match="D365_CA_BUNDLE"):
        run(enter(settings(**CONNECTED, ca_bundle=bundle)))


def test_opening_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[object] = []
    # The event loop makes its own wake-up sockets, so it is the look-up of a host that tells of a request.
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: looked_up.append(host) or [])

    run(enter(settings(**CONNECTED)))

    assert looked_up == []
