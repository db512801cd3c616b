"""`$filter` against conditions written in Python over the same rows (Web API reference 2.3)."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from d365_pm_tests.sandbox.conftest import FIRST_DAY, case_rows, error_of, guid, values

Row = dict[str, Any]
DAY_TWO = FIRST_DAY + dt.timedelta(days=1)
OWNER = guid("user", 1)
INCOMPATIBLE = "A binary operator with incompatible types was detected. Found operand types"
ACCOUNT_NAMES = {guid("account", n): f"Fabrikam {n}" for n in range(5)}


def matching(condition: Callable[[Row], Any]) -> set[str]:
    return {row["ticketnumber"] for row in case_rows() if condition(row)}


def answered(web: httpx.Client, text: str) -> set[str]:
    return {
        row["ticketnumber"] for row in values(web.get("incidents", params={"$select": "ticketnumber", "$filter": text}))
    }


def title_has(part: str) -> Callable[[Row], bool]:
    return lambda row: part in (row["title"] or "").lower()


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        pytest.param("statecode eq 1", lambda r: r["statecode"] == 1, id="eq"),
        pytest.param("1 eq statecode", lambda r: r["statecode"] == 1, id="literal first"),
        pytest.param("onholdtime ge 30", lambda r: (r["onholdtime"] or -1) >= 30, id="ge"),
        pytest.param("30 lt onholdtime", lambda r: (r["onholdtime"] or -1) > 30, id="mirrored"),
        pytest.param("onholdtime eq -5", lambda r: False, id="negative"),
        pytest.param("onholdtime lt 99999999999", lambda r: r["onholdtime"] is not None, id="beyond the type"),
        pytest.param("prioritycode eq null", lambda r: r["prioritycode"] is None, id="null"),
        pytest.param("prioritycode ne null", lambda r: r["prioritycode"] is not None, id="not null"),
        pytest.param("prioritycode ne 1", lambda r: r["prioritycode"] != 1, id="ne with nulls"),
        pytest.param("isescalated eq true", lambda r: r["isescalated"], id="boolean"),
        pytest.param("isescalated", lambda r: r["isescalated"], id="bare boolean"),
        pytest.param("not isescalated", lambda r: not r["isescalated"], id="not"),
        pytest.param("title eq 'LOGIN LOOP'", lambda r: r["title"] == "Login loop", id="text without case"),
        pytest.param("title eq 'it''s slow'", lambda r: r["title"] == "it's slow", id="doubled quote"),
        pytest.param("contains(title,'LOGIN')", title_has("login"), id="contains"),
        pytest.param("contains(title,'50[%]')", title_has("50%"), id="bracket escapes a wildcard"),
        pytest.param("contains(title,'l_gin')", title_has("login"), id="underscore is a wildcard"),
        pytest.param("contains(title,'log%ail')", lambda r: r["title"] == "login FAILED", id="percent is a wildcard"),
        pytest.param(
            "startswith(title,'login')", lambda r: (r["title"] or "").lower().startswith("login"), id="starts"
        ),
        pytest.param("endswith(title,'LOOP')", lambda r: (r["title"] or "").endswith("loop"), id="ends"),
        pytest.param(
            "not contains(title,'login')", lambda r: r["title"] and "login" not in r["title"].lower(), id="not like"
        ),
        pytest.param("createdon ge 2026-02-02T00:00:00Z", lambda r: r["createdon"] >= DAY_TWO, id="instant"),
        pytest.param("createdon lt 2026-02-02", lambda r: r["createdon"] < DAY_TWO, id="instant by day"),
        pytest.param("createdon ge 2026-02-01T21:00:00-03:00", lambda r: r["createdon"] >= DAY_TWO, id="offset"),
        pytest.param("followupby eq 2026-02-02", lambda r: r["followupby"] == DAY_TWO.date(), id="day"),
        pytest.param("createdon lt modifiedon", lambda r: r["createdon"] < r["modifiedon"], id="two columns"),
        pytest.param(f"_ownerid_value eq {OWNER}", lambda r: r["_ownerid_value"] == OWNER, id="bare guid"),
        pytest.param(f"_ownerid_value eq '{OWNER.upper()}'", lambda r: r["_ownerid_value"] == OWNER, id="quoted guid"),
        pytest.param(
            "customerid_account/name eq 'fabrikam 2'",
            lambda r: ACCOUNT_NAMES.get(r["_customerid_value"]) == "Fabrikam 2",
            id="related column",
        ),
        pytest.param(
            "parentcaseid/customerid_account/name ne null",
            lambda r: r["_parentcaseid_value"] and ((int(r["ticketnumber"][4:]) - 1) % 7),
            id="two levels",
        ),
        pytest.param("statecode in (0,2)", lambda r: r["statecode"] in (0, 2), id="in"),
        pytest.param("statecode in (2)", lambda r: r["statecode"] == 2, id="in with one"),
        pytest.param(
            "title in ('Login loop','IMPRESSÃO')", lambda r: r["title"] in ("Login loop", "Impressão"), id="in text"
        ),
        pytest.param(
            'Microsoft.Dynamics.CRM.In(PropertyName=\'statuscode\',PropertyValues=["5","6"])',
            lambda r: r["statuscode"] in (5, 6),
            id="In",
        ),
        pytest.param(
            "Microsoft.Dynamics.CRM.In(PropertyName='title',PropertyValues=[\"it's slow\"])",
            lambda r: r["title"] == "it's slow",
            id="In with apostrophe",
        ),
        pytest.param(
            "Microsoft.Dynamics.CRM.NotIn(PropertyName='statuscode',PropertyValues=[\"5\"])",
            lambda r: r["statuscode"] != 5,
            id="NotIn",
        ),
        pytest.param(
            'Microsoft.Dynamics.CRM.Between(PropertyName=\'onholdtime\',PropertyValues=["5","2000"])',
            lambda r: 5 <= (r["onholdtime"] or 0) <= 2000,
            id="Between",
        ),
        pytest.param(
            "Microsoft.Dynamics.CRM.OnOrAfter(PropertyName='createdon',PropertyValue='2026-02-02')",
            lambda r: r["createdon"] >= DAY_TWO,
            id="OnOrAfter",
        ),
        pytest.param(
            "Microsoft.Dynamics.CRM.On(PropertyName='createdon',PropertyValue='2026-02-02')",
            lambda r: r["createdon"].date() == DAY_TWO.date(),
            id="On",
        ),
        pytest.param(
            "(statecode eq 0 or statecode eq 1) and not (isescalated eq true)",
            lambda r: r["statecode"] in (0, 1) and not r["isescalated"],
            id="nested",
        ),
        pytest.param(
            "Incident_Emails/any(e:e/directioncode eq true)",
            lambda r: r["ticketnumber"] in ("CAS-00000", "CAS-00002"),
            id="any",
        ),
        pytest.param("Incident_Emails/any()", lambda r: r["ticketnumber"] <= "CAS-00003", id="any at all"),
        pytest.param(
            "Incident_Emails/all(e:e/directioncode eq false)",
            lambda r: r["ticketnumber"] not in ("CAS-00000", "CAS-00002"),
            id="all",
        ),
    ],
)
def test_filter_returns_the_rows_that_python_would(
    web: httpx.Client, text: str, condition: Callable[[Row], Any]
) -> None:
    assert answered(web, text) == matching(condition)


_NUMBER = st.sampled_from(["statecode", "onholdtime", "prioritycode"])
_OPERATORS: dict[str, Callable[[int, int], bool]] = {
    "eq": lambda a, b: a == b,
    "ge": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "le": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
}
_COMPARISON = st.tuples(_NUMBER, st.sampled_from(sorted(_OPERATORS)), st.sampled_from([0, 1, 2, 30]))
_CONDITION = st.recursive(
    _COMPARISON,
    lambda inner: st.one_of(st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(["and", "or"]), inner, inner)),
    max_leaves=6,
)


def text_of(condition: Any) -> str:
    if condition[0] == "not":
        return f"not ({text_of(condition[1])})"
    if condition[0] in ("and", "or"):
        return f"({text_of(condition[1])} {condition[0]} {text_of(condition[2])})"
    return " ".join(map(str, condition))


def truth_of(condition: Any, row: Row) -> bool | None:
    """SQL's three-valued logic."""
    if condition[0] == "not":
        inner = truth_of(condition[1], row)
        return None if inner is None else not inner
    if condition[0] in ("and", "or"):
        sides = [truth_of(condition[1], row), truth_of(condition[2], row)]
        decisive = condition[0] == "or"
        return decisive if decisive in sides else None if None in sides else not decisive
    name, operator, number = condition
    return None if row[name] is None else _OPERATORS[operator](row[name], number)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition=_CONDITION)
