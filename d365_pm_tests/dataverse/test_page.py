"""Splitting a page: envelope, characters that cannot be stored, and what is no page."""

import json
from typing import Any

import pytest

from d365_pm.dataverse.errors import GarbledReplyError, ProtocolError
from d365_pm.dataverse.page import RawPage, split_page
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.reply import Reply
from d365_pm.dataverse.shaping import as_wanted
from d365_pm.dataverse.typed import typed_page

# The collection envelope of the reference, section 2.1, annotations before their property.
ENVELOPE = rb"""{
 "@odata.context":"https://contoso.crm4.dynamics.com/api/data/v9.2/$metadata#incidents(title)",
 "@odata.count":5000,
 "@Microsoft.Dynamics.CRM.totalrecordcount":5000,
 "@odata.nextLink":"https://contoso.crm4.dynamics.com/api/data/v9.2/incidents?$skiptoken=%3Ccookie%22%253c%22%20/%3E",
 "value":[{
  "@odata.etag":"W/\"81550512\"",
  "title":"Login loop",
  "incidentid":"7b1c9d40-aaaa-4e5f-8a9b-000000000001"}]
}"""


def page(body: bytes, *, media: str = "application/json; odata.metadata=minimal") -> RawPage:
    return split_page(Reply(200, {"content-type": media}, body))


def test_the_documented_envelope() -> None:
    found = page(ENVELOPE)
    assert found.next_link == (
        "https://contoso.crm4.dynamics.com/api/data/v9.2/incidents?$skiptoken=%3Ccookie%22%253c%22%20/%3E"
    )
    assert [json.loads(bytes(row))["title"] for row in found.rows] == ["Login loop"]
    assert found.replaced == 0


def test_rows_hold_no_line_breaks() -> None:
    assert b"\n" not in bytes(page(ENVELOPE).rows[0])


@pytest.mark.parametrize(
    ("text", "expected", "replaced"),
    [
        (rb"a\u0000b", "a\ufffdb", 1),
        (rb"a\ud800b", "a\ufffdb", 1),
        (rb"a\uDC00b", "a\ufffdb", 1),
        (rb"\ud800\ud800", "\ufffd\ufffd", 2),
        (rb"\ud83d\ude00", "\N{GRINNING FACE}", 0),
        (rb"\ud83d\ude00\ud83d", "\N{GRINNING FACE}\ufffd", 1),
        (rb"C:\\ud800 and \\u0000", r"C:\ud800 and \u0000", 0),
        (rb"\\\ud800", "\\\ufffd", 1),
        (b"a\xffb", "a\ufffdb", 1),
        (b"a\x00b", "a\ufffdb", 1),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd", 3),
        ("ção".encode(), "ção", 0),
    ],
)
def test_characters_that_no_text_may_hold_are_replaced_and_counted(text: bytes, expected: str, replaced: int) -> None:
    found = page(b'{"value":[{"title":"' + text + b'"}]}')
    assert json.loads(bytes(found.rows[0]))["title"] == expected
    assert found.replaced == replaced


def test_a_byte_order_mark_is_tolerated() -> None:
    assert page(b'\xef\xbb\xbf{"value":[]}').rows == []


@pytest.mark.parametrize(
    "body",
    [b'{"value":[{"title":"x"', b'{"value":[{"title":"x"}]', b"", b"[]", b'{"value":{}}', b'{"value":[1]}x', b"null"],
)
def test_what_is_cut_or_malformed_is_garbled(body: bytes) -> None:
    with pytest.raises(GarbledReplyError):
        page(body)


def test_html_is_garbled() -> None:
    with pytest.raises(GarbledReplyError, match="web page"):
        page(b"<html></html>", media="text/html; charset=utf-8")


def test_an_error_under_200_is_garbled_and_keeps_its_code() -> None:
    with pytest.raises(GarbledReplyError) as caught:
        page(b'{"error":{"code":"0x80044151","message":"SQL timeout"}}')
    assert caught.value.code == "0x80044151"


def test_an_object_without_rows_is_loud() -> None:
    with pytest.raises(ProtocolError, match="no rows"):
        page(b'{"@odata.context":"x"}')


def fingerprint(*rows: dict[str, Any]) -> bytes:
    body = json.dumps({"value": list(rows)}).encode()
    return typed_page(Reply(200, {"content-type": "application/json"}, body), as_wanted(TABLES["incident"])).digest


A, B = "7b1c9d40-aaaa-4e5f-8a9b-000000000001", "7b1c9d40-aaaa-4e5f-8a9b-000000000002"
CASE = {"incidentid": A, "versionnumber": 7, "modifiedon": "2026-02-09T00:00:00Z"}


def test_the_same_rows_in_the_same_versions_have_the_same_fingerprint() -> None:
    assert fingerprint(CASE | {"@odata.etag": "x"}) == fingerprint(CASE | {"@odata.etag": "y"})


@pytest.mark.parametrize(
    "other",
    [
        (CASE | {"incidentid": B},),
        (CASE | {"versionnumber": 8},),
        (CASE | {"modifiedon": "2026-02-09T00:00:01Z"},),
        (CASE, CASE | {"incidentid": B}),
        (),
    ],
)
def test_other_rows_or_versions_have_another_fingerprint(other: tuple[dict[str, Any], ...]) -> None:
    assert fingerprint(CASE) != fingerprint(*other)
