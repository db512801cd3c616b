"""The error codes of the Web API reference, section 9 and what it points to: each has its class and a remedy."""

import httpx
import pytest

from d365_pm.dataverse.diagnosis import diagnose
from d365_pm.dataverse.errors import (
    AccessDeniedError,
    AggregateLimitError,
    DataverseError,
    ExhaustedError,
    ExpiredTokenError,
    NotTrackedError,
    PagingError,
    PrivilegeError,
    QuerySizeError,
    RequestRefusedError,
    ServerFaultError,
    ShrinkError,
    ThrottledError,
    UnauthorizedError,
    UnknownColumnError,
    UnknownRecordError,
    UnknownTableError,
)
from d365_pm.dataverse.reply import Reply
from d365_pm_tests.dataverse.wire import error

CODES = [
    ("0x80060888", 400, RequestRefusedError),
    ("0x8006088a", 501, RequestRefusedError),
    ("0x80048d19", 400, RequestRefusedError),
    ("0x80048d02", 404, UnknownRecordError),
    ("0x80040217", 404, UnknownRecordError),
    ("0x80060891", 404, UnknownRecordError),
    ("0x80040203", 400, RequestRefusedError),
    ("0x80040216", 500, ShrinkError),
    ("0x80040220", 403, PrivilegeError),
    ("0x80048306", 403, AccessDeniedError),
    ("0x80072560", 403, AccessDeniedError),
    ("0x8004f504", 403, AccessDeniedError),
    ("0x80041102", 400, UnknownTableError),
    ("0x80041103", 400, UnknownColumnError),
    ("0x80041129", 400, PagingError),
    ("0x8004112a", 400, PagingError),
    ("0x8004430a", 400, PagingError),
    ("0x8004430c", 400, QuerySizeError),
    ("0x8004430d", 400, QuerySizeError),
    ("0x8004430e", 400, QuerySizeError),
    ("0x8004e023", 400, AggregateLimitError),
    ("0x80044352", 400, ExpiredTokenError),
    ("0x80072491", 400, NotTrackedError),
    ("0x80072492", 400, NotTrackedError),
    ("0x80072321", 429, ThrottledError),
    ("0x80072322", 429, ThrottledError),
    ("0x80072326", 429, ThrottledError),
    ("0x80048544", 500, ShrinkError),
    ("0x80048644", 500, ShrinkError),
    ("0x80048744", 500, ShrinkError),
    ("0x80048745", 500, ShrinkError),
    ("0x80048573", 500, ShrinkError),
    ("0x80048574", 500, ShrinkError),
    ("0x80044150", 500, ShrinkError),
    ("0x80044151", 500, ShrinkError),
    ("0x80072323", 500, ExhaustedError),
    ("0x80072324", 500, ExhaustedError),
    ("0x80072325", 500, ExhaustedError),
    ("0x80060882", 412, RequestRefusedError),
    ("0x8004a104", 403, AccessDeniedError),
    ("0x80042f09", 403, AccessDeniedError),
    ("0x80040225", 403, AccessDeniedError),
    ("0x8004d24b", 403, AccessDeniedError),
    ("", 405, RequestRefusedError),
]
# Statuses that the reference marks as uncertain; the code alone has to decide.
UNCERTAIN = {
    *("0x80041129", "0x8004112a", "0x8004430a", "0x8004430c", "0x8004430d", "0x8004430e", "0x8004e023", "0x80044352"),
    *("0x80072491", "0x80072492", "0x80048544", "0x80048644", "0x80048744", "0x80048745", "0x80048573", "0x80048574"),
    *("0x80044150", "0x80044151", "0x8004a104", "0x80042f09", "0x80040225", "0x8004d24b"),
}


def diagnosed(answer: httpx.Response) -> DataverseError:
    fields = {name.lower(): value for name, value in answer.headers.items()}
    return diagnose(Reply(answer.status_code, fields, answer.content), host="contoso.crm4.dynamics.com")


@pytest.mark.parametrize(("code", "status", "kind"), CODES)
def test_a_code_has_its_class_and_a_sentence_that_says_what_to_do(
    code: str, status: int, kind: type[DataverseError]
) -> None:
    fault = diagnosed(error(status, code, "…"))
    assert type(fault) is kind
    assert fault.status == status
    assert fault.code == (code or None)
    before, separator, remedy = fault.message.replace(";", ":").partition(":")
    assert separator, fault.message
    assert before
    assert remedy.strip()


@pytest.mark.parametrize("status", [400, 403, 404, 500])
@pytest.mark.parametrize(("code", "kind"), [(code, kind) for code, _, kind in CODES if code in UNCERTAIN])
def test_where_the_status_is_uncertain_the_code_decides(status: int, code: str, kind: type[DataverseError]) -> None:
    assert type(diagnosed(error(status, code, "…"))) is kind


@pytest.mark.parametrize(("code", "kind"), [(code, kind) for code, _, kind in CODES if code])
def test_a_code_may_be_a_signed_number(code: str, kind: type[DataverseError]) -> None:
    signed = int(code, 16) - (1 << 32)
    assert type(diagnosed(error(400, str(signed), "…"))) is kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401), UnauthorizedError),
        (httpx.Response(408), ServerFaultError),
        (httpx.Response(502, html="<html></html>"), ServerFaultError),
        (httpx.Response(503), ServerFaultError),
        (httpx.Response(504), ShrinkError),
        (httpx.Response(429), ThrottledError),
        (httpx.Response(400, json={"Message": "No version."}), RequestRefusedError),
    ],
)
def test_without_a_code_the_status_decides(answer: httpx.Response, kind: type[DataverseError]) -> None:
    assert type(diagnosed(answer)) is kind
