"""One canonical text for the values of an audit row, from `changedata` and from the detail functions alike."""

import json
from typing import Any

import pytest

from d365_pm.dataverse.audit.entry import Entry, Payload
from d365_pm.dataverse.audit.notation import Notation
from d365_pm_tests.dataverse.audit.given import (
    CASE,
    DEFINITIONS,
    TEAM,
    USER,
    attribute_detail,
    canonical,
    changedata,
    lookup,
)
from d365_pm_tests.dataverse.audit.server import details

NOTATION = Notation(DEFINITIONS)

REFERENCE = (
    '{"changedAttributes":[{"logicalName":"ownerid","oldValue":"systemuser,4026be43-6b69-e111-8f65-000000000001",'
    '"newValue":"team,39e0dbe4-131b-e111-ba7e-000000000002"},{"logicalName":"statuscode","oldValue":"1",'
    '"newValue":"5"},{"logicalName":"new_escalated","oldValue":null,"newValue":"True"}]}'
)
"""The example of section 7.3."""


def column(text: str | None, table: str = "incident") -> Entry:
    return NOTATION.of_changedata(table, text)


def detail(element: dict[str, Any], table: str = "incident") -> Entry:
    return NOTATION.of_detail(table, json.dumps(element).encode())


def test_the_example_of_the_reference_is_only_sorted() -> None:
    assert column(REFERENCE) == Entry(
        canonical(
            ("new_escalated", None, "True"),
            ("ownerid", f"systemuser,{USER}", f"team,{TEAM}"),
            ("statuscode", "1", "5"),
        ),
        Payload.PARSED,
    )


def test_a_detail_gives_the_text_of_the_column() -> None:
    old = {**lookup("ownerid", "systemuser", USER), "statuscode": 1}
    new = {**lookup("ownerid", "team", TEAM), "statuscode": 5, "new_escalated": True}
    assert detail(attribute_detail(old, new)) == column(REFERENCE)


EQUAL = [
    ("statuscode", "1", "717660001", {"statuscode": 1}, {"statuscode": 717660001}, ("1", "717660001")),
    ("prioritycode", "1:High", "2:Normal", {"prioritycode": 1}, {"prioritycode": 2}, ("1", "2")),
    ("isescalated", "False", "True", {"isescalated": False}, {"isescalated": True}, ("False", "True")),
    ("isescalated", None, "true", {}, {"isescalated": True}, (None, "True")),
    ("title", "a:b", None, {"title": "a:b"}, {}, ("a:b", None)),
    ("title", "a", "", {"title": "a"}, {"title": None}, ("a", None)),
    ("title", "7", "8.50", {"title": "7"}, {"title": "8.50"}, ("7", "8.50")),
    ("new_cost", "20000.0000", "1e3", {"new_cost": 20000.0000}, {"new_cost": 1000}, ("20000", "1000")),
    ("new_share", "-0.10", "0.00", {"new_share": -0.1}, {"new_share": 0}, ("-0.1", "0")),
    ("new_ratio", "0.25", "1E-3", {"new_ratio": 0.25}, {"new_ratio": 0.001}, ("0.25", "0.001")),
    ("new_count", "5", "-7", {"new_count": 5}, {"new_count": -7}, ("5", "-7")),
    (
        "escalatedon",
        "02/09/2026 12:14:03",
        "2026-02-09T12:15:00Z",
        {"escalatedon": "2026-02-09T12:14:03Z"},
        {"escalatedon": "2026-02-09T12:15:00+00:00"},
        ("2026-02-09T12:14:03Z", "2026-02-09T12:15:00Z"),
    ),
    (
        "escalatedon",
        "2/9/2026",
        "2026-02-09T10:00:00-03:00",
        {"escalatedon": "2026-02-09"},
        {"escalatedon": "2026-02-09T13:00:00Z"},
        ("2026-02-09T00:00:00Z", "2026-02-09T13:00:00Z"),
    ),
    (
        "subjectid",
        "subject,{39E0DBE4-131B-E111-BA7E-000000000002}",
        None,
        lookup("subjectid", "subject", TEAM),
        {},
        (f"subject,{TEAM}", None),
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "old_bag", "new_bag", "expected"), EQUAL)
def test_each_type_is_written_the_same(
    name: str, old: Any, new: Any, old_bag: dict[str, Any], new_bag: dict[str, Any], expected: tuple[str, str]
) -> None:
    wanted = Entry(canonical((name, *expected)), Payload.PARSED)
    assert column(changedata((name, old, new))) == wanted
    assert detail(attribute_detail(old_bag, new_bag)) == wanted


def test_money_with_more_digits_than_a_float_holds_is_kept_exactly() -> None:
    element = json.dumps(attribute_detail({}, {"new_cost": "DIGITS"})).replace('"DIGITS"', "922337203685477.5807")
    wanted = canonical(("new_cost", None, "922337203685477.5807"))
    assert NOTATION.of_detail("incident", element.encode()).text == wanted


def test_shadows_keys_and_unchanged_columns_are_left_out_of_both() -> None:
    text = changedata(
        ("new_cost_base", "1.0", "2.0"),
        ("new_cost", "1.0", "2.0"),
        ("incidentid", None, CASE),
        ("title", "same", "same"),
    )
    old = {"new_cost": 1.0, "new_cost_base": 1.0, "title": "same"}
    new = {"new_cost": 2.0, "new_cost_base": 2.0, "title": "same", "incidentid": CASE}
    assert column(text).text == detail(attribute_detail(old, new)).text == canonical(("new_cost", "1", "2"))


