"""What the application user's role allows, and the settings that a doctor reads (Web API reference 1.5 and 1.8)."""

from collections.abc import Callable

import httpx
import pytest

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.sandbox.conftest import arrow, client_of, error_of, guid, values

CRM = "Microsoft.Dynamics.CRM"
ME = guid("application")


def environment_of(**switches: object) -> Environment:
    """Cases of the caller, of a colleague of the same unit and of a stranger."""
    unit, other = guid("unit", 0), guid("unit", 1)
    users = [(ME, unit, guid("app")), (guid("user", 1), unit, None), (guid("user", 2), other, None)]
    cases = [
        {"incidentid": guid("case", n), "title": f"Case {n}", "_ownerid_value": user[0], "_ownerid_type": "systemuser"}
        for n, user in enumerate(users)
    ]
    tables = {
        "businessunit": arrow("businessunit", [{"businessunitid": unit}, {"businessunitid": other}]),
        "systemuser": arrow(
            "systemuser",
            [{"systemuserid": i, "_businessunitid_value": unit, "applicationid": app} for i, unit, app in users],
        ),
        "incident": arrow("incident", cases),
        "organization": arrow("organization", [{"organizationid": guid("organization"), "name": "contoso"}]),
    }
    return Environment(tables, Switches(**switches))  # type: ignore[arg-type]


def privilege(client: httpx.Client, name: str, user: str = ME) -> list[dict[str, str]]:
    """Role privileges of one name."""
    path = f"systemusers({user})/{CRM}.RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='{name}')"
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, str]] = answer.json()["RolePrivileges"]
    return found


@pytest.mark.parametrize(
    "name", ["prvReadIncident", "prvReadincident", "prvReadAuditSummary", "prvReadRecordAuditHistory"]
)
def test_a_privilege_is_held_unless_it_is_missing(name: str) -> None:
    [held] = privilege(client_of(environment_of()), name)
    assert (held["Depth"], held["PrivilegeName"].lower()) == ("Global", name.lower())
    assert privilege(client_of(environment_of(missing_privileges=frozenset({name}))), name) == []


def test_privileges_can_be_named_by_an_alias_and_listed() -> None:
    client = client_of(environment_of(missing_privileges=frozenset({"prvReademail"})))
    function = f"systemusers({ME})/{CRM}.RetrieveUserPrivilege"
    answer = client.get(f"{function}ByPrivilegeName(PrivilegeName=@p)", params={"@p": "'prvReadAuditSummary'"})
    assert [each["PrivilegeName"] for each in answer.json()["RolePrivileges"]] == ["prvReadAuditSummary"]
    names = {each["PrivilegeName"] for each in client.get(f"{function}s").json()["RolePrivileges"]}
    assert {"prvReadincident", "prvReadAuditSummary", "prvReadRecordAuditHistory"} <= names
    assert "prvReademail" not in names


def test_a_table_that_the_environment_lacks_has_no_privilege() -> None:
    client = client_of(environment_of(missing_tables=frozenset({"msfp_surveyresponse"})))
    assert privilege(client, "prvReadmsfp_surveyresponse") == []
    assert privilege(client, "prvReadincident") != []


def test_users_other_than_the_caller_hold_nothing_and_unknown_ones_do_not_exist() -> None:
    client = client_of(environment_of())
    assert privilege(client, "prvReadincident", guid("user", 1)) == []
    path = f"systemusers({guid('nobody')})/{CRM}.RetrieveUserPrivileges"
    assert error_of(client.get(path))[:2] == (404, "0x80040217")


def test_metadata_names_the_privilege_that_reads_a_table() -> None:
    client = client_of(environment_of())
    for table, name in (("incident", "prvReadincident"), ("audit", "prvReadAuditSummary")):
        definition = client.get(f"EntityDefinitions(LogicalName='{table}')?$select=Privileges").json()
        assert [(each["Name"], each["PrivilegeType"]) for each in definition["Privileges"]] == [(name, "Read")]
        [held] = privilege(client, name)
        assert held["PrivilegeId"] == definition["Privileges"][0]["PrivilegeId"]


