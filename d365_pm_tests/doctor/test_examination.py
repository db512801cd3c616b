"""What becomes of answers that do not come, or come in another form: unknown facts, never a crash."""

import httpx
import pytest

from d365_pm.dataverse import DataverseClient, DataverseError
from d365_pm.doctor.audit_history import READ_AUDIT
from d365_pm.doctor.examination import Examination
from d365_pm.doctor.facts import Depth, Facts
from d365_pm.doctor.report import Status, judge
from d365_pm_tests.dataverse.wire import BASE, Handler, Setup, error, run
from d365_pm_tests.doctor.environment import NOW, SHIPPED_RULES

USER = "a71c0000-0000-0000-0000-000000000001"


def examined(handler: Handler) -> Facts:
    words: list[str] = []
    start = Facts(asked_at=NOW, address="contoso.crm4.dynamics.com", rules=SHIPPED_RULES)
    setup = Setup(handler)
    facts = run(Examination(DataverseClient(setup.connection), start, words.append).run())
    assert words[0] == "signing in"
    return facts


def who_am_i() -> httpx.Response:
    body = {"UserId": USER.upper(), "BusinessUnitId": USER, "OrganizationId": USER}
    return httpx.Response(200, json=body, headers={"x-ms-dop-hint": "12"})


def only_who_am_i(answer: httpx.Response) -> Handler:
    """An environment that knows us and answers everything else in one way."""
    return lambda request: who_am_i() if request.url.path.endswith("/WhoAmI") else answer


def test_an_environment_that_refuses_everything_but_our_name_is_examined_to_the_end():
    facts = examined(only_who_am_i(error(403, "0x80040220", "is missing prvReadX privilege")))
    asked = {each.question for each in facts.unanswered}

    assert facts.caller is not None
    assert (facts.caller.user_id, facts.requests_hint) == (USER, 12)
    assert {"version", "organisation", "user settings", "privileges", "row counts"} <= asked
    assert judge(facts).status is not Status.HEALTHY


@pytest.mark.parametrize("body", [{}, {"value": 7}, {"value": [7]}, {"value": None}, {"RolePrivileges": [7]}])
def test_answers_of_another_form_are_unanswered_questions(body: dict[str, object]):
    facts = examined(only_who_am_i(httpx.Response(200, json=body)))

    assert facts.version is None
    assert facts.unanswered
    assert judge(facts).findings


def test_no_answer_to_the_first_question_ends_the_examination_with_its_reason():
    with pytest.raises(DataverseError, match="application user"):
        examined(lambda request: error(403, "0x80072560", "The user is not a member of the organization."))


def test_a_first_answer_of_another_form_says_that_it_is_no_dataverse():
    with pytest.raises(DataverseError, match="D365_URL"):
        examined(lambda request: httpx.Response(200, json={"hello": "world"}))


def test_no_row_content_and_no_token_comes_into_the_unanswered():
    secret = error(400, "0x80040203", "Planted row content of a customer")
    facts = examined(only_who_am_i(secret))

    assert "Planted" not in repr(facts)
    assert "token-1" not in repr(facts)


def test_privileges_are_asked_one_by_one_where_the_list_is_not_given():
    held = {"prvReadAuditSummary": "Global", "prvReadincident": "Local"}

    def handler(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/WhoAmI"):
            return who_am_i()
        if "RetrieveUserPrivilegeByPrivilegeName" in path:
            name = path.partition("PrivilegeName='")[2].partition("'")[0]
            depths = [{"Depth": held[name], "PrivilegeId": USER}] if name in held else []
            return httpx.Response(200, json={"RolePrivileges": depths})
        if path.endswith("/RetrieveUserPrivileges()"):
            return error(404, "0x80060888", "Resource not found for the segment 'RetrieveUserPrivileges'.")
        if "EntityDefinitions(LogicalName='incident')" in path:
            return _definition(path)
        return error(404, "0x80060888", "Resource not found for the segment 'x'.")

    facts = examined(handler)

    assert facts.privileges == {READ_AUDIT: True, "prvReadRecordAuditHistory": False}
    assert facts.tables["incident"].depth is Depth.UNIT


def _definition(path: str) -> httpx.Response:
    if path.endswith("/Attributes"):
        from d365_pm.dataverse import TABLES

        columns = [
            {"LogicalName": each.name, "AttributeType": "String", "IsValidForRead": True}
            for each in TABLES["incident"].columns
        ]
        return httpx.Response(200, json={"value": columns})
    body = {"LogicalName": "incident", "EntitySetName": "incidents", "PrimaryIdAttribute": "incidentid"}
    return httpx.Response(200, json={"@odata.context": f"{BASE}$metadata", **body})
