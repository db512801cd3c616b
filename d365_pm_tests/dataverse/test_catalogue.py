"""What an environment offers, found out in spite of what it refuses to say."""

import re
from typing import Any

import httpx
import pyarrow as pa
import pytest

from d365_pm.dataverse.catalogue import Catalogue
from d365_pm.dataverse.errors import PrivilegeError, RequirementError
from d365_pm.dataverse.registry import TABLES, Kind, Table
from d365_pm.dataverse.shape import TableShape
from d365_pm_tests.dataverse.wire import Setup, error, rows, run

TYPES = {
    Kind.ID: "Uniqueidentifier",
    Kind.TEXT: "String",
    Kind.WHOLE: "Integer",
    Kind.BIG: "BigInt",
    Kind.DECIMAL: "Decimal",
    Kind.MOMENT: "DateTime",
    Kind.DAY: "DateTime",
    Kind.FLAG: "Boolean",
    Kind.CHOICE: "Picklist",
    Kind.LOOKUP: "Lookup",
}
UNKNOWN = "Could not find a property named '{}' on type 'Microsoft.Dynamics.CRM.x'."


def managed(value: bool) -> dict[str, Any]:
    return {"Value": value, "CanBeChanged": True, "ManagedPropertyLogicalName": "canmodifyauditsettings"}


def attribute(name: str, kind: str, **facts: Any) -> dict[str, Any]:
    plain = {"LogicalName": name, "AttributeType": kind, "AttributeOf": None, "IsValidForRead": True}
    return plain | {"IsSecured": False, "IsAuditEnabled": managed(True), "IsCustomAttribute": False} | facts


class Environment:
    """Tables of the registry, some changed; parts of the metadata can be switched off."""

    def __init__(self, *, without: tuple[str, ...] = (), definitions: bool = True, csdl: bool = True) -> None:
        self.tables = {name: table for name, table in TABLES.items() if name not in without}
        self.hidden: dict[str, set[str]] = {}
        self.keys: dict[str, str] = {}
        self.extra: list[dict[str, Any]] = []
        self.facts: dict[tuple[str, str], dict[str, Any]] = {}
        self.definitions = definitions
        self.csdl = csdl

    def columns(self, table: Table) -> list[dict[str, Any]]:
        return [
            attribute(column.name, TYPES[column.kind], **self.facts.get((table.name, column.name), {}))
            for column in table.columns
            if column.name not in self.hidden.get(table.name, ())
        ]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/data/v9.2/")
        if path == "$metadata":
            return (
                self._xml()
                if self.csdl
                else error(404, "0x80060888", "Resource not found for the segment '$metadata'.")
            )
        if match := re.fullmatch(r"EntityDefinitions\(LogicalName='(\w+)'\)(/Attributes)?", path):
            return self._definition(match.group(1), attributes=bool(match.group(2)))
        return self._rows(path, request.url.params["$select"].split(","))

    def _definition(self, name: str, *, attributes: bool) -> httpx.Response:
        if not self.definitions:
            return error(400, "0x80060888", "The query parameter $select is not supported")
        if name not in self.tables:
            return error(404, "0x80060888", "Could not find an entity with specified properties.")
        table = self.tables[name]
        if attributes:
            return rows(*self.columns(table), *self.extra)
        key = self.keys.get(name, table.key)
        body = {"LogicalName": name, "EntitySetName": table.entity_set, "PrimaryIdAttribute": key}
        return httpx.Response(200, json=body | {"IsAuditEnabled": managed(False), "ChangeTrackingEnabled": True})

    def _rows(self, path: str, select: list[str]) -> httpx.Response:
        table = next((table for table in self.tables.values() if table.entity_set == path), None)
        if table is None:
            return error(404, "0x80060888", f"Resource not found for the segment '{path}'.")
        hidden = self.hidden.get(table.name, set())
        known = {column.wire_name for column in table.columns if column.name not in hidden}
        unknown = [name for name in select if name not in known]
        return error(400, "0x80060888", UNKNOWN.format(unknown[0])) if unknown else rows()

    def _xml(self) -> httpx.Response:
        edm = {Kind.MOMENT: "DateTimeOffset", Kind.FLAG: "Boolean", Kind.WHOLE: "Int32", Kind.CHOICE: "Int32"}
        types, sets = [], []
        for table in self.tables.values():
            shown = [c for c in table.columns if c.name not in self.hidden.get(table.name, ())]
            base = ""
            if table.name == "email":
                base = ' BaseType="mscrm.activitypointer"'
                inherited = {column.name for column in self.tables["activitypointer"].columns}
                shown = [column for column in shown if column.name not in inherited]
            inner = "".join(f'<Property Name="{c.wire_name}" Type="Edm.{edm.get(c.kind, "String")}"/>' for c in shown)
            types.append(f'<EntityType Name="{table.name}"{base}>{inner}</EntityType>')
            sets.append(f'<EntitySet Name="{table.entity_set}" EntityType="Microsoft.Dynamics.CRM.{table.name}"/>')
        body = (
            '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
            '<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
            f'{"".join(types)}<EntityContainer Name="System">{"".join(sets)}</EntityContainer></Schema>'
            "</edmx:DataServices></edmx:Edmx>"
        )
        return httpx.Response(200, content=body.encode(), headers={"Content-Type": "application/xml"})


def shape(environment: Any, name: str) -> tuple[TableShape, Setup]:
    setup = Setup(environment)
    return run(Catalogue(setup.connection).shape(name)), setup


SOURCES = [
    pytest.param({}, id="definitions"),
    pytest.param({"definitions": False}, id="csdl"),
    pytest.param({"definitions": False, "csdl": False}, id="by-asking"),
]


