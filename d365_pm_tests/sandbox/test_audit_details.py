"""What an audit row says in full (Web API reference 7.5)."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.schema import TABLES
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.sandbox.conftest import FIRST_DAY, arrow, client_of, error_of, guid

CRM = "Microsoft.Dynamics.CRM"
LABEL = "OData.Community.Display.V1.FormattedValue"
CASE = guid("case", 0)
NOBODY = "00000000-0000-0000-0000-000000000000"


def changedata(**changes: tuple[str | None, str | None]) -> str:
    """Text of changed columns: name=(old, new)."""
    told = [{"logicalName": name, "oldValue": old, "newValue": new} for name, (old, new) in changes.items()]
    return json.dumps({"changedAttributes": told})


def audit(
    number: int, text: str | None, *, action: int = 2, operation: int = 2, table: str = "incident"
) -> dict[str, Any]:
    """An audit row of the one case; each a minute later."""
    return {
        "auditid": guid("audit", number),
        "createdon": FIRST_DAY + dt.timedelta(minutes=number),
        "action": action,
        "operation": operation,
        "objecttypecode": table,
        "_objectid_value": CASE,
        "_objectid_type": table,
        "_userid_value": guid("user", 0),
        "_userid_type": "systemuser",
        "changedata": text,
    }


def environment_of(*rows: dict[str, Any], **switches: Any) -> Environment:
    """An environment with audit rows and the rows that they name."""
    tables = {
        "audit": arrow("audit", list(rows)),
        "incident": arrow("incident", [{"incidentid": CASE, "title": "Login loop"}]),
        "systemuser": arrow("systemuser", [{"systemuserid": guid("user", 0), "fullname": "Ana"}]),
        "team": arrow("team", [{"teamid": guid("team", 0), "name": "Tier 2"}]),
    }
    return Environment(tables, Switches(**switches))


def asker(*rows: dict[str, Any], prefer: str | None = None, **switches: Any) -> Callable[[int], dict[str, Any]]:
    """Asks for the details of an audit row by its number."""
    client = client_of(environment_of(*rows, **switches), prefer=prefer)

    def details(number: int) -> dict[str, Any]:
        answer = client.get(f"audits({guid('audit', number)})/{CRM}.RetrieveAuditDetails")
        assert answer.status_code == 200, answer.text
        assert answer.json()["@odata.context"].endswith(f"#{CRM}.RetrieveAuditDetailsResponse")
        found: dict[str, Any] = answer.json()["AuditDetail"]
        return found

    return details


def bags(detail: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new values without their types."""
    old, new = dict(detail["OldValue"]), dict(detail["NewValue"])
    assert (old.pop("@odata.type"), new.pop("@odata.type")) == (f"#{CRM}.incident",) * 2
    return old, new


def test_values_have_the_types_of_rows() -> None:
    text = changedata(
        statuscode=("1", "5"),
        isescalated=("False", "True"),
        ownerid=(f"systemuser,{guid('user', 0)}", f"team,{guid('team', 0)}"),
        title=("a", "b"),
        onholdtime=("0", "1500"),
    )
    old, new = bags(asker(audit(0, text))(0))
    assert old == {
        "statuscode": 1, "isescalated": False, "_ownerid_value": guid("user", 0), "title": "a", "onholdtime": 0,
    }  # fmt: skip
    assert new == {
        "statuscode": 5, "isescalated": True, "_ownerid_value": guid("team", 0), "title": "b", "onholdtime": 1500,
    }  # fmt: skip


@pytest.mark.parametrize("written", ["2026-02-09T12:14:03Z", "02/09/2026 12:14:03", "2026-02-09T09:14:03-03:00"])
def test_dates_are_iso_however_the_log_writes_them(written: str) -> None:
    _, new = bags(asker(audit(0, changedata(escalatedon=(None, written), followupby=(None, "2026-02-09"))))(0))
    assert new == {"escalatedon": "2026-02-09T12:14:03Z", "followupby": "2026-02-09"}


