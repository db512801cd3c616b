"""Rows that somebody brings: `--data DIR` and its mistakes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.rows import DataFileError, read_directory
from d365_pm_tests.sandbox.conftest import client_of, guid, values

CASE, OTHER, USER, TEAM, ACCOUNT = (guid("brought", n) for n in range(5))
ALL = {"Prefer": 'odata.include-annotations="*"'}


def write(directory: Path, name: str, *rows: dict[str, Any]) -> None:
    (directory / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def serve(directory: Path) -> httpx.Client:
    return client_of(Environment(read_directory(directory)))


def test_rows_in_api_form_come_back_as_they_were(tmp_path: Path) -> None:
    case = {
        "incidentid": CASE,
        "title": "Impressão",
        "statuscode": 5,
        "isescalated": True,
        "createdon": "2026-02-09T12:14:03Z",
        "followupby": "2026-02-10",
        "_customerid_value": ACCOUNT,
        "_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "account",
    }
    write(tmp_path, "incidents.jsonl", case)
    [row] = values(serve(tmp_path).get("incidents", headers=ALL))
    assert {name: row[name] for name in case} == case
    assert row["modifiedon"] is None


def test_lookups_may_be_written_by_logical_name_and_without_target(tmp_path: Path) -> None:
    write(tmp_path, "incident.jsonl", {"incidentid": CASE, "ownerid": TEAM}, {"incidentid": OTHER, "ownerid": USER})
    write(tmp_path, "team.jsonl", {"teamid": TEAM.upper(), "name": "Tier 2"})
    write(tmp_path, "systemusers.ndjson", {"systemuserid": f"{{{USER}}}", "fullname": "Ana"})
    rows = values(serve(tmp_path).get("incidents?$select=_ownerid_value", headers=ALL))
    found = {
        row["incidentid"]: (
            row["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"],
            row["_ownerid_value@OData.Community.Display.V1.FormattedValue"],
        )
        for row in rows
    }
    assert found == {CASE: ("team", "Tier 2"), OTHER: ("systemuser", "Ana")}


def test_the_type_column_of_our_own_rows_names_the_target(tmp_path: Path) -> None:
    write(tmp_path, "incident.jsonl", {"incidentid": CASE, "_ownerid_value": USER, "_ownerid_type": "systemuser"})
    [row] = values(serve(tmp_path).get("incidents", headers=ALL))
    assert row["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "systemuser"
    assert "_ownerid_type" not in row


def test_parquet_may_hold_typed_or_text_columns(tmp_path: Path) -> None:
    import datetime as dt

    table = pa.table(
        {
            "incidentid": [CASE, OTHER],
            "createdon": pa.array([dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)] * 2, pa.timestamp("ns", tz="UTC")),
            "modifiedon": ["2026-02-09 13:00:00", "2026-02-09T10:00:00-03:00"],
            "statuscode": pa.array([1.0, None], pa.float64()),
            "prioritycode": pa.array(["2", ""], pa.string()).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "incident.parquet")
    rows = values(serve(tmp_path).get("incidents?$select=createdon,modifiedon,statuscode,prioritycode"))
    found = {
        row["incidentid"]: [row[n] for n in ("createdon", "modifiedon", "statuscode", "prioritycode")] for row in rows
    }
    assert found == {
        CASE: ["2026-02-09T12:00:00Z", "2026-02-09T13:00:00Z", 1, 2],
        OTHER: ["2026-02-09T12:00:00Z", "2026-02-09T13:00:00Z", None, None],
    }


def test_unknown_columns_become_custom_columns_of_inferred_type(tmp_path: Path) -> None:
    row = {
        "incidentid": CASE,
        "new_flag": True,
        "new_count": 7,
        "new_big": 2**40,
        "new_amount": 12.5,
        "new_when": "2026-02-09T12:14:03Z",
        "new_text": "x",
        "_new_site_value": ACCOUNT,
    }
    write(tmp_path, "incident.jsonl", row)
    write(tmp_path, "account.jsonl", {"accountid": ACCOUNT, "name": "Fabrikam"})
    client = serve(tmp_path)
    attributes = values(
        client.get(
            "EntityDefinitions(LogicalName='incident')/Attributes?$select=AttributeType,IsCustomAttribute,LogicalName"
        )
    )
    found = {each["LogicalName"]: each["AttributeType"] for each in attributes if each["IsCustomAttribute"]}
    assert found == {
        "new_flag": "Boolean",
        "new_count": "Integer",
        "new_big": "BigInt",
        "new_amount": "Decimal",
        "new_when": "DateTime",
        "new_text": "String",
        "new_site": "Lookup",
    }
    [served] = values(client.get("incidents", headers=ALL))
    assert {name: served[name] for name in row} == row
    assert served["_new_site_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "account"
    assert values(client.get("incidents?$filter=new_amount gt 12 and new_flag eq true")) != []


def test_decimals_keep_their_digits(tmp_path: Path) -> None:
    write(tmp_path, "incident.jsonl", {"incidentid": CASE, "new_amount": 20000.1234})
    assert '"new_amount":20000.1234000000' in serve(tmp_path).get("incidents?$select=new_amount").text


def test_brought_labels_replace_and_add_options(tmp_path: Path) -> None:
    write(
        tmp_path,
        "incident.jsonl",
        {"incidentid": CASE, "statecode": 1, "statuscode": 7},
        {"incidentid": OTHER, "statuscode": 5},
    )
    label = {"objecttypecode": "incident", "attributename": "statuscode"}
    write(
        tmp_path,
        "stringmap.jsonl",
        {"stringmapid": guid("s", 1), "attributevalue": 7, "value": "Closed", "langid": 1033, **label},
        {"stringmapid": guid("s", 2), "attributevalue": 7, "value": "Fechado", "langid": 1046, **label},
        {"stringmapid": guid("s", 3), "attributevalue": 5, "value": "Resolvido de vez", "langid": 1046, **label},
    )
    client = serve(tmp_path)
    path = "EntityDefinitions(LogicalName='incident')/Attributes/Microsoft.Dynamics.CRM.StatusAttributeMetadata"
    [column] = values(client.get(f"{path}?$select=LogicalName&$expand=OptionSet"))
    options = {option["Value"]: option for option in column["OptionSet"]["Options"]}
    labels = {
        code: [label["Label"] for label in option["Label"]["LocalizedLabels"]] for code, option in options.items()
    }
    assert (labels[7], labels[5]) == (["Closed", "Fechado"], ["Problem Solved", "Resolvido de vez"])
    assert options[7]["State"] == 1
    rows = values(
        client.get(
            "stringmaps?$filter=attributevalue eq 7 and attributename eq 'statuscode' and objecttypecode eq 'incident'"
        )
    )
    assert {(row["langid"], row["value"]) for row in rows} == {(1033, "Closed"), (1046, "Fechado")}


def test_tables_without_a_file_are_empty_but_exist(tmp_path: Path) -> None:
    write(tmp_path, "incident.jsonl", {"incidentid": CASE})
    client = serve(tmp_path)
    assert values(client.get("emails")) == values(client.get("audits?$filter=objecttypecode eq 'incident'")) == []


def test_an_environment_always_has_its_organisation_and_the_callers_settings(tmp_path: Path) -> None:
    write(tmp_path, "incident.jsonl", {"incidentid": CASE})
    write(tmp_path, "systemuser.jsonl", {"systemuserid": USER, "applicationid": OTHER}, {"systemuserid": TEAM})
    client = serve(tmp_path)
    who = client.get("WhoAmI").json()
    assert who["UserId"] == USER
    [organization] = values(client.get("organizations?$select=isauditenabled,languagecode"))
    assert (organization["organizationid"], organization["isauditenabled"]) == (who["OrganizationId"], False)
    assert client.get(f"usersettingscollection({USER})?$select=uilanguageid").json()["uilanguageid"] == 1033


def test_blank_lines_and_empty_files_are_no_rows(tmp_path: Path) -> None:
    (tmp_path / "incident.jsonl").write_text(f'\n{{"incidentid":"{CASE}"}}\n\n')
    assert len(values(serve(tmp_path).get("incidents"))) == 1


Prepare = Callable[[Path], None]


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        pytest.param(lambda d: None, "holds no .parquet, .jsonl, .ndjson or .json file", id="empty directory"),
        pytest.param(lambda d: write(d, "cases.jsonl", {}), "cases.jsonl is named after no table", id="unknown table"),
        pytest.param(
            lambda d: (d / "incident.jsonl").write_text(f'{{"incidentid":"{CASE}"}}\n{{oops\n'),
            "incident.jsonl, line 2: not a JSON object",
            id="not JSON",
        ),
        pytest.param(
            lambda d: (d / "incident.parquet").write_text("x"),
            "incident.parquet is not a readable Parquet file",
            id="not Parquet",
        ),
        pytest.param(
            lambda d: write(d, "incident.jsonl", {"incidentid": CASE}, {"incidentid": OTHER, "createdon": "secret"}),
            "incident.jsonl, line 2, column createdon: the value must be a date and time",
            id="not an instant",
        ),
        pytest.param(
            lambda d: write(d, "incident.jsonl", {"incidentid": CASE, "statuscode": "secret"}),
            "incident.jsonl, line 1, column statuscode: the value must be a whole number",
            id="not a number",
        ),
        pytest.param(
            lambda d: write(d, "incident.jsonl", {"incidentid": CASE, "ownerid": "secret"}),
            "incident.jsonl, line 1, column ownerid: the value must be a GUID",
            id="not a GUID",
        ),
        pytest.param(
            lambda d: write(d, "incident.jsonl", {"incidentid": CASE, "isescalated": "secret"}),
            "incident.jsonl, line 1, column isescalated: the value must be true or false",
            id="not a boolean",
        ),
        pytest.param(
            lambda d: pq.write_table(pa.table({"incidentid": [CASE], "statuscode": [2.5]}), d / "incident.parquet"),
            "incident.parquet, row 1, column statuscode: the value must be a whole number",
            id="fraction in Parquet",
        ),
        pytest.param(lambda d: write(d, "incident.jsonl", {"title": "x"}), "lacks the column incidentid", id="no key"),
        pytest.param(
            lambda d: write(d, "incident.jsonl", {"incidentid": CASE}, {"incidentid": None}),
            "incident.jsonl, line 2, column incidentid: the key is empty",
            id="empty key",
        ),
        pytest.param(
            lambda d: write(d, "incident.jsonl", {"incidentid": CASE}, {"incidentid": CASE.upper()}),
            "incident.jsonl, line 2, column incidentid: an earlier row has the same key",
            id="repeated key",
        ),
        pytest.param(
            lambda d: [write(d, name, {"incidentid": CASE}) for name in ("incident.jsonl", "incidents.jsonl")],
            "both hold the table incident",
            id="two files for one table",
        ),
    ],
)
def test_bad_data_is_one_clear_sentence_without_the_value(tmp_path: Path, prepare: Prepare, message: str) -> None:
    prepare(tmp_path)
    with pytest.raises(DataFileError) as caught:
        Environment(read_directory(tmp_path))
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="is not a directory"):
        read_directory(tmp_path / "nowhere")