def test_any_nesting_follows_sql_logic(web: httpx.Client, condition: Any) -> None:
    assert answered(web, text_of(condition)) == matching(lambda row: truth_of(condition, row) is True)


def test_ne_may_leave_nulls_out_as_some_environments_do(switched: Callable[..., httpx.Client]) -> None:
    client = switched(ne_matches_null=False)
    assert answered(client, "prioritycode ne 1") == matching(lambda r: r["prioritycode"] not in (1, None))


def test_a_parameter_alias_stands_for_its_value(web: httpx.Client) -> None:
    answer = web.get("incidents?$select=ticketnumber&$filter=statecode eq @s and title ne '@s'&@s=2")
    assert {row["ticketnumber"] for row in values(answer)} == matching(lambda r: r["statecode"] == 2)


def test_an_offset_whose_plus_was_not_encoded_is_refused(web: httpx.Client) -> None:
    assert web.get("incidents?$filter=createdon ge 2026-02-01T00:00:00+00:00").status_code == 400


def test_names_that_begin_like_a_keyword_are_columns(web: httpx.Client) -> None:
    assert values(web.get("slas?$filter=allowpauseresume eq true")) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("new_foo eq 1", "Could not find a property named 'new_foo' on type 'Microsoft.Dynamics.CRM.incident'."),
        (
            "customerid_account/new_foo eq 1",
            "Could not find a property named 'new_foo' on type 'Microsoft.Dynamics.CRM.account'.",
        ),
        (
            "ownerid/fullname eq 'x'",
            "Could not find a property named 'fullname' on type 'Microsoft.Dynamics.CRM.principal'.",
        ),
        (
            "title eq 5",
            f"{INCOMPATIBLE} 'Edm.String' and 'Edm.Int32' for operator kind 'Equal'.",
        ),
        (
            "createdon ge '2026-01-01'",
            f"{INCOMPATIBLE} 'Edm.DateTimeOffset' and 'Edm.String' for operator kind 'Equal'.",
        ),
        ("title eq", "Syntax error in 'title eq'."),
        ("title eq 'x", "Syntax error in 'title eq 'x'."),
    ],
)
def test_refused_conditions(web: httpx.Client, text: str, message: str) -> None:
    answer = web.get("incidents", params={"$filter": text})
    assert error_of(answer) == (400, "0x80060888", message)


