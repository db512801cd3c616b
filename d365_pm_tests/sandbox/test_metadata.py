"""`EntityDefinitions`, `stringmaps` and `$metadata` (Web API reference 8)."""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from d365_pm.sandbox.schema import TABLES
from d365_pm_tests.sandbox.conftest import API, error_of, values

CRM = "Microsoft.Dynamics.CRM"
INCIDENT = "EntityDefinitions(LogicalName='incident')"
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


def test_a_table_by_its_name(web: httpx.Client) -> None:
    keys = "PrimaryIdAttribute,PrimaryNameAttribute"
    select = f"LogicalName,EntitySetName,{keys},ObjectTypeCode,ChangeTrackingEnabled,TableType"
    definition = web.get(f"{INCIDENT}?$select={select}").json()
    assert definition.pop("MetadataId")
    assert definition == {
        "@odata.context": f"{API}/$metadata#EntityDefinitions/$entity",
        "LogicalName": "incident",
        "EntitySetName": "incidents",
        "PrimaryIdAttribute": "incidentid",
        "PrimaryNameAttribute": "title",
        "ObjectTypeCode": 112,
        "ChangeTrackingEnabled": True,
        "TableType": "Standard",
    }


def test_a_table_by_its_metadata_id(web: httpx.Client) -> None:
    row_id = web.get(f"{INCIDENT}?$select=LogicalName").json()["MetadataId"]
    assert web.get(f"EntityDefinitions({row_id})?$select=LogicalName").json()["LogicalName"] == "incident"


@pytest.mark.parametrize(
    ("table", "is_audited"), [("incident", True), ("incidentresolution", False), ("subject", False)]
)
def test_audit_switches_are_objects(web: httpx.Client, table: str, is_audited: bool) -> None:
    definition = web.get(f"EntityDefinitions(LogicalName='{table}')?$select=IsAuditEnabled").json()
    assert definition["IsAuditEnabled"] == {
        "Value": is_audited,
        "CanBeChanged": True,
        "ManagedPropertyLogicalName": "canmodifyauditsettings",
    }


def test_the_catalogue_never_pages_and_ignores_top(web: httpx.Client) -> None:
    headers = {"Prefer": "odata.maxpagesize=2"}
    body = web.get("EntityDefinitions?$select=LogicalName,EntitySetName&$top=1", headers=headers).json()
    assert "@odata.nextLink" not in body
    assert {row["LogicalName"]: row["EntitySetName"] for row in body["value"]} == {
        name: table.entity_set for name, table in TABLES.items()
    }


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("LogicalName eq 'queueitem'", {"queueitem"}),
        ("TableType eq 'AuditStorage'", {"audit"}),
        (
            "ChangeTrackingEnabled eq false and IsAuditEnabled/Value eq true",
            {"queue", "businessunit"},
        ),
        (
            "ChangeTrackingEnabled eq true and IsAuditEnabled/Value eq true and ObjectTypeCode ne 112",
            {
                "queueitem",
                "systemuser",
                "team",
                "account",
                "contact",
                "product",
                "knowledgearticle",
            },
        ),
    ],
)
def test_the_catalogue_can_be_filtered(web: httpx.Client, condition: str, expected: set[str]) -> None:
    rows = values(web.get("EntityDefinitions", params={"$select": "LogicalName", "$filter": condition}))
    assert {row["LogicalName"] for row in rows} == expected


def test_some_environments_refuse_a_filter_on_the_catalogue(switched: Callable[..., httpx.Client]) -> None:
    client = switched(filters_definitions=False)
    answer = client.get("EntityDefinitions?$select=LogicalName&$filter=LogicalName eq 'incident'")
    assert error_of(answer)[:2] == (400, "0x80060888")


def columns_of(web: httpx.Client, table: str) -> dict[str, dict[str, Any]]:
    select = "LogicalName,AttributeType,AttributeOf,IsValidForRead,IsLogical,IsSecured,ColumnNumber,IsAuditEnabled"
    rows = values(web.get(f"EntityDefinitions(LogicalName='{table}')/Attributes?$select={select}"))
    return {row["LogicalName"]: row for row in rows}


@pytest.mark.parametrize("table", TABLES)
def test_exactly_the_columns_that_metadata_calls_readable_can_be_selected(web: httpx.Client, table: str) -> None:
    columns = columns_of(web, table)
    lookups = {"Lookup", "Customer", "Owner"}
    names = [
        f"_{name}_value" if column["AttributeType"] in lookups else name
        for name, column in columns.items()
        if column["IsValidForRead"] and column["AttributeOf"] is None
    ]
    assert web.get(f"{TABLES[table].entity_set}?$select={','.join(names)}&$top=1").status_code == 200
    derived = [name for name, column in columns.items() if column["AttributeOf"]]
    for name in derived[:1]:
        assert web.get(f"{TABLES[table].entity_set}?$select={name}").status_code == 400


def test_columns_say_what_they_are(web: httpx.Client) -> None:
    columns = columns_of(web, "incident")
    kinds = {
        name: columns[name]["AttributeType"] for name in ("customerid", "ownerid", "statecode", "statuscode", "title")
    }
    assert kinds == {
        "customerid": "Customer",
        "ownerid": "Owner",
        "statecode": "State",
        "statuscode": "Status",
        "title": "String",
    }
    assert (columns["statuscodename"]["AttributeType"], columns["statuscodename"]["AttributeOf"]) == (
        "Virtual",
        "statuscode",
    )
    assert columns["statuscode"]["@odata.type"] == f"#{CRM}.StatusAttributeMetadata"
    assert len({column["ColumnNumber"] for column in columns.values()}) == len(columns)
    assert columns_of(web, "audit")["changedata"]["IsValidForRead"] is False


