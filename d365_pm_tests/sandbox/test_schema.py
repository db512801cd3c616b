"""The environment's tables against the table reference and against what the pipeline reads."""

import pytest

from d365_pm.dataverse.registry import TABLES as REGISTRY
from d365_pm.sandbox.schema import ENGLISH, PORTUGUESE, TABLES, AttributeType, option_label


@pytest.mark.parametrize("name", REGISTRY)
def test_every_column_that_the_pipeline_reads_exists_under_its_wire_name(name: str) -> None:
    read, served = REGISTRY[name], TABLES[name]
    assert (served.entity_set, served.key) == (read.entity_set, read.key)
    asked = {column.wire_name for column in read.columns if not column.derived}
    assert asked <= set(served.by_wire_name)


@pytest.mark.parametrize(
    ("table", "entity_set", "key"),
    [
        ("msfp_survey", "msfp_surveies", "msfp_surveyid"),
        ("activityparty", "activityparties", "activitypartyid"),
        ("incidentresolution", "incidentresolutions", "activityid"),
        ("usersettings", "usersettingscollection", "systemuserid"),
    ],
)
def test_entity_sets_that_are_no_plain_plural(table: str, entity_set: str, key: str) -> None:
    assert (TABLES[table].entity_set, TABLES[table].key) == (entity_set, key)


@pytest.mark.parametrize(
    ("table", "column", "target", "navigation"),
    [
        ("incident", "customerid", "account", "customerid_account"),
        ("incident", "customerid", "contact", "customerid_contact"),
        ("incident", "ownerid", "team", "ownerid"),
        ("incident", "slaid", "sla", "slaid_sla"),
        ("incidentresolution", "incidentid", "incident", "incidentid"),
        ("incidentresolution", "createdby", "systemuser", "createdby_incidentresolution"),
        ("email", "ownerid", "systemuser", "ownerid_email"),
        ("email", "regardingobjectid", "incident", "regardingobjectid_incident_email"),
        ("queueitem", "workerid", "systemuser", "workerid_systemuser"),
        ("queueitem", "workerid", "team", "workerid_team"),
        ("slakpiinstance", "regarding", "incident", "regarding"),
        ("slakpiinstance", "regarding", "email", "regarding_email"),
        ("slaitem", "msdyn_slakpiid", "msdyn_slakpi", "msdyn_SLAKPIID"),
        ("msfp_surveyresponse", "msfp_surveyinviteid", "msfp_surveyinvite", "msfp_surveyinviteid_msfp_surveyresponse"),
    ],
)
def test_navigation_properties_of_the_reference(table: str, column: str, target: str, navigation: str) -> None:
    definition = TABLES[table]
    assert definition.navigation(definition.by_name[column], target) == navigation


@pytest.mark.parametrize(
    ("column", "code", "english", "portuguese"),
    [
        ("statecode", 0, "Active", "Ativo"),
        ("statuscode", 1, "In Progress", "Em Progresso"),
        ("statuscode", 5, "Problem Solved", "Problema Resolvido"),
        ("statuscode", 1000, "Information Provided", "Informação Fornecida"),
        ("caseorigincode", 1, "Phone", "Telefone"),
        ("prioritycode", 1, "High", "Alto"),
        ("prioritycode", 3, "Low", "Baixo"),
    ],
)
def test_labels_of_the_case(column: str, code: int, english: str, portuguese: str) -> None:
    assert option_label("incident", column, code, ENGLISH) == english
    assert option_label("incident", column, code, PORTUGUESE) == portuguese


def test_a_boolean_is_labelled_by_its_value() -> None:
    assert option_label("email", "directioncode", True, ENGLISH) == "Outgoing"


def test_every_status_reason_belongs_to_a_state_of_its_table() -> None:
    for table in TABLES.values():
        columns = {column.type: column for column in table.columns}
        if AttributeType.STATUS in columns:
            states = {option.code for option in columns[AttributeType.STATE].options}
            assert {option.state for option in columns[AttributeType.STATUS].options} <= states, table.name


def test_the_two_sla_code_lists_are_not_the_same() -> None:
    assert option_label("slakpiinstance", "status", 4, ENGLISH) == "Succeeded"
    assert option_label("incident", "resolvebyslastatus", 4, ENGLISH) == "Noncompliant"