def test_a_column_set_from_empty_is_new_only_and_a_cleared_one_old_only() -> None:
    old, new = bags(asker(audit(0, changedata(title=(None, "set"), prioritycode=("1", None))))(0))
    assert (old, new) == ({"prioritycode": 1}, {"title": "set"})


def test_annotations_come_when_asked_for_before_their_property() -> None:
    rows = [audit(0, changedata(ownerid=(None, f"team,{guid('team', 0)}"), statecode=("0", "1")))]
    _, new = bags(asker(*rows, prefer='odata.include-annotations="*"')(0))
    assert list(new.items()) == [
        (f"_ownerid_value@{LABEL}", "Tier 2"),
        (f"_ownerid_value@{CRM}.associatednavigationproperty", "ownerid"),
        (f"_ownerid_value@{CRM}.lookuplogicalname", "team"),
        ("_ownerid_value", guid("team", 0)),
        (f"statecode@{LABEL}", "Resolved"),
        ("statecode", 1),
    ]
    _, plain = bags(asker(*rows)(0))
    assert plain == {"_ownerid_value": guid("team", 0), "statecode": 1}
    _, targets = bags(asker(*rows, prefer=f'odata.include-annotations="{CRM}.lookuplogicalname"')(0))
    assert list(targets) == [f"_ownerid_value@{CRM}.lookuplogicalname", "_ownerid_value", "statecode"]


def test_the_record_comes_along_unless_the_environment_leaves_it_out() -> None:
    row = audit(3, changedata(title=(None, "x")))
    record = asker(row)(3)["AuditRecord"]
    stamped = asker(row, audit_retention_days=365_000)(3)["AuditRecord"]
    assert stamped["timetoliveinseconds"] == 365_000 * 86_400
    expected = {
        "auditid": guid("audit", 3), "createdon": "2026-02-01T00:03:00Z", "action": 2, "operation": 2,
        "objecttypecode": "incident", "_objectid_value": CASE, "_userid_value": guid("user", 0),
        "transactionid": NOBODY, "versionnumber": 0, "timetoliveinseconds": -1,
    }  # fmt: skip
    assert record.items() >= expected.items()
    assert "AuditRecord" not in asker(row, details_have_record=False)(3)


def test_columns_that_are_gone_and_values_that_do_not_fit_are_named() -> None:
    detail = asker(audit(0, changedata(new_gone=(None, "1"), statuscode=("1", "In Progress"))))(0)
    assert detail["DeletedAttributes"]["Count"] == 1
    assert detail["DeletedAttributes"]["Values"] == ["new_gone"]
    assert detail["InvalidNewValueAttributes"] == ["statuscode"]
    assert bags(detail) == ({"statuscode": 1}, {})
    nothing = asker(audit(0, changedata(title=(None, "x"))))(0)
    assert nothing["DeletedAttributes"] == {"Count": 0, "Keys": [], "Values": []}


TOLD = {
    33: ({"relationshipName": "kb", "targetRecords": [f"account,{guid('a')}"]}, "RelationshipAuditDetail",
         {"RelationshipName": "kb", "TargetRecords": [{"@odata.type": f"#{CRM}.account", "accountid": guid("a")}]}),
    14: ({"oldPrivileges": "None", "newPrivileges": "ReadAccess", "principal": f"team,{guid('t')}"}, "ShareAuditDetail",
         {"OldPrivileges": "None", "NewPrivileges": "ReadAccess",
          "Principal": {"@odata.type": f"#{CRM}.team", "teamid": guid("t")}}),
    64: ({"interval": 4}, "UserAccessAuditDetail", {"AccessTime": "2026-02-01T00:00:00Z", "Interval": 4}),
    57: ({}, "RolePrivilegeAuditDetail", {"OldRolePrivileges": [], "NewRolePrivileges": []}),
}  # fmt: skip