def test_a_missing_table_privilege_refuses_the_table_and_no_other() -> None:
    client = client_of(environment_of(missing_privileges=frozenset({"prvReadIncident"})))
    status, code, message = error_of(client.get("incidents?$select=title"))
    assert (status, code) == (403, "0x80040220")
    assert "is missing prvReadincident privilege" in message and "on OTC=112 for entity 'incident'" in message
    assert client.get("accounts?$select=name").status_code == 200


@pytest.mark.parametrize(
    ("depth", "expected"), [("Basic", [0]), ("Local", [0, 1]), ("Deep", [0, 1]), ("Global", [0, 1, 2])]
)
def test_a_narrower_depth_reads_fewer_rows_without_a_word(depth: str, expected: list[int]) -> None:
    client = client_of(environment_of(read_depths={"incident": depth}))
    rows = values(client.get("incidents?$select=title&$orderby=title"))
    assert [row["title"] for row in rows] == [f"Case {number}" for number in expected]
    assert client.get("incidents/$count").text == str(len(expected))
    assert [held["Depth"] for held in privilege(client, "prvReadincident")] == [depth]
    tracked = client.get("incidents?$select=title", headers={"Prefer": "odata.track-changes"})
    assert tracked.status_code == (200 if depth == "Global" else 403)


def test_the_depth_of_a_table_without_owners_means_nothing() -> None:
    client = client_of(environment_of(read_depths={"systemuser": "Basic"}))
    assert len(values(client.get("systemusers?$select=fullname"))) == 3


def test_a_secured_column_comes_back_empty_and_metadata_says_why() -> None:
    environment = environment_of(secured_columns=frozenset({"incident.title"}))
    client = client_of(environment)
    rows = values(client.get("incidents?$select=title,_ownerid_value"))
    assert [row["title"] for row in rows] == [None] * 3 and all(row["_ownerid_value"] for row in rows)
    select = "$select=LogicalName,IsSecured"
    columns = values(client.get(f"EntityDefinitions(LogicalName='incident')/Attributes?{select}"))
    assert [column["LogicalName"] for column in columns if column["IsSecured"]] == ["title"]
    environment.upsert("incident", [{"incidentid": guid("case", 0), "title": "new"}])
    assert [row["title"] for row in values(client.get("incidents?$select=title"))] == [None] * 3


def test_the_organisation_and_the_callers_settings_say_what_the_switches_want() -> None:
    facts = {
        "auditsettings": '{"StoreLabelNameforPicklistAudits":true}',
        "expirechangetrackingindays": 3,
        "languagecode": 1046,
    }
    client = client_of(environment_of(organization=facts, user_settings={"uilanguageid": 1046, "timezonecode": 65}))
    [row] = values(client.get(f"organizations?$select=name,{','.join(facts)}"))
    assert {name: row[name] for name in ("name", *facts)} == {"name": "contoso", **facts}
    user = client.get("WhoAmI").json()["UserId"]
    assert user == ME
    settings = client.get(f"usersettingscollection({user})?$select=uilanguageid,localeid,timezonecode").json()
    assert (settings["uilanguageid"], settings["localeid"], settings["timezonecode"]) == (1046, 1033, 65)


def test_an_environment_without_customer_voice(switched: Callable[..., httpx.Client]) -> None:
    client = switched(missing_tables=frozenset({"msfp_surveyinvite", "msfp_surveyresponse"}))
    assert client.get("msfp_surveyresponses?$select=msfp_name").status_code == 404
    names = {row["LogicalName"] for row in values(client.get("EntityDefinitions?$select=LogicalName"))}
    assert "incident" in names and not names & {"msfp_surveyinvite", "msfp_surveyresponse"}


@pytest.mark.parametrize("cast", ["MultiSelectPicklist", "Money"])
def test_a_kind_of_column_that_no_table_has_is_no_error(cast: str) -> None:
    path = f"EntityDefinitions(LogicalName='incident')/Attributes/{CRM}.{cast}AttributeMetadata?$select=LogicalName"
    assert values(client_of(environment_of()).get(path)) == []
