"""The client through real TLS, real msal and real pages, against the sandbox; nothing on the way is canned."""

import re
import uuid
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest

from d365_pm.dataverse import (
    TABLES,
    AccessDeniedError,
    DataverseClient,
    PrivilegeError,
    SignInError,
    TrustError,
    Window,
)
from d365_pm.sandbox.serving import RunningSandbox, running_server
from d365_pm.sandbox.switches import Switches
from d365_pm.settings import Settings
from d365_pm_tests.dataverse.wire import collect, run

pytestmark = pytest.mark.slow

CASES = 12_001
START = datetime(2026, 2, 9, tzinfo=UTC)
TARGETS = ("systemuser", "team")


def guid(number: int) -> str:
    return str(uuid.UUID(int=number + 1))


def cases() -> pa.Table:
    """Cases with ties in time, nulls, both kinds of owner and text that JSON has to escape."""
    numbers = range(CASES)
    created = [START + timedelta(seconds=number // 7) for number in numbers]
    instants = pa.timestamp("us", tz="UTC")
    return pa.table(
        {
            "incidentid": [guid(number * 7919 % CASES) for number in numbers],
            "ticketnumber": [f"CAS-{number:05d}" for number in numbers],
            "title": [None if number % 5 == 0 else f'Ação "{number}"\n\\ \N{GRINNING FACE}' for number in numbers],
            "createdon": pa.array(created, instants),
            "modifiedon": pa.array([moment + timedelta(hours=1) for moment in created], instants),
            "statecode": pa.array([0] * CASES, pa.int32()),
            "statuscode": pa.array([1] * CASES, pa.int32()),
            "onholdtime": pa.array([None if number % 3 else number for number in numbers], pa.int32()),
            "isescalated": pa.array([number % 2 == 0 for number in numbers]),
            "_ownerid_value": [guid(number % 2) for number in numbers],
            "_ownerid_type": [TARGETS[number % 2] for number in numbers],
        }
    )


def settings(sandbox: RunningSandbox, **overrides: Any) -> Settings:
    given = {name.removeprefix("D365_").lower(): value for name, value in sandbox.env.items()}
    return Settings(_env_file=None, **(given | overrides))


def ask(
    sandbox: RunningSandbox, question: Callable[[DataverseClient], Coroutine[Any, Any, Any]], **overrides: Any
) -> Any:
    async def scenario() -> Any:
        async with DataverseClient.open(settings(sandbox, **overrides)) as client:
            return await question(client)

    return run(scenario())


async def read(client: DataverseClient, table: str, **options: Any) -> pa.Table:
    shape = await client.shape(table)
    pages = await collect(client.pages(shape, **options))
    return pa.concat_tables([shape.schema.empty_table(), *(page.rows for page in pages)])


@pytest.fixture(scope="module")
def sandbox() -> Any:
    with running_server({"incident": cases()}) as running:
        yield running


def test_every_value_arrives_as_it_was(sandbox: RunningSandbox) -> None:
    found = ask(sandbox, lambda client: read(client, "incident"))
    wanted = cases()
    assert found.num_rows == CASES
    names = wanted.column_names
    assert found.select(names).sort_by("incidentid").to_pylist() == wanted.sort_by("incidentid").to_pylist()


def test_every_table_of_the_registry_can_be_read(sandbox: RunningSandbox) -> None:
    async def shapes(client: DataverseClient) -> dict[str, tuple[str, ...]]:
        lacking = {}
        for name in TABLES:
            assert (await read(client, name)).schema.names
            lacking[name] = (await client.shape(name)).missing_columns
        return lacking

    assert set(ask(sandbox, shapes).values()) == {()}


def test_disjoint_windows_together_are_the_whole(sandbox: RunningSandbox) -> None:
    cuts = [None, START + timedelta(hours=1), START + timedelta(hours=1, seconds=701), START + timedelta(hours=2), None]
    windows = [Window(first, last) for first, last in pairwise(cuts)]

    async def parts(client: DataverseClient) -> list[list[str]]:
        tables = [await read(client, "incident", window=window, page_size=1000) for window in windows]
        return [table.column("incidentid").to_pylist() for table in tables]

    found = ask(sandbox, parts)
    assert [len(part) for part in found] == [0, 701 * 7, CASES - 701 * 7, 0]
    assert len({key for part in found for key in part}) == CASES


def test_certificate_sign_in(sandbox: RunningSandbox) -> None:
    identity = ask(sandbox, DataverseClient.who_am_i, client_secret=None, client_certificate=sandbox.certificate)
    assert uuid.UUID(identity.organization_id)


def test_version_and_counts(sandbox: RunningSandbox) -> None:
    async def facts(client: DataverseClient) -> tuple[Any, ...]:
        shape = await client.shape("incident")
        window = Window(START, START + timedelta(hours=1, seconds=100))
        counts = await client.total_record_counts(["incident", "no_such_table"])
        return await client.version(), await client.count(shape), await client.count(shape, window=window), counts

    version, everything, some, totals = ask(sandbox, facts)
    assert re.fullmatch(r"9\.2\.\d+\.\d+", version)
    assert (everything, some, totals) == (CASES, 700, {"incident": CASES})


def test_labels_come_in_both_languages(sandbox: RunningSandbox) -> None:
    labels = ask(sandbox, lambda client: client.option_labels(["incident"])).to_pylist()
    statuses = {
        (row["language"], row["label"], row["state"])
        for row in labels
        if row["column_name"] == "statuscode" and row["code"] == 5
    }
    assert {(language, state) for language, _, state in statuses} == {(1033, 1), (1046, 1)}
    assert {row["code"] for row in labels if row["column_name"] == "isescalated"} == {0, 1}


def test_audit_switches_are_read_by_value(sandbox: RunningSandbox) -> None:
    facts = ask(sandbox, lambda client: client.attribute_metadata(["incident", "incidentresolution"])).to_pylist()
    audited = {(row["table_name"], row["is_table_audited"]) for row in facts}
    assert audited == {("incident", True), ("incidentresolution", False)}


def test_tokens_that_end_during_the_read_are_renewed() -> None:
    with running_server({"incident": cases()}, Switches(token_lifetime=1)) as sandbox:
        found = ask(sandbox, lambda client: read(client, "incident", page_size=500))
    assert found.num_rows == CASES


def test_a_table_that_the_environment_lacks_is_empty_and_typed() -> None:
    with running_server({}, Switches(missing_tables=frozenset({"msfp_surveyinvite"}))) as sandbox:
        found = ask(sandbox, lambda client: read(client, "msfp_surveyinvite"))
    assert found.num_rows == 0
    assert found.schema.field("msfp_invitestatus").type == pa.int32()


@pytest.mark.parametrize("returned", [True, False])
def test_changedata_is_probed(returned: bool) -> None:
    with running_server({}, Switches(returns_changedata=returned)) as sandbox:
        shape = ask(sandbox, lambda client: client.shape("audit"))
    assert ("changedata" in shape.select) is returned


@pytest.mark.parametrize(
    ("switches", "overrides", "kind", "words"),
    [
        ({}, {"client_secret": "planted-wrong"}, SignInError, "client secret is wrong"),
        ({"secret_is_expired": True}, {}, SignInError, "client secret has expired"),
        ({}, {"client_id": str(uuid.uuid4())}, SignInError, "D365_CLIENT_ID"),
        ({}, {"tenant_id": str(uuid.uuid4())}, SignInError, "D365_TENANT_ID"),
        ({"has_application_user": False}, {}, AccessDeniedError, "application user"),
        ({"unreadable_tables": frozenset({"incident"})}, {}, PrivilegeError, "prvRead.*table incident"),
        ({}, {"ca_bundle": None}, TrustError, "D365_CA_BUNDLE"),
    ],
    ids=["wrong-secret", "expired-secret", "wrong-client", "wrong-tenant", "no-user", "no-privilege", "untrusted"],
)
def test_mistakes_become_one_sentence(
    switches: dict[str, Any], overrides: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with running_server({}, Switches(**switches)) as sandbox, pytest.raises(kind, match=words) as caught:
        ask(sandbox, lambda client: read(client, "incident"), **overrides)
    assert "planted-wrong" not in str(caught.value)
    assert str(caught.value).count("\n") == 0