@pytest.mark.parametrize("sources", SOURCES)
@pytest.mark.parametrize("name", ["incident", "email", "audit", "subject"])
def test_a_whole_table_is_found_whole(sources: dict[str, bool], name: str) -> None:
    found, _ = shape(Environment(**sources), name)
    assert found.missing_columns == ()
    assert found.entity_set == TABLES[name].entity_set
    assert found.key == TABLES[name].key
    assert set(found.select) == {column.wire_name for column in TABLES[name].columns if not column.derived}


@pytest.mark.parametrize("sources", SOURCES)
def test_missing_optional_columns_stay_empty(sources: dict[str, bool], caplog: pytest.LogCaptureFixture) -> None:
    environment = Environment(**sources)
    environment.hidden["incident"] = {"escalatedon", "masterid", "msdyn_casesurveyinviteurl"}
    found, _ = shape(environment, "incident")
    assert found.missing_columns == ("escalatedon", "_masterid_value", "msdyn_casesurveyinviteurl")
    assert not {"escalatedon", "_masterid_value"} & set(found.select)
    assert found.schema.field("escalatedon").type == pa.timestamp("us", tz="UTC")
    assert "masterid" in caplog.text


@pytest.mark.parametrize("sources", SOURCES)
def test_a_missing_required_column_is_named(sources: dict[str, bool]) -> None:
    environment = Environment(**sources)
    environment.hidden["incident"] = {"ticketnumber"}
    with pytest.raises(RequirementError, match="ticketnumber"):
        shape(environment, "incident")


@pytest.mark.parametrize("sources", SOURCES)
def test_a_missing_optional_table_is_empty_and_typed(
    sources: dict[str, bool], caplog: pytest.LogCaptureFixture
) -> None:
    found, _ = shape(Environment(without=("msfp_surveyinvite",), **sources), "msfp_surveyinvite")
    assert found.is_missing
    assert found.schema.names[0] == "activityid"
    assert "_regardingobjectid_type" in found.schema.names
    assert "lacks this table" in caplog.text


@pytest.mark.parametrize("sources", SOURCES)
def test_a_missing_required_table_is_named(sources: dict[str, bool]) -> None:
    with pytest.raises(RequirementError, match=r"table incident is needed .* D365_URL"):
        shape(Environment(without=("incident",), **sources), "incident")


@pytest.mark.parametrize("sources", SOURCES)
def test_changedata_is_decided_by_asking(sources: dict[str, bool]) -> None:
    environment = Environment(**sources)
    environment.facts["audit", "changedata"] = {"IsValidForRead": False}
    found, setup = shape(environment, "audit")
    assert "changedata" in found.select
    assert any(url.endswith("audits?$select=auditid,changedata&$top=1") for url in setup.recorder.urls)


@pytest.mark.parametrize("sources", SOURCES)
def test_changedata_may_be_refused(sources: dict[str, bool]) -> None:
    environment = Environment(**sources)
    environment.hidden["audit"] = {"changedata"}
    found, _ = shape(environment, "audit")
    assert found.missing_columns == ("changedata",)
    assert not found.is_missing


def test_an_unreadable_column_is_as_good_as_missing() -> None:
    environment = Environment()
    environment.facts["incident", "title"] = {"IsValidForRead": False}
    environment.facts["incident", "merged"] = {"AttributeOf": "statecode"}
    environment.facts["incident", "onholdtime"] = {"AttributeType": "Virtual"}
    assert set(shape(environment, "incident")[0].missing_columns) == {"title", "merged", "onholdtime"}


def test_the_key_may_have_another_name() -> None:
    environment = Environment()
    environment.keys["msfp_surveyresponse"] = "msfp_surveyresponseid"
    environment.hidden["msfp_surveyresponse"] = {"activityid"}
    environment.extra = [attribute("msfp_surveyresponseid", "Uniqueidentifier")]
    found, _ = shape(environment, "msfp_surveyresponse")
    assert found.key == "msfp_surveyresponseid"
    assert found.missing_columns == ()
    assert found.schema.names[0] == "activityid"


def test_secured_columns_are_told(caplog: pytest.LogCaptureFixture) -> None:
    environment = Environment()
    environment.facts["incident", "title"] = {"IsSecured": True}
    assert shape(environment, "incident")[0].secured == ("title",)
    assert "column-level security" in caplog.text


def test_the_environment_decides_between_value_and_lookup() -> None:
    environment = Environment()
    environment.facts["queueitem", "title"] = {"AttributeType": "Customer"}
    environment.facts["systemuser", "queueid"] = {"AttributeType": "Uniqueidentifier"}
    assert "_title_value" in shape(environment, "queueitem")[0].select
    assert "queueid" in shape(environment, "systemuser")[0].select


def test_no_application_user_is_not_taken_for_a_missing_table() -> None:
    denied = error(403, "0x80040220", "… is missing prvReadAuditSummary privilege …")
    with pytest.raises(PrivilegeError, match=r"prvReadAuditSummary.*table audit"):
        shape(lambda request: denied, "audit")


def test_each_table_is_asked_for_once() -> None:
    setup = Setup(Environment())

    async def twice() -> None:
        catalogue = Catalogue(setup.connection)
        await catalogue.shape("subject")
        await catalogue.shape("subject")
        await catalogue.definitions(["subject"])

    run(twice())
    assert len(setup.recorder.requests) == 2


def test_a_server_that_names_a_stranger_ends() -> None:
    def stranger(request: httpx.Request) -> httpx.Response:
        if "$top" in request.url.params and "title" not in request.url.params["$select"]:
            return rows()
        return error(400, "0x80060888", UNKNOWN.format("stranger"))

    setup = Setup(stranger)
    with pytest.raises(Exception, match="stranger"):
        run(Catalogue(setup.connection).shape("subject"))
    assert len(setup.recorder.requests) < 10