def test_a_column_that_only_ends_like_a_shadow_is_kept() -> None:
    assert column(changedata(("new_knowledge_base", "a", "b"))).text == canonical(("new_knowledge_base", "a", "b"))


def test_texts_that_the_store_cut_are_equal_wherever_it_cut_them() -> None:
    whole = "x" * 6000
    cut = [whole[:5000] + "…", whole[:4997] + "...", whole[:5200]]
    entries = [column(changedata(("description", None, text))) for text in cut]
    entries += [detail(attribute_detail({}, {"description": text})) for text in cut]
    assert set(entries) == {Entry(canonical(("description", None, "x" * 4900 + "…")), Payload.TRUNCATED)}


def test_a_change_behind_the_cut_stays_a_change() -> None:
    text = "x" * 5000 + "…"
    assert column(changedata(("description", text, text))).text == canonical(
        ("description", "x" * 4900 + "…", "x" * 4900 + "…")
    )


@pytest.mark.parametrize("text", ["Wait…", "y" * 4890 + "...", "y" * 5000])
def test_texts_that_nobody_cut_stay_whole(text: str) -> None:
    assert column(changedata(("title", None, text))) == Entry(canonical(("title", None, text)), Payload.PARSED)


@pytest.mark.parametrize(
    "text",
    [
        "~1~2~",
        "{",
        "[]",
        '{"other":1}',
        '{"changedAttributes":null}',
        '{"changedAttributes":[{"oldValue":"1"}]}',
        "null",
    ],
)
def test_what_is_no_list_of_changes_is_kept_as_it_came(text: str) -> None:
    assert column(text) == Entry(text, Payload.OPAQUE)


@pytest.mark.parametrize("text", [None, ""])
def test_no_text_means_no_values(text: str | None) -> None:
    assert column(text) == Entry(None, Payload.NONE)


def test_a_value_that_is_none_of_its_type_is_kept_and_counted() -> None:
    changes = (("escalatedon", None, "sometime"), ("new_count", None, "1"), ("statuscode", "Open", "5"))
    assert column(changedata(*changes)) == Entry(canonical(*changes), Payload.PARSED, unread=2)


def test_values_of_a_table_without_definition_are_texts() -> None:
    assert column(changedata(("new_when", None, "02/09/2026 00:00:00")), "new_thing").text == canonical(
        ("new_when", None, "02/09/2026 00:00:00")
    )


@pytest.mark.parametrize(
    ("escape", "expected"), [("a\\u0000b", "a\N{REPLACEMENT CHARACTER}b"), ("a\\ud83d", "a\N{REPLACEMENT CHARACTER}")]
)
def test_characters_that_no_text_may_hold_are_replaced_on_every_route(escape: str, expected: str) -> None:
    wanted = canonical(("title", None, expected))
    assert column(changedata(("title", None, "X")).replace("X", escape)).text == wanted
    element = json.dumps(attribute_detail({}, {"title": "X"})).replace('"X"', f'"{escape}"')
    [entry] = details(lambda row: element)
    assert entry.text == wanted


def test_a_detail_without_values_has_none() -> None:
    record = {"auditid": "1", "_objectid_value": "0"}
    assert detail({"@odata.type": "#Microsoft.Dynamics.CRM.AuditDetail"}) == Entry(None, Payload.NONE)
    assert detail({"AuditRecord": record}) == Entry(None, Payload.NONE)


def test_a_link_is_kept_in_the_short_form_of_lookups_whether_the_row_is_told_or_not() -> None:
    record = {"@odata.type": "#Microsoft.Dynamics.CRM.knowledgebaserecord", "title": "a", "knowledgebaserecordid": TEAM}
    link = {
        "@odata.type": "#Microsoft.Dynamics.CRM.RelationshipAuditDetail",
        "RelationshipName": "knowledgebaserecord_incident",
        "TargetRecords": [record, {"@odata.type": "#Microsoft.Dynamics.CRM.email", "activityid": USER}],
    }
    text = (
        '{"relationshipName":"knowledgebaserecord_incident",'
        f'"targetRecords":["knowledgebaserecord,{TEAM}","email,{USER}"]}}'
    )
    assert detail(link) == Entry(text, Payload.OPAQUE)
    assert detail(link | {"AuditRecord": {"auditid": "1"}}) == column(text)


def test_other_details_are_kept_as_they_came_but_for_the_row() -> None:
    share = {
        "@odata.type": "#Microsoft.Dynamics.CRM.ShareAuditDetail",
        "NewPrivileges": "ReadAccess",
        "OldPrivileges": None,
        "Principal": {"@odata.type": "#Microsoft.Dynamics.CRM.team", "teamid": TEAM},
    }
    entry = detail(share | {"AuditRecord": {"auditid": "1"}})
    assert (json.loads(str(entry.text)), entry.payload) == (share, Payload.OPAQUE)


def test_a_detail_that_tells_nothing_has_no_values() -> None:
    link = {"@odata.type": "#Microsoft.Dynamics.CRM.RelationshipAuditDetail", "TargetRecords": []}
    assert detail(link) == Entry(None, Payload.NONE)


def test_values_that_the_store_could_not_render_and_columns_since_deleted_are_counted() -> None:
    element = attribute_detail(
        {},
        {"title": "a"},
        InvalidNewValueAttributes=["subjectid"],
        DeletedAttributes={"Count": 1, "Keys": [20], "Values": ["new_gone"]},
    )
    assert detail(element) == Entry(canonical(("title", None, "a")), Payload.TRUNCATED, removed=1)
