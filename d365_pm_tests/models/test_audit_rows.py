"""What audit rows and columns say by themselves: values, moments, actors, forms (reference: tables 8.2)."""

from typing import Any

import pytest

from d365_pm_tests.models.audit_rows import LEVEL, audit_row, entry
from d365_pm_tests.models.desk import Desk
from d365_pm_tests.models.names import at, guid
from d365_pm_tests.models.raw_desk import CREATE, DELETE, UPSERT

BOB, ALICE = guid("bob"), guid("alice")
Side = tuple[str | None, str | None]
VALUES: dict[str, tuple[str, str | None, str | None, tuple[Side, Side] | None]] = {
    "a user": (
        "ownerid",
        f"systemuser,{BOB.upper()}",
        f"team,{ALICE}",
        (("systemuser", "bob"), ("team", "alice")),
    ),
    "a bare id": ("ownerid", BOB.upper(), None, ((None, "bob"), (None, None))),
    "the same id": ("ownerid", f"systemuser,{BOB.upper()}", f"systemuser,{BOB}", None),
    "the first value": ("ownerid", None, ALICE, ((None, None), (None, "alice"))),
    "a code": ("statuscode", "1", "3", ((None, "1"), (None, "3"))),
    "a code with its label": ("statuscode", "1:In Progress", "3:Waiting, really", ((None, "1"), (None, "3"))),
    "a label renamed": ("statuscode", "1:In Progress", "1:At work", None),
    "a code and no code": ("statuscode", "1:In Progress", None, ((None, "1"), (None, None))),
    "a code, empty before": ("statuscode", "", "3", ((None, None), (None, "3"))),
    "no code and an empty one": ("statuscode", None, "", None),
    "an empty code and none": ("statuscode", "", None, None),
    "a truth": ("isescalated", "False", "TRUE", ((None, "false"), (None, "true"))),
    "the same truth": ("isescalated", "True", "true", None),
    "empty and nothing": ("isescalated", "", None, None),
    "nothing and empty": ("isescalated", None, "", None),
    "a text": ("new_level", "Low, low", "High:er", ((None, "low, low"), (None, "high:er"))),
    "a text and none": ("new_level", "Low", "", ((None, "low"), (None, None))),
    "a column that no rule reads": ("title", "a", "b", None),
    "a column of queue items": ("workerid", None, f"systemuser,{BOB}", None),
}
"""Column, old and new text of an audit row; type and value of both sides, unless it is no change."""


def test_each_form_of_value_is_read() -> None:
    desk = Desk(seeds=LEVEL)
    desk.case(audited=False)
    for name, (column, old, new, _) in VALUES.items():
        audit_row(desk, name, [entry(column, old, new)])
    columns = ("audit_id", "column_name", "old_type", "old_value", "new_type", "new_value")
    assert sorted(desk.run.rows_of("staging.audit_change").only(*columns)) == sorted(
        (name, column, *sides[0], *sides[1]) for name, (column, _, _, sides) in VALUES.items() if sides
    )


def test_an_audit_row_tells_what_was_done_when_and_by_whom() -> None:
    desk = Desk()
    desk.case(audited=False)
    change = [entry("statuscode", "1", "3"), entry("ownerid", ALICE, BOB)]
    audit_row(desk, "created", change, operation=CREATE, action=1)
    audit_row(desk, "updated", change, action=11, callinguserid="robot")
    audit_row(desk, "deleted", change, operation=DELETE, userid=(None, "bob"))
    audit_row(desk, "upserted", change, operation=UPSERT, userid=("externalparty", "portal"), createdon="12:00")
    audit_row(desk, "read", change, operation=4)
    audit_row(desk, "of a company", change, objecttypecode="account")
    audit_row(desk, "unreadable", "{")
    audit_row(desk, "another document", '{"changedAttributes": 7}')
    audit_row(desk, "empty", "")
    for name, column in (("keyless", "auditid"), ("without its record", "_objectid_value")):
        desk.rows["audit"][audit_row(desk, name, change)][column] = "no guid"
    columns = ("audit_id", "changed_at", "operation", "action", "record_id", "actor_id", "external_actor_id")
    found = set(desk.run.rows_of("staging.audit_change").only(*columns, "acted_through_id", "table_name"))
    assert found == {
        ("created", at("11:00"), "create", 1, "c1", "bob", None, None, "incident"),
        ("updated", at("11:00"), "update", 11, "c1", "bob", None, "robot", "incident"),
        ("deleted", at("11:00"), "delete", 2, "c1", "bob", None, None, "incident"),
        ("upserted", at("12:00"), "update", 2, "c1", None, "portal", None, "incident"),
    }
    assert len(desk.run.rows_of("staging.audit_change")) == 8


