"""No token, secret or content of a row in anything that is printed, whatever fails."""

import logging
import traceback
from collections.abc import Callable

import httpx
import pytest

from d365_pm.dataverse.auth import Token, TokenSource
from d365_pm.dataverse.connection import Connection, build_http
from d365_pm.dataverse.errors import DataverseError
from d365_pm.dataverse.extract import read_pages
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.retry import RetryPolicy
from d365_pm.dataverse.shaping import as_wanted
from d365_pm_tests.dataverse.wire import ORG, Recorder, collect, error, rows, run

TOKEN, CONTENT = "planted-token-eyJ0", "planted-content-42"
SUBJECT = as_wanted(TABLES["subject"])
ROW = {"subjectid": "00000000-0000-0000-0000-000000000001", "title": CONTENT}
LINK = f"{ORG}/api/data/v9.2/subjects?$skiptoken={CONTENT}"


class PlantedIssuer:
    def issue(self) -> Token:
        return Token(TOKEN, 3600.0)

    def close(self) -> None:
        pass


def raising(fault: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def handler(request: httpx.Request) -> httpx.Response:
        raise fault

    return handler


FAILURES = {
    "wrong-type": lambda request: rows(ROW | {"title": {"deep": CONTENT}}),
    "no-key": lambda request: rows({"title": CONTENT}),
    "error-400": lambda request: error(400, "0x80060888", f"Something about {CONTENT}"),
    "error-403": lambda request: error(403, "0x80040220", f"{CONTENT} {TOKEN}"),
    "error-404": lambda request: error(404, "0x80040217", f"Entity With Id = {CONTENT} Does Not Exist"),
    "error-500": lambda request: error(500, "0x80040216", f"{CONTENT} {TOKEN}"),
    "error-200": lambda request: error(200, "0x80040216", CONTENT),
    "html": lambda request: httpx.Response(502, html=f"<p>{CONTENT} {TOKEN}</p>"),
    "unauthorized": lambda request: httpx.Response(401, headers={"401_error_reason": TOKEN}),
    "cut": lambda request: httpx.Response(200, content=b'{"value":[{"title":"planted-content-42'),
    "foreign-link": lambda request: rows(ROW, link=f"https://evil.example/{CONTENT}"),
    "repeated-link": lambda request: rows(ROW, link=LINK),
    "redirect": lambda request: httpx.Response(302, headers={"Location": f"https://x/{CONTENT}"}),
    "silence": raising(httpx.ReadError(f"{CONTENT} {TOKEN}")),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_read_gives_nothing_away(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def no_pause(seconds: float) -> None:
        pass

    http = build_http(verify=False)
    http._transport = httpx.MockTransport(Recorder(FAILURES[name]))
    connection = Connection(
        ORG, tokens=TokenSource(PlantedIssuer()), http=http, policy=RetryPolicy(attempts=2), sleep=no_pause
    )
    with pytest.raises(DataverseError) as caught:
        run(collect(read_pages(connection, SUBJECT)))
    fault = caught.value
    printed = "\n".join([str(fault), repr(fault), repr(vars(fault)), *traceback.format_exception(fault), caplog.text])
    assert TOKEN not in printed
    assert CONTENT not in printed
