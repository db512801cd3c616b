"""A small hand-made desk, and clients that reach it in memory or over TLS."""

import asyncio
import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
from starlette.applications import Starlette

from d365_pm.sandbox.app import build_app
from d365_pm.sandbox.credentials import new_credentials
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.schema import TABLES
from d365_pm.sandbox.serving import RunningSandbox, running_server
from d365_pm.sandbox.switches import Switches
from d365_pm.sandbox.tls import client_context
from d365_pm.sandbox.tokens import issue_token

ORIGIN = "https://sandbox.test"
API = f"{ORIGIN}/api/data/v9.2"
CASES = 137
CALLS = 5_003
FIRST_DAY = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)

Rows = list[dict[str, Any]]


def guid(*parts: object) -> str:
    """A GUID that depends on its parts alone."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, parts))))


def arrow(table: str, rows: Rows) -> pa.Table:
    """Rows as the generator yields them: typed columns, named as on the wire."""
    definition = TABLES[table]
    names = dict.fromkeys(name for row in rows for name in row)
    types = {column.wire_name: column.arrow_type for column in definition.columns}
    return pa.table({name: pa.array([row.get(name) for row in rows], types.get(name, pa.string())) for name in names})


def case_rows() -> Rows:
    """Cases with nulls, ties, capitals, accents and owners of both kinds."""
    chance = random.Random(20260209)
    rows: Rows = []
    for number in range(CASES):
        is_team = number % 3 == 0
        created = FIRST_DAY + dt.timedelta(hours=number // 4)
        rows.append(
            {
                "incidentid": guid("case", number),
                "ticketnumber": f"CAS-{number:05d}",
                "title": chance.choice(["Login loop", "login FAILED", "Impressão", '50% off "now"', "it's slow", None]),
                "statecode": number % 3,
                "statuscode": (1, 5, 6)[number % 3],
                "prioritycode": chance.choice([1, 2, 3, None]),
                "onholdtime": chance.choice([0, 30, 1500, None]),
                "isescalated": chance.choice([True, False]),
                "createdon": created,
                "modifiedon": created + dt.timedelta(minutes=chance.randrange(9)),
                "followupby": created.date() if number % 2 else None,
                "_ownerid_value": guid("team", 0) if is_team else guid("user", number % 4),
                "_ownerid_type": "team" if is_team else "systemuser",
                "_customerid_value": guid("account", number % 5) if number % 7 else None,
                "_customerid_type": "account" if number % 7 else None,
                "_parentcaseid_value": guid("case", number - 1) if number % 10 == 9 else None,
                "versionnumber": 1000 + number,
            }
        )
    return rows


def desk() -> dict[str, pa.Table]:
    """The tables of the hand-made desk."""
    users = [
        {"systemuserid": guid("user", n), "fullname": name} for n, name in enumerate(("Ana", "bia", "Caio", "Davi"))
    ]
    accounts = [{"accountid": guid("account", n), "name": f"Fabrikam {n}"} for n in range(5)]
    emails = [
        {
            "activityid": guid("email", n),
            "subject": f"Mail {n}",
            "_regardingobjectid_value": guid("case", n % 4),
            "_regardingobjectid_type": "incident",
            "directioncode": n % 2 == 0,
            "createdon": FIRST_DAY + dt.timedelta(hours=n),
        }
        for n in range(10)
    ]
    audits = [
        {
            "auditid": guid("audit", n),
            "createdon": FIRST_DAY,
            "action": 2,
            "operation": 2,
            "objecttypecode": "incident" if n % 2 else "queueitem",
            "_objectid_value": guid("case", n),
            "_objectid_type": "incident",
            "_userid_value": guid("user", 0),
            "_userid_type": "systemuser",
            "changedata": '{"changedAttributes":[]}',
        }
        for n in range(6)
    ]
    return {
        "incident": arrow("incident", case_rows()),
        "systemuser": arrow("systemuser", users),
        "team": arrow("team", [{"teamid": guid("team", 0), "name": "Tier 2"}]),
        "account": arrow("account", accounts),
        "email": arrow("email", emails),
        "audit": arrow("audit", audits),
        "phonecall": arrow("phonecall", [{"activityid": guid("call", n), "subject": "x"} for n in range(CALLS)]),
        "organization": arrow("organization", [{"organizationid": guid("organization"), "isauditenabled": True}]),
        "businessunit": arrow("businessunit", [{"businessunitid": guid("unit"), "name": "Contoso"}]),
    }


@pytest.fixture(scope="session")
def tables() -> dict[str, pa.Table]:
    """The desk's tables."""
    return desk()


class _InMemory(httpx.BaseTransport):
    """Answers a synchronous client from an ASGI application."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._handle(request))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        answer = await self._transport.handle_async_request(request)
        body = await answer.aread()
        headers = [(name, value) for name, value in answer.headers.raw if name.lower() != b"content-encoding"]
        return httpx.Response(answer.status_code, headers=headers, content=body)


def memory_client(app: Starlette, **options: Any) -> httpx.Client:
    """A client of an application, without a network."""
    return httpx.Client(transport=_InMemory(app), base_url=f"{API}/", **options)


def client_of(environment: Environment, *, prefer: str | None = None) -> httpx.Client:
    """A signed-in client of an environment, in memory."""
    credentials = new_credentials()
    token = issue_token(credentials, resource=ORIGIN, lifetime=3600)
    headers = {"Authorization": f"Bearer {token}"} | ({"Prefer": prefer} if prefer else {})
    return memory_client(build_app(environment, credentials), headers=headers)


@pytest.fixture(scope="session")
def environment(tables: dict[str, pa.Table]) -> Environment:
    """The desk as an environment, shared by tests that change nothing."""
    return Environment(tables)


@pytest.fixture(scope="session")
def web(environment: Environment) -> httpx.Client:
    """A client of the desk that sends no preferences."""
    return client_of(environment)


@pytest.fixture
def switched(tables: dict[str, pa.Table]) -> Callable[..., httpx.Client]:
    """Opens the desk with other switches."""
    return lambda **switches: client_of(Environment(tables, Switches(**switches)))


@pytest.fixture(scope="session")
def sandbox(tables: dict[str, pa.Table]) -> Iterator[RunningSandbox]:
    """The desk behind TLS on a loopback port."""
    with running_server(tables) as running:
        yield running


@pytest.fixture
def https(sandbox: RunningSandbox) -> Iterator[httpx.Client]:
    """A client that trusts the sandbox's authority and nothing else."""
    context = client_context(Path(sandbox.env["D365_CA_BUNDLE"]))
    with httpx.Client(base_url=sandbox.url, verify=context, trust_env=False) as client:
        yield client


def values(response: httpx.Response) -> Rows:
    """Rows of a successful answer."""
    assert response.status_code == 200, response.text
    rows: Rows = response.json()["value"]
    return rows


def error_of(response: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of a refused request."""
    error = response.json()["error"]
    return response.status_code, error["code"], error["message"]
