"""Writes to a running environment: rows that come, change, go and come back, columns that are added and removed."""

import datetime as dt
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import polars as pl
import pytest

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.rows import DataFileError
from d365_pm.sandbox.schema import AttributeType, Column
from d365_pm_tests.sandbox.conftest import CASES, case_rows, client_of, desk, error_of, guid, values

NOW = dt.datetime(2026, 3, 1, 12, 30, 15, 999, tzinfo=dt.UTC)
METADATA_VERSION = "@Microsoft.Dynamics.CRM.globalmetadataversion"


@pytest.fixture
def live() -> Environment:
    """The hand-made desk, at a fixed instant."""
    environment = Environment(desk())
    environment.clock = lambda: NOW
    return environment


def case(client: httpx.Client, row_id: str) -> dict[str, Any]:
    row: dict[str, Any] = client.get(f"incidents({row_id})").json()
    return row


def test_a_change_touches_only_the_columns_that_it_names(live: Environment) -> None:
    client, before = client_of(live), case_rows()[3]
    unchanged = case(client, guid("case", 4))
    live.upsert("incident", [{"incidentid": before["incidentid"], "title": "Changed", "prioritycode": None}])
    after = case(client, before["incidentid"])
    assert (after["title"], after["prioritycode"], after["ticketnumber"]) == ("Changed", None, "CAS-00003")
    assert (after["modifiedon"], after["createdon"]) == ("2026-03-01T12:30:15Z", "2026-02-01T00:00:00Z")
    assert after["_ownerid_value"] == before["_ownerid_value"]
    assert case(client, guid("case", 4)) == unchanged


def test_a_new_row_is_born_now_and_empty_where_nothing_was_said(live: Environment) -> None:
    live.upsert("incident", [{"incidentid": guid("new"), "title": "New"}])
    row = case(client_of(live), guid("new"))
    assert (row["createdon"], row["modifiedon"]) == ("2026-03-01T12:30:15Z",) * 2
    assert (row["title"], row["statecode"], row["_ownerid_value"]) == ("New", None, None)


def test_instants_that_a_row_brings_stand(live: Environment) -> None:
    row = {"incidentid": guid("new"), "createdon": "2026-01-01T01:02:03Z", "modifiedon": "2026-01-02T00:00:00Z"}
    live.upsert("incident", [row])
    found = case(client_of(live), guid("new"))
    assert (found["createdon"], found["modifiedon"]) == ("2026-01-01T01:02:03Z", "2026-01-02T00:00:00Z")


def test_every_write_of_the_environment_gets_a_higher_version_number(live: Environment) -> None:
    start = live.version_number
    assert start >= 1000 + CASES - 1, "no row may have a number beyond the start"
    live.upsert("incident", [{"incidentid": guid("case", 1), "title": "a"}, {"incidentid": guid("case", 0)}])
    live.upsert("account", [{"accountid": guid("account", 0), "name": "b"}])
    assert live.delete("incident", [guid("case", 2)]) == 1
    live.upsert("incident", [{"incidentid": guid("case", 1), "title": "c"}])
    client = client_of(live)
    numbers = [
        client.get(path).json()["versionnumber"] - start
        for path in (
            f"incidents({guid('case', 0)})",
            f"accounts({guid('account', 0)})",
            f"incidents({guid('case', 1)})",
        )
    ]
    assert numbers == [2, 3, 5]
    assert live.version_number == start + 5


def test_rows_with_different_columns_go_in_together(live: Environment) -> None:
    live.upsert(
        "incident",
        [
            {"incidentid": guid("case", 1), "title": "a"},
            {"incidentid": guid("new"), "onholdtime": 7, "isescalated": True},
            {"incidentid": guid("case", 1), "title": "b"},
        ],
    )
    client = client_of(live)
    assert case(client, guid("case", 1))["title"] == "b"
    assert case(client, guid("new"))["onholdtime"] == 7 and case(client, guid("new"))["isescalated"] is True


def test_deleted_rows_are_gone_and_may_come_back(live: Environment) -> None:
    client = client_of(live)
    assert live.delete("incident", [guid("case", 5).upper(), guid("nobody")]) == 1
    assert error_of(client.get(f"incidents({guid('case', 5)})"))[:2] == (404, "0x80040217")
    assert client.get("incidents/$count").text == str(CASES - 1)
    live.upsert("incident", [{"incidentid": guid("case", 5), "title": "Back"}])
    assert case(client, guid("case", 5))["title"] == "Back"
    assert case(client, guid("case", 5))["ticketnumber"] is None
    assert client.get("incidents/$count").text == str(CASES)


