"""`RetrieveMetadataChanges` (Web API reference 8)."""

import datetime as dt
import json
from typing import Any

import httpx
import pytest

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.schema import AttributeType, Column
from d365_pm_tests.sandbox.conftest import client_of, desk, error_of

NOW = dt.datetime(2026, 2, 9, 8, tzinfo=dt.UTC)
WEIGHT = Column("new_weight", AttributeType.INTEGER, is_custom=True)
QUERY = {
    "Criteria": {
        "FilterOperator": "And",
        "Conditions": [
            {
                "PropertyName": "LogicalName",
                "ConditionOperator": "In",
                "Value": {"Value": ["incident", "account"], "Type": "System.String[]"},
            }
        ],
    },
    "Properties": {"AllProperties": False, "PropertyNames": ["EntitySetName", "Attributes"]},
    "AttributeQuery": {"Properties": {"AllProperties": False, "PropertyNames": ["AttributeType"]}},
}
DELETED = "Microsoft.Dynamics.CRM.DeletedMetadataFilters'Attribute'"


@pytest.fixture
def environment() -> Environment:
    """The hand-made desk at a fixed instant."""
    environment = Environment(desk())
    environment.clock = lambda: NOW
    return environment


def ask(client: httpx.Client, stamp: str | None = None) -> httpx.Response:
    arguments = "Query=@p1,DeletedMetadataFilters=@p2" + (",ClientVersionStamp=@p3" if stamp else "")
    given = {"@p1": json.dumps(QUERY), "@p2": DELETED} | ({"@p3": f"'{stamp}'"} if stamp else {})
    return client.get(f"RetrieveMetadataChanges({arguments})", params=given)


def found(client: httpx.Client, stamp: str | None = None) -> dict[str, Any]:
    answer = ask(client, stamp)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_first_call_describes_the_wanted_tables(environment: Environment) -> None:
    body = found(client_of(environment))
    tables = {each["LogicalName"]: each for each in body["EntityMetadata"]}
    assert tables.keys() == {"incident", "account"}
    assert tables["incident"].keys() == {"LogicalName", "MetadataId", "HasChanged", "EntitySetName", "Attributes"}
    columns = {each["LogicalName"]: each["AttributeType"] for each in tables["incident"]["Attributes"]}
    assert columns["title"] == "String" and columns["prioritycode"] == "Picklist"
    assert body["DeletedMetadata"]["Count"] == 0


def test_without_a_change_nothing_is_told(environment: Environment) -> None:
    client = client_of(environment)
    stamp = found(client)["ServerVersionStamp"]
    environment.upsert("account", [{"accountid": "00000000-0000-4000-8000-000000000001"}])
    assert found(client, stamp)["EntityMetadata"] == []


def test_added_and_removed_columns_are_told(environment: Environment) -> None:
    client = client_of(environment)
    start = found(client)["ServerVersionStamp"]
    environment.add_column("incident", WEIGHT)
    added = found(client, start)
    [table] = added["EntityMetadata"]
    [column] = table["Attributes"]
    assert (table["LogicalName"], column["LogicalName"], column["AttributeType"]) == (
        "incident",
        "new_weight",
        "Integer",
    )
    environment.remove_column("incident", "new_weight")
    removed = found(client, added["ServerVersionStamp"])
    assert removed["DeletedMetadata"]["Keys"] == ["Attribute"]
    assert removed["DeletedMetadata"]["Values"] == [[column["MetadataId"]]]
    assert found(client, removed["ServerVersionStamp"])["EntityMetadata"] == []


def test_a_stamp_expires_after_ninety_days(environment: Environment) -> None:
    client = client_of(environment)
    stamp = found(client)["ServerVersionStamp"]
    environment.clock = lambda: NOW + dt.timedelta(days=90)
    assert ask(client, stamp).status_code == 200
    environment.clock = lambda: NOW + dt.timedelta(days=90, seconds=1)
    assert error_of(ask(client, stamp))[:2] == (400, "0x80044352")
    assert error_of(ask(client, "no stamp"))[:2] == (400, "0x80044352")
