"""What happens between a request and a whole answer, or a clear error."""

import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from d365_pm.dataverse.errors import (
    AccessDeniedError,
    AddressError,
    BudgetError,
    ConnectionFailedError,
    DataverseError,
    GarbledReplyError,
    PrivilegeError,
    RequestRefusedError,
    ServerFaultError,
    ShrinkError,
    ThrottledError,
    UnauthorizedError,
    UnknownColumnError,
    UnknownTableError,
)
from d365_pm.dataverse.reply import json_object
from d365_pm_tests.dataverse.wire import BASE, Setup, error, scripted

URL = f"{BASE}incidents"
OK = httpx.Response(200, json={"value": []})
PAGE = httpx.Response(200, html="<html>Sign in</html>")
JSON = {"Content-Type": "application/json"}
THROTTLE = "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
PRIVILEGE = (
    "Principal user (Id=3c1f0000-0000-0000-0000-000000000000, type=8, roleCount=1, privilegeCount=214, accessMode=4), "
    "is missing prvReadincident privilege (Id=9b0e0000-0000-0000-0000-000000000000) on OTC=112 for entity 'incident'."
)


def test_request_carries_the_headers_of_the_protocol() -> None:
    setup = Setup(scripted(OK))
    setup.get(URL, parse=json_object, prefer="odata.maxpagesize=5000")
    headers = setup.recorder.requests[0].headers
    assert headers["Authorization"] == "Bearer token-1"
    assert headers["OData-Version"] == headers["OData-MaxVersion"] == "4.0"
    assert headers["If-None-Match"] == "null"
    assert headers["Accept"] == "application/json"
    assert headers["Accept-Encoding"] == "gzip"
    assert headers["Prefer"] == "odata.maxpagesize=5000"


def test_the_affinity_cookie_is_dropped() -> None:
    setup = Setup(scripted(httpx.Response(200, json={}, headers={"Set-Cookie": "ARRAffinity=abc;Path=/;Secure"})))
    setup.get(URL, parse=json_object, times=2)
    assert "Cookie" not in setup.recorder.requests[1].headers


def test_throttling_waits_as_long_as_the_server_says() -> None:
    setup = Setup(scripted(error(429, "0x80072322", THROTTLE, Retry_After="27"), OK))
    assert setup.get(URL, parse=json_object) == {"value": []}
    assert len(setup.pauses) == 1
    assert 27.0 <= setup.pauses[0] < 28.0


def test_throttling_understands_a_date_and_a_decimal_code() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    setup = Setup(scripted(error(503, "-2147015902", THROTTLE, Retry_After=later), OK))
    setup.get(URL, parse=json_object)
    assert 85.0 < setup.pauses[0] <= 91.0


PASSING = [
    pytest.param(httpx.Response(502, html="<html>Bad Gateway</html>"), id="502-html"),
    pytest.param(httpx.Response(503), id="503-empty"),
    pytest.param(httpx.Response(408), id="408"),
    pytest.param(httpx.ReadError("reset"), id="cut"),
    pytest.param(httpx.ConnectTimeout("slow"), id="connect-timeout"),
    pytest.param(httpx.RemoteProtocolError("peer closed connection"), id="incomplete"),
    pytest.param(httpx.Response(200, content=b'{"value":[{"a"', headers=JSON), id="cut-json"),
    pytest.param(PAGE, id="html-under-200"),
    pytest.param(httpx.Response(200, content=b"", headers=JSON), id="empty-200"),
    pytest.param(error(200, "0x80040216", "An unexpected error occurred."), id="error-under-200"),
]

TOO_LARGE = [
    pytest.param(httpx.Response(504, text="timeout"), id="504-text"),
    pytest.param(error(500, "0x80044151", "SQL timeout expired."), id="sql-timeout"),
    pytest.param(error(400, "0x80044150", "Generic SQL error."), id="sql-error-under-400"),
    pytest.param(error(500, "0x80040216", "An unexpected error occurred."), id="unexpected"),
    pytest.param(httpx.ReadTimeout("slow"), id="read-timeout"),
    *(
        pytest.param(error(status, f"0x800{code}", "…"), id=f"{code}-under-{status}")
        for code in ("48544", "48644", "48744", "48745", "48573", "48574")
        for status in (400, 500)
    ),
]


@pytest.mark.parametrize("fault", [*PASSING, *TOO_LARGE])
def test_a_passing_fault_is_retried(fault: httpx.Response | Exception) -> None:
    setup = Setup(scripted(OK, fault, OK))
    assert setup.get(URL, parse=json_object, times=2) == {"value": []}
    assert (len(setup.recorder.requests), len(setup.pauses)) == (3, 1)


@pytest.mark.parametrize("fault", PASSING)
def test_a_lasting_fault_ends_loudly_after_eight_attempts(fault: httpx.Response | Exception) -> None:
    setup = Setup(scripted(OK, fault))
    with pytest.raises((ConnectionFailedError, ServerFaultError, GarbledReplyError)):
        setup.get(URL, parse=json_object, times=2)
    assert len(setup.recorder.requests) == 1 + 8


@pytest.mark.parametrize("fault", TOO_LARGE)
def test_a_question_that_stays_too_large_asks_the_reader_to_shrink_it(fault: httpx.Response | Exception) -> None:
    setup = Setup(scripted(OK, fault))
    with pytest.raises(ShrinkError, match="ask for smaller pages"):
        setup.get(URL, parse=json_object, times=2)
    assert len(setup.recorder.requests) == 1 + 4


