"""The rows are rows of a Dataverse: typed as its schema says, whole, within the span, pointing at each other."""

from datetime import datetime
from itertools import pairwise

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from d365_pm.sandbox import schema
from d365_pm.sandbox.desk import Desk

_DEADLINES = {"failuretime", "warningtime", "responseby", "resolveby"}
_MADE_BY_THE_SERVER = {"stringmap", "usersettings"}


def _moments(desk: Desk) -> list[tuple[str, str, pa.ChunkedArray]]:
    return [
        (name, field.name, table[field.name])
        for name, table in desk.tables.items()
        for field in table.schema
        if pa.types.is_timestamp(field.type)
    ]


def test_every_table_has_the_columns_and_types_of_the_schema(desk: Desk) -> None:
    for name, table in desk.tables.items():
        columns = schema.TABLES[name].columns
        expected = {column.wire_name: column.arrow_type for column in columns}
        expected |= {column.type_name: pa.string() for column in columns if column.is_polymorphic}
        assert {field.name: field.type for field in table.schema} == expected, name


def test_tables_that_the_log_reads_have_rows(desk: Desk) -> None:
    filled = {name for name, table in desk.tables.items() if table.num_rows}
    assert filled >= {
        "incident", "incidentresolution", "audit", "queueitem", "queue", "slakpiinstance", "sla", "slaitem",
        "msdyn_slakpi", "systemuser", "team", "businessunit", "account", "contact", "subject", "product",
        "knowledgearticle", "knowledgearticleincident", "msdyn_federatedarticleincident", "activitypointer", "email",
        "phonecall", "task", "adx_portalcomment", "activityparty", "msfp_surveyinvite", "msfp_surveyresponse",
        "msfp_satisfactionmetric", "organization",
    }  # fmt: skip
    assert not filled & _MADE_BY_THE_SERVER


def test_keys_are_unique_lower_case_guids(desk: Desk) -> None:
    for name, table in desk.tables.items():
        keys = table[schema.TABLES[name].key].to_pylist()
        assert len(set(keys)) == len(keys), name
        assert all(len(key) == 36 and key == key.lower() for key in keys), name


def test_every_lookup_points_to_a_row(desk: Desk) -> None:
    keys = {name: set(table[schema.TABLES[name].key].to_pylist()) for name, table in desk.tables.items()}
    dangling = set()
    for name, table in desk.tables.items():
        for column in schema.TABLES[name].columns:
            if not column.type.is_lookup or (name, column.name) == ("audit", "objectid"):
                continue
            rows = pl.DataFrame(
                table.select([column.wire_name, *([column.type_name] if column.is_polymorphic else [])])
            )
            for value, *kind in rows.drop_nulls(column.wire_name).unique().iter_rows():
                target = kind[0] if kind else column.targets[0]
                if value not in keys.get(target, set()):
                    dangling.add((name, column.name, target))
    assert dangling == set()


def test_audited_rows_exist_or_were_deleted(desk: Desk) -> None:
    audit = pl.DataFrame(desk.tables["audit"])
    deleted = set(audit.filter(pl.col("operation") == 3)["_objectid_value"])
    items = set(desk.tables["queueitem"]["queueitemid"].to_pylist())
    cases = set(desk.tables["incident"]["incidentid"].to_pylist())
    audited = {
        name: set(audit.filter(pl.col("objecttypecode") == name, pl.col("changedata").is_not_null())["_objectid_value"])
        for name in ("incident", "queueitem")
    }
    assert audited["incident"] == cases
    assert audited["queueitem"] == items | deleted
    assert deleted
    assert not items & deleted


def test_polymorphic_types_stand_where_their_ids_stand(desk: Desk) -> None:
    for name, table in desk.tables.items():
        for column in schema.TABLES[name].columns:
            if column.is_polymorphic:
                ids, types = table[column.wire_name], table[column.type_name]
                assert pc.equal(ids.is_null(), types.is_null()).to_pylist().count(False) == 0, (name, column.name)


def test_instants_are_whole_seconds_within_the_span(desk: Desk) -> None:
    for name, column, values in _moments(desk):
        known = values.drop_null().unique().to_pylist()
        assert all(value.microsecond == 0 for value in known), (name, column)
        if column not in _DEADLINES and known:
            assert desk.start <= min(known), (name, column)
            assert max(known) <= desk.end, (name, column)


def test_a_later_change_has_a_higher_version(desk: Desk) -> None:
    changed: list[tuple[int, datetime]] = []
    for table in desk.tables.values():
        if {"versionnumber", "modifiedon"} <= set(table.column_names):
            changed.extend(zip(table["versionnumber"].to_pylist(), table["modifiedon"].to_pylist(), strict=True))
    changed.sort()
    assert len({version for version, _ in changed}) == len(changed)
    assert all(earlier[1] <= later[1] for earlier, later in pairwise(changed))


@pytest.mark.parametrize(
    ("application", "mode"), [("SYSTEM", 3), ("Customer Voice", 4), ("# Automação do Atendimento", 4)]
)
def test_applications_can_be_told_from_people(desk: Desk, application: str, mode: int) -> None:
    users = {user["fullname"]: user for user in desk.tables["systemuser"].to_pylist()}
    assert users[application]["accessmode"] == mode
    assert (users[application]["applicationid"] is None) == (application == "SYSTEM")
    people = [user for user in users.values() if user["accessmode"] == 0]
    assert len(people) >= 15
    assert all(user["applicationid"] is None for user in people)


def test_auditing_is_on_before_the_first_case(desk: Desk) -> None:
    audit = pl.DataFrame(desk.tables["audit"])
    switches = audit.filter(pl.col("action").is_in([105, 107]))
    assert switches["createdon"].unique().to_list() == [desk.start]
    assert min(desk.tables["incident"]["createdon"].to_pylist()) >= desk.start
    organisation = desk.tables["organization"].to_pylist()[0]
    assert organisation["isauditenabled"] is True
    assert organisation["auditretentionperiodv2"] == -1