def test_a_lookup_without_its_target_finds_the_table_that_holds_the_id(live: Environment) -> None:
    live.upsert("incident", [{"incidentid": guid("case", 1), "_ownerid_value": guid("team", 0)}])
    client = client_of(live, prefer='odata.include-annotations="*"')
    row = case(client, guid("case", 1))
    assert row["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "team"
    assert row["_ownerid_value@OData.Community.Display.V1.FormattedValue"] == "Tier 2"


def test_lookups_to_ids_that_no_table_holds_have_no_target() -> None:
    empty = Environment({})
    letters = [{"activityid": guid("mail", n), "_regardingobjectid_value": guid("nobody")} for n in range(2)]
    empty.upsert("email", letters)
    found = values(client_of(empty, prefer='odata.include-annotations="*"').get("emails"))
    assert [row["_regardingobjectid_value"] for row in found] == [guid("nobody")] * 2
    assert not any("_regardingobjectid_value@Microsoft.Dynamics.CRM.lookuplogicalname" in row for row in found)


def test_a_frame_may_be_written_as_well(live: Environment) -> None:
    frame = pl.DataFrame({"incidentid": [guid("case", 0), guid("new")], "title": ["x", "y"]})
    live.upsert("incident", frame)
    client = client_of(live)
    assert [case(client, row_id)["title"] for row_id in frame["incidentid"]] == ["x", "y"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param({"incidentid": guid("new"), "new_colour": "red"}, "new_colour", id="unknown column"),
        pytest.param({"title": "no key"}, "incidentid", id="no key"),
        pytest.param({"incidentid": guid("new"), "prioritycode": "secret"}, "whole number", id="unfit value"),
    ],
)
def test_rows_that_do_not_fit_are_refused_without_their_values(
    live: Environment, row: dict[str, Any], message: str
) -> None:
    start = live.version_number
    with pytest.raises(DataFileError, match=message) as caught:
        live.upsert("incident", [row])
    assert "red" not in str(caught.value) and "secret" not in str(caught.value)
    assert live.version_number == start


def test_replacing_rows_writes_only_what_differs(live: Environment) -> None:
    start = live.version_number
    rows = live.tables["incident"].rows
    other = rows.filter(pl.col("ticketnumber") != "CAS-00007").with_columns(
        pl.when(pl.col("ticketnumber") == "CAS-00003").then(pl.lit("x")).otherwise("title").alias("title")
    )
    live.replace_rows("incident", other)
    assert live.version_number == start + 2, "one deletion and one change"
    client = client_of(live)
    assert case(client, guid("case", 3))["versionnumber"] == start + 2
    assert case(client, guid("case", 4))["versionnumber"] == 1004
    live.replace_rows("incident", live.tables["incident"].rows)
    assert live.version_number == start + 2


def test_a_new_column_is_there_at_once_and_moves_the_schema_version(live: Environment) -> None:
    client = client_of(live, prefer='odata.include-annotations="*"')
    before = client.get("incidents?$select=title").json()[METADATA_VERSION]
    assert error_of(client.get("incidents?$select=new_weight"))[0] == 400
    live.add_column("incident", Column("new_weight", AttributeType.DECIMAL, is_custom=True))
    live.upsert("incident", [{"incidentid": guid("case", 0), "new_weight": Decimal("2.5")}])
    answer = client.get("incidents?$select=new_weight").json()
    assert int(answer[METADATA_VERSION]) > int(before)
    assert sorted(row["new_weight"] for row in answer["value"] if row["new_weight"] is not None) == [2.5]
    shown = values(client.get("EntityDefinitions(LogicalName='incident')/Attributes?$select=LogicalName"))
    assert "new_weight" in {each["LogicalName"] for each in shown}
    live.remove_column("incident", "new_weight")
    assert error_of(client.get("incidents?$select=new_weight"))[0] == 400
    assert int(client.get("incidents?$select=title").json()[METADATA_VERSION]) > int(answer[METADATA_VERSION])


def test_readers_never_see_half_a_write(live: Environment) -> None:
    """One thread writes two rows at a time, always alike; the pages of another hold them alike."""
    client = client_of(live)
    pair = [guid("case", 0), guid("case", 1)]
    done = threading.Event()

    def write() -> None:
        for number in range(60):
            live.upsert("incident", [{"incidentid": row_id, "title": str(number)} for row_id in pair])
        done.set()

    def seen() -> Iterator[set[str]]:
        while not done.is_set():
            rows = values(client.get("incidents?$select=title&$orderby=ticketnumber"))
            yield {row["title"] for row in rows if row["incidentid"] in pair}

    live.upsert("incident", [{"incidentid": row_id, "title": "x"} for row_id in pair])
    writer = threading.Thread(target=write)
    writer.start()
    titles = list(seen())
    writer.join(30)
    assert titles and all(len(each) == 1 for each in titles)
    assert {case(client, row_id)["title"] for row_id in pair} == {"59"}
