"""Option labels and audit switches as rows; bodies as the reference shows them (section 8)."""

from typing import Any

import httpx
import pytest

from d365_pm.dataverse.labels import ATTRIBUTE_METADATA, OPTION_LABEL, attribute_rows, read_option_labels
from d365_pm.dataverse.metadata import Attribute, Definition, switch
from d365_pm_tests.dataverse.wire import Setup, error, rows, run


def column(name: str, kind: str, *, is_audited: bool = True) -> Attribute:
    return Attribute(name, kind, is_readable=True, is_secured=False, is_audited=is_audited, is_custom=False)


INCIDENT = Definition(
    name="incident",
    entity_set="incidents",
    key="incidentid",
    is_audited=True,
    is_change_tracked=False,
    attributes={
        item.name: item
        for item in (
            column("statuscode", "Status"),
            column("statecode", "State"),
            column("caseorigincode", "Picklist"),
            column("merged", "Boolean", is_audited=False),
            column("new_other", "Picklist"),
        )
    },
)


def label(**languages: str) -> dict[str, Any]:
    codes = {"en": 1033, "pt": 1046}
    texts = [
        {"Label": text, "LanguageCode": codes[name], "IsManaged": True, "MetadataId": "…", "HasChanged": None}
        for name, text in languages.items()
    ]
    return {"LocalizedLabels": texts, "UserLocalizedLabel": None}


ANSWERS = {
    "Status": rows(
        {
            "LogicalName": "statuscode",
            "MetadataId": "…",
            "OptionSet": {
                "MetadataId": "…",
                "Options": [
                    {"Value": 5, "State": 1, "Label": label(en="Problem Solved", pt="Problema Resolvido")},
                    {"Value": 1, "State": 0, "Label": label(en="In Progress")},
                ],
            },
            "GlobalOptionSet": None,
        }
    ),
    "State": rows({"LogicalName": "statecode", "OptionSet": {"Options": [{"Value": 0, "Label": label(en="Active")}]}}),
    "Picklist": rows(
        {
            "LogicalName": "caseorigincode",
            "OptionSet": None,
            "GlobalOptionSet": {"Options": [{"Value": 1, "Label": label(pt="Telefone")}, {"Value": 2, "Label": None}]},
        },
        {"LogicalName": "new_other", "OptionSet": {"Options": [{"Value": 9, "Label": label(en="Ignored")}]}},
    ),
    "Boolean": rows(
        {
            "LogicalName": "merged",
            "OptionSet": {
                "TrueOption": {"Value": 1, "Label": label(en="Yes", pt="Sim")},
                "FalseOption": {"Value": 0, "Label": label(en="No")},
            },
        }
    ),
}


def answer(request: httpx.Request) -> httpx.Response:
    return ANSWERS[request.url.path.rpartition("CRM.")[2].removesuffix("AttributeMetadata")]


def test_labels_of_every_kind_and_language() -> None:
    table = run(read_option_labels(Setup(answer).connection, [INCIDENT]))
    assert table.schema == OPTION_LABEL
    found = {tuple(row.values()) for row in table.to_pylist()}
    assert found == {
        ("incident", "statuscode", 5, 1033, "Problem Solved", 1),
        ("incident", "statuscode", 5, 1046, "Problema Resolvido", 1),
        ("incident", "statuscode", 1, 1033, "In Progress", 0),
        ("incident", "statecode", 0, 1033, "Active", None),
        ("incident", "caseorigincode", 1, 1046, "Telefone", None),
        ("incident", "merged", 1, 1033, "Yes", None),
        ("incident", "merged", 1, 1046, "Sim", None),
        ("incident", "merged", 0, 1033, "No", None),
    }


def test_a_refused_kind_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        return error(400, "0x80060888", "not supported") if "Boolean" in request.url.path else answer(request)

    table = run(read_option_labels(Setup(refuse).connection, [INCIDENT]))
    assert "merged" not in table.column("column_name").to_pylist()
    assert table.num_rows == 5
    assert "Boolean" in caplog.text


def test_columns_and_their_switches() -> None:
    table = attribute_rows([INCIDENT])
    assert table.schema == ATTRIBUTE_METADATA
    facts = {row["column_name"]: row for row in table.to_pylist()}
    assert facts["statuscode"] == {
        "table_name": "incident",
        "column_name": "statuscode",
        "attribute_type": "Status",
        "is_table_audited": True,
        "is_audited": True,
        "is_change_tracked": False,
        "is_custom": False,
    }
    assert facts["merged"]["is_audited"] is False


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ({"Value": False, "CanBeChanged": True}, False),
        ({"Value": True}, True),
        (True, True),
        (None, False),
        ({}, False),
    ],
)
def test_a_managed_property_is_read_by_its_value(value: Any, state: bool) -> None:
    assert switch(value) is state