@pytest.mark.parametrize("code", ["0x80072323", "0x80072324", "-2147015899"])
def test_a_database_without_resources_is_given_minutes(code: str) -> None:
    setup = Setup(scripted(error(500, code), error(500, code), OK))
    setup.get(URL, parse=json_object)
    first, second = setup.pauses
    assert 30.0 <= first <= 61.0
    assert 60.0 <= second <= 122.0


@pytest.mark.parametrize("damage", [slice(0, -9), slice(0, 12)], ids=["without-checksum", "first-bytes-only"])
def test_a_cut_gzip_body_is_retried(damage: slice) -> None:
    whole = gzip.compress(b'{"value":[]}')

    def handler(request: httpx.Request) -> httpx.Response:
        body = whole[damage] if len(setup.recorder.requests) == 2 else whole
        return httpx.Response(200, stream=httpx.ByteStream(body), headers=JSON | {"Content-Encoding": "gzip"})

    setup = Setup(handler)
    assert setup.get(URL, parse=json_object, times=2) == {"value": []}
    assert len(setup.recorder.requests) == 3


def test_endless_throttling_ends() -> None:
    setup = Setup(scripted(error(429, "0x80072326", THROTTLE, Retry_After="1")))
    with pytest.raises(ThrottledError):
        setup.get(URL, parse=json_object)
    assert len(setup.pauses) == 60


EMPTY_401 = httpx.Response(401, headers={"WWW-Authenticate": "Bearer authorization_uri=https://login"})


def test_one_401_renews_the_token_and_is_forgotten() -> None:
    setup = Setup(scripted(EMPTY_401, OK))
    setup.get(URL, parse=json_object)
    assert [request.headers["Authorization"] for request in setup.recorder.requests] == [
        "Bearer token-1",
        "Bearer token-2",
    ]
    assert setup.pauses == []


def test_a_second_401_is_final() -> None:
    setup = Setup(scripted(EMPTY_401))
    with pytest.raises(UnauthorizedError, match="D365_TENANT_ID"):
        setup.get(URL, parse=json_object)
    assert len(setup.recorder.requests) == 2


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (
            error(403, "0x80072560", "The user is not a member of the organization."),
            AccessDeniedError,
            "application user",
        ),
        (error(403, "0x80040220", PRIVILEGE), PrivilegeError, "prvReadincident"),
        (error(403, "0x80040225", "The user is disabled."), AccessDeniedError, "disabled"),
        (error(403, "0x80042f09", "No roles."), AccessDeniedError, "security role"),
        (error(403, "0x8004f504", "…"), AccessDeniedError, "column security profile"),
        (httpx.Response(403, html="<html>blocked</html>"), AccessDeniedError, "firewall"),
        (
            error(
                400,
                "0x80060888",
                "Could not find a property named 'new_foo' on type 'Microsoft.Dynamics.CRM.incident'.",
            ),
            UnknownColumnError,
            "new_foo",
        ),
        (error(404, "0x80060888", "Resource not found for the segment 'incidentz'."), UnknownTableError, "table"),
        (error(400, "0x80060888", "The query parameter $skip is not supported"), RequestRefusedError, "0x80060888"),
        (error(501, "0x8006088a", "…"), RequestRefusedError, "9.2"),
        (httpx.Response(404, html="<html>404</html>"), AddressError, "D365_URL"),
        (httpx.Response(302, headers={"Location": "https://example.org"}), AddressError, "D365_URL"),
        (PAGE, AddressError, "D365_URL"),
    ],
)
def test_what_waiting_cannot_mend_is_said_at_once(
    answer: httpx.Response, kind: type[DataverseError], words: str
) -> None:
    setup = Setup(scripted(answer))
    with pytest.raises(kind, match=words) as caught:
        setup.get(URL, parse=json_object)
    assert type(caught.value) is kind
    assert len(setup.recorder.requests) == 1


def test_the_request_id_is_kept_for_support() -> None:
    setup = Setup(scripted(error(403, "0x80072560", "…", x_ms_service_request_id="7d1c-42")))
    with pytest.raises(AccessDeniedError, match="request id 7d1c-42"):
        setup.get(URL, parse=json_object)


def test_a_missing_privilege_names_privilege_and_table() -> None:
    setup = Setup(scripted(error(403, "0x80040220", PRIVILEGE)))
    with pytest.raises(PrivilegeError) as caught:
        setup.get(URL, parse=json_object)
    assert caught.value.privilege == "prvReadincident"
    assert "organisation-level Read on the table incident" in str(caught.value)
    assert "3c1f0000" not in str(caught.value)


def test_bytes_that_httpx_would_encode_reach_the_wire_as_they_are() -> None:
    setup = Setup(scripted(OK))
    raw = f'{BASE}incidents?$skiptoken=<cookie page="2">'
    setup.get(raw, parse=json_object)
    target = setup.recorder.requests[0].extensions["target"]
    assert target == b'/api/data/v9.2/incidents?$skiptoken=<cookie page="2">'


def test_a_run_stops_when_its_requests_are_used_up() -> None:
    setup = Setup(scripted(OK), budget=3)
    setup.get(URL, parse=json_object, times=3)
    with pytest.raises(BudgetError, match=r"3 requests .* D365_PM_REQUEST_BUDGET"):
        setup.get(URL, parse=json_object)
    assert len(setup.recorder.requests) == 3


def test_repeated_requests_count_against_the_budget() -> None:
    setup = Setup(scripted(httpx.Response(503)), budget=2)
    with pytest.raises(BudgetError):
        setup.get(URL, parse=json_object)
    assert len(setup.recorder.requests) == 2