@pytest.mark.parametrize(
    "text", ["title", "year(createdon) eq 2026", "statecode gt null", "1 eq 1", "contains(statecode,'1')"]
)
def test_what_dataverse_does_not_offer_is_refused(web: httpx.Client, text: str) -> None:
    assert error_of(web.get("incidents", params={"$filter": text}))[:2] == (400, "0x80060888")


def test_a_wildcard_range_that_is_none_matches_nothing(web: httpx.Client) -> None:
    assert answered(web, "contains(title,'[z-a]')") == set()


_PIECES = st.sampled_from(
    [
        *("title", "statecode", "createdon", "customerid_account/name", "isescalated", "x/y", "null", "true", "1"),
        *("9" * 25, "1.5", "'x'", "'", "2026-02-31", "2026-01-01", "(", ")", "and", "or", "not", "eq", "gt", "in"),
        *("(1,2)", "add", "@p", "contains(title,'a(b*[')", "Incident_Emails/any(e:e/subject eq 'x')", "duration'P1D'"),
        "Microsoft.Dynamics.CRM.X(A=1,B=2,C=3)",
        "Microsoft.Dynamics.CRM.In(PropertyName='title',PropertyValues=[])",
        *("%", "é"),
    ]
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(_PIECES, max_size=6), option=st.sampled_from(["$filter", "$orderby", "$expand", "$skiptoken"]))
def test_no_nonsense_brings_the_server_down(web: httpx.Client, pieces: list[str], option: str) -> None:
    assert web.get("incidents", params={"$select": "title", option: " ".join(pieces)}).status_code in (200, 400)