@pytest.mark.parametrize("action", TOLD)
def test_rows_that_tell_of_something_else_have_a_type_of_their_own(action: int) -> None:
    told, kind, expected = TOLD[action]
    detail = asker(audit(0, json.dumps(told), action=action, operation=4), details_have_record=False)(0)
    assert detail == {"@odata.type": f"#{CRM}.{kind}", **expected}


def test_an_access_without_a_type_of_its_own_is_a_plain_detail() -> None:
    detail = asker(audit(0, None, action=15, operation=4), details_have_record=False)(0)
    assert detail == {"@odata.type": f"#{CRM}.AuditDetail"}


def test_auditing_switched_on_or_off_has_no_type_and_no_object() -> None:
    for action in (105, 107, 110):
        detail = asker(audit(0, None, action=action))(0)
        assert set(detail) == {"AuditRecord"}
        assert (detail["AuditRecord"]["action"], detail["AuditRecord"]["_objectid_value"]) == (action, NOBODY)


def test_ids_that_lead_nowhere() -> None:
    row = audit(0, None)
    client = client_of(environment_of(row))
    unknown = error_of(client.get(f"audits({guid('none')})/{CRM}.RetrieveAuditDetails"))
    assert unknown[:2] == (404, "0x80048d02")
    assert unknown[2].startswith("The HTTP status code of the response was not expected (404)")
    assert error_of(client.get(f"audits(7)/{CRM}.RetrieveAuditDetails"))[0] == 400
    absent = client_of(environment_of(row, missing_tables=frozenset({"audit"})))
    assert error_of(absent.get(f"audits({guid('none')})/{CRM}.RetrieveAuditDetails"))[:2] == (404, "0x80060888")


def test_details_need_a_privilege_of_their_own() -> None:
    row = audit(0, changedata(title=(None, "x")))
    client = client_of(environment_of(row, missing_privileges=frozenset({"prvReadRecordAuditHistory"})))
    status, code, message = error_of(client.get(f"audits({row['auditid']})/{CRM}.RetrieveAuditDetails"))
    assert (status, code) == (403, "0x80040220")
    assert "is missing prvReadRecordAuditHistory privilege" in message
    assert client.get("audits?$select=auditid").status_code == 200


def test_rows_that_come_while_the_sandbox_runs_are_found(web: httpx.Client) -> None:
    environment = environment_of(audit(0, changedata(title=(None, "x"))))
    client = client_of(environment)
    path = f"audits({guid('audit', 1)})/{CRM}.RetrieveAuditDetails"
    assert client.get(path).status_code == 404
    environment.upsert("audit", [audit(1, changedata(title=("x", "y")))])
    assert bags(client.get(path).json()["AuditDetail"]) == ({"title": "x"}, {"title": "y"})


def test_every_text_of_the_generated_desk_can_be_told(desk_rows: list[dict[str, Any]]) -> None:
    """`changedata` and details say the same; the expected types come from the schema alone."""
    environment = Environment({"audit": arrow("audit", desk_rows)})
    client = client_of(environment)
    for row in desk_rows:
        detail = client.get(f"audits({row['auditid']})/{CRM}.RetrieveAuditDetails").json()["AuditDetail"]
        columns = TABLES[row["objecttypecode"]].by_name if row["changedata"] else {}
        for change in json.loads(row["changedata"] or '{"changedAttributes":[]}')["changedAttributes"]:
            name = columns[change["logicalName"]].wire_name
            for side, bag in (("oldValue", "OldValue"), ("newValue", "NewValue")):
                text = change[side]
                if text is None:
                    assert name not in detail[bag]
                else:
                    expected = text.rpartition(",")[2] if name.startswith("_") else text
                    assert str(detail[bag][name]) == expected
        assert detail.get("InvalidNewValueAttributes", []) == []


@pytest.fixture(scope="module")
def desk_rows() -> list[dict[str, Any]]:
    """Some audit rows of a generated desk."""
    from d365_pm.sandbox.desk import generate

    rows: list[dict[str, Any]] = generate(cases=12, seed=3, days=20).tables["audit"].to_pylist()
    return rows