def test_status_options_as_the_reference_shows_them(switched: Callable[..., httpx.Client]) -> None:
    expand = "OptionSet($select=Options),GlobalOptionSet($select=Options)"
    path = f"{INCIDENT}/Attributes/{CRM}.StatusAttributeMetadata"
    [column] = values(switched(user_language=1046).get(f"{path}?$select=LogicalName&$expand={expand}"))
    assert (column["LogicalName"], column["GlobalOptionSet"]) == ("statuscode", None)
    options = {option["Value"]: option for option in column["OptionSet"]["Options"]}
    assert set(options) == {1, 2, 3, 4, 5, 1000, 6, 2000}
    solved = options[5]
    labels = [(label["Label"], label["LanguageCode"]) for label in solved["Label"]["LocalizedLabels"]]
    assert labels == [("Problem Solved", 1033), ("Problema Resolvido", 1046)]
    assert solved["Label"]["UserLocalizedLabel"]["LanguageCode"] == 1046
    assert (solved["State"], solved["TransitionData"], solved["MetadataId"]) == (1, None, None)
    assert solved["Description"] == {"LocalizedLabels": [], "UserLocalizedLabel": None}


def test_a_user_whose_language_is_not_installed_has_no_label(switched: Callable[..., httpx.Client]) -> None:
    path = f"{INCIDENT}/Attributes(LogicalName='statecode')/{CRM}.StateAttributeMetadata"
    column = switched(user_language=1031).get(f"{path}?$select=LogicalName&$expand=OptionSet").json()
    assert [option["Label"]["UserLocalizedLabel"] for option in column["OptionSet"]["Options"]] == [None, None, None]


def test_boolean_and_date_columns_have_their_own_casts(web: httpx.Client) -> None:
    flags = values(
        web.get(f"{INCIDENT}/Attributes/{CRM}.BooleanAttributeMetadata?$select=LogicalName&$expand=OptionSet")
    )
    escalated = next(flag for flag in flags if flag["LogicalName"] == "isescalated")["OptionSet"]
    assert (escalated["TrueOption"]["Value"], escalated["FalseOption"]["Value"]) == (1, 0)
    dates = values(
        web.get(f"{INCIDENT}/Attributes/{CRM}.DateTimeAttributeMetadata?$select=LogicalName,Format,DateTimeBehavior")
    )
    found = {date["LogicalName"]: (date["Format"], date["DateTimeBehavior"]["Value"]) for date in dates}
    assert found["createdon"] == ("DateAndTime", "UserLocal")
    assert found["followupby"] == ("DateOnly", "DateOnly")
    assert found["overriddencreatedon"] == ("DateOnly", "UserLocal")


def test_relationships_name_their_navigation_properties(web: httpx.Client) -> None:
    select = "ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName"
    rows = values(web.get(f"{INCIDENT}/ManyToOneRelationships?$select={select}"))
    found = {
        (row["ReferencingAttribute"], row["ReferencedEntity"]): row["ReferencingEntityNavigationPropertyName"]
        for row in rows
    }
    assert found["customerid", "contact"] == "customerid_contact"
    assert found["slaid", "sla"] == "slaid_sla"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("EntityDefinitions(LogicalName='nothing')", 404),
        (f"{INCIDENT}/Attributes(LogicalName='nothing')", 404),
        (f"{INCIDENT}/Attributes/{CRM}.EnumAttributeMetadata", 404),
        (f"{INCIDENT}/Nothing", 404),
        (f"{INCIDENT}?$select=Nothing", 400),
        (f"{INCIDENT}/Attributes?$select=LogicalName&$expand=OptionSet", 400),
    ],
)
def test_refused_metadata_requests(web: httpx.Client, path: str, status: int) -> None:
    assert web.get(path).status_code == status


def test_stringmaps_hold_every_label_in_every_language(web: httpx.Client) -> None:
    condition = "objecttypecode eq 'incident' and attributename eq 'statuscode'"
    query = f"stringmaps?$filter={condition}&$select=attributevalue,value,langid"
    found = {(row["attributevalue"], row["langid"]): row["value"] for row in values(web.get(query))}
    assert found[5, 1033] == "Problem Solved"
    assert found[1000, 1046] == "Informação Fornecida"
    assert len(found) == 16


def test_csdl_lists_exactly_the_selectable_properties(web: httpx.Client) -> None:
    answer = web.get("$metadata", headers={"Accept": "application/xml"})
    assert answer.headers["Content-Type"] == "application/xml"
    types = {each.attrib["Name"]: each for each in ElementTree.fromstring(answer.content).iter(f"{EDM}EntityType")}
    properties = {each.attrib["Name"]: each.attrib["Type"] for each in types["incident"].iter(f"{EDM}Property")}
    assert set(properties) == set(TABLES["incident"].by_wire_name)
    assert (properties["createdon"], properties["followupby"], properties["_ownerid_value"]) == (
        "Edm.DateTimeOffset",
        "Edm.Date",
        "Edm.Guid",
    )
    navigations = {
        each.attrib["Name"]: each.attrib["Type"] for each in types["incident"].iter(f"{EDM}NavigationProperty")
    }
    assert navigations["customerid_account"] == "mscrm.account"
    assert navigations["Incident_Emails"] == "Collection(mscrm.email)"
    assert navigations["ownerid"] == "mscrm.principal"


def test_csdl_annotations_say_which_sets_track_changes(web: httpx.Client) -> None:
    document = ElementTree.fromstring(web.get("$metadata?annotations=true").content)
    tracked = {
        each.attrib["Name"] for each in document.iter(f"{EDM}EntitySet") if each.find(f"{EDM}Annotation") is not None
    }
    assert "incidents" in tracked and "stringmaps" not in tracked