def test_the_first_and_the_last_row_of_each_table_and_action() -> None:
    desk = Desk()
    for name, moment, table, action in (
        ("a", "11:00", "incident", 2),
        ("b", "10:00", "incident", 2),
        ("c", "12:00", "incident", 2),
        ("d", "13:00", "incident", 105),
        ("e", "14:00", "account", 2),
        ("f", "15:00", None, None),
    ):
        desk.row("audit", name, createdon=moment, objecttypecode=table, action=action)
    assert sorted(desk.run.rows_of("staging.audit_mark").only("table_name", "action", "first_at", "last_at")) == [
        ("", 0, at("15:00"), at("15:00")),
        ("account", 2, at("14:00"), at("14:00")),
        ("incident", 2, at("10:00"), at("12:00")),
        ("incident", 105, at("13:00"), at("13:00")),
    ]


FORMS = {
    "incident": {
        "ownerid": "lookup",
        "statecode": "option",
        "statuscode": "option",
        "isescalated": "plain",
        "subjectid": "lookup",
        "casetypecode": "option",
        "prioritycode": "option",
        "caseorigincode": "option",
        "parentcaseid": "lookup",
    },
    "queueitem": {"objectid": "lookup", "queueid": "lookup", "workerid": "lookup"},
}
OWN = {
    "new_lookup": ("Lookup", "lookup"),
    "new_customer": ("Customer", "lookup"),
    "new_owner": ("Owner", "lookup"),
    "new_option": ("Picklist", "option"),
    "new_text": ("String", "plain"),
    "new_unknown": (None, "plain"),
    "workerid": (None, "plain"),
}
"""Columns of the organisation: what the metadata says, and how the audit writes them."""


def test_every_column_that_the_rules_read_has_its_form() -> None:
    both = "new_option"
    desk = Desk(
        seeds={
            "categorization_columns": [{"column_name": name} for name in OWN],
            "escalation_columns": [{"column_name": name, "escalated_value": "1"} for name in (both, "statecode")],
        }
    )
    for name, (kind, _) in OWN.items():
        if kind:
            given = {"table_name": "incident", "column_name": name, "attribute_type": kind}
            desk.rows["attribute_metadata"][name] = given | {"is_table_audited": True, "is_audited": True}
            desk.rows["attribute_metadata"][f"account {name}"] = given | {"table_name": "account", "is_audited": False}
    rows = desk.run.rows_of("staging.audit_column")
    forms = {(table, name): form for table, columns in FORMS.items() for name, form in columns.items()}
    forms |= {("incident", name): form for name, (_, form) in OWN.items()}
    assert {(row["table_name"], row["column_name"]): row["value_form"] for row in rows} == forms
    assert len(rows) == len(forms)
    categories = {("incident", name) for name in ("subjectid", *OWN)}
    assert {(row["table_name"], row["column_name"]) for row in rows if row["is_category"]} == categories
    assert rows.where(is_audited=False) == []


@pytest.mark.parametrize(("is_on", "is_audited"), [(True, True), (False, False), (None, True)])
def test_a_column_is_audited_unless_the_organisation_is_known_not_to_audit(is_on: Any, is_audited: bool) -> None:
    desk = Desk()
    desk.update("contoso", isauditenabled=is_on)
    assert set(desk.run.rows_of("staging.audit_column").only("is_audited")) == {is_audited}


def test_a_column_is_audited_unless_it_or_its_table_is_known_not_to_be() -> None:
    switches = {"new_on": (True, True), "new_table": (False, True), "new_column": (True, False)}
    unknown = {"new_no_table": (None, True), "new_no_column": (True, None)}
    names = [*switches, *unknown, "new_nothing"]
    desk = Desk(seeds={"categorization_columns": [{"column_name": name} for name in names]})
    desk.delete("contoso")
    for name, (table, column) in (switches | unknown).items():
        given = {"table_name": "incident", "column_name": name, "attribute_type": "String"}
        desk.rows["attribute_metadata"][name] = given | {"is_table_audited": table, "is_audited": column}
    rows = desk.run.rows_of("staging.audit_column").where(value_form="plain", is_audited=False)
    assert sorted(rows.only("column_name")) == ["new_column", "new_table"]
