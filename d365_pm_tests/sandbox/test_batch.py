"""`$batch`: many requests in one (Web API reference 2.6)."""

from collections.abc import Callable, Sequence
from email import message_from_bytes
from email.message import Message
from typing import Any

import httpx
import pytest
from msgspec.json import decode

from d365_pm_tests.sandbox.conftest import API, error_of

BOUNDARY = "batch_7f3a"
CONTINUE = {"Prefer": "odata.continue-on-error"}


def part(url: str, *headers: str, method: str = "GET") -> str:
    """One request, every line ending in CRLF."""
    head = ("Content-Type: application/http", "Content-Transfer-Encoding: binary", "")
    return "\r\n".join([*head, f"{method} {url} HTTP/1.1", *headers, "", ""])


def body_of(parts: Sequence[str], boundary: str = BOUNDARY) -> bytes:
    """A batch."""
    return "".join([*(f"--{boundary}\r\n{each}\r\n" for each in parts), f"--{boundary}--\r\n"]).encode()


def send(client: httpx.Client, body: bytes, **headers: str) -> httpx.Response:
    """Post a batch."""
    return client.post(
        "$batch", content=body, headers={"Content-Type": f'multipart/mixed; boundary="{BOUNDARY}"'} | headers
    )


def answers_of(response: httpx.Response) -> list[tuple[int, Message, Any]]:
    """Status, headers and JSON of every answer, by the standard library's reader of multipart."""
    assert response.status_code == 200, response.text
    document = message_from_bytes(
        b"Content-Type: " + response.headers["Content-Type"].encode() + b"\r\n\r\n" + response.content
    )
    found = []
    for each in document.get_payload():
        assert isinstance(each, Message)
        assert each["Content-Type"] == "application/http"
        assert each["Content-Transfer-Encoding"] == "binary"
        line, _, rest = each.get_payload(decode=True).partition(b"\r\n")
        answer = message_from_bytes(rest)
        text = answer.get_payload(decode=True)
        is_json = "json" in answer["Content-Type"]
        found.append((int(line.split(b" ")[1]), answer, decode(text) if is_json else text.strip().decode()))
    return found


def batch(client: httpx.Client, parts: Sequence[str], **headers: str) -> list[tuple[int, Message, Any]]:
    """Answers of a batch."""
    return answers_of(send(client, body_of(parts), **headers))


def test_requests_are_answered_in_order_whatever_the_form_of_their_address(web: httpx.Client) -> None:
    urls = ("WhoAmI", "/api/data/v9.2/RetrieveVersion()", f"{API}/incidents?$select=title&$top=2", "incidents/$count")
    answers = batch(web, [part(url) for url in urls])
    assert [status for status, _, _ in answers] == [200] * 4
    contexts = [each["@odata.context"].rpartition("#")[2] for _, _, each in answers[:3]]
    assert contexts == [
        "Microsoft.Dynamics.CRM.WhoAmIResponse",
        "Microsoft.Dynamics.CRM.RetrieveVersionResponse",
        "incidents(title)",
    ]
    assert answers[3][2] == web.get("incidents/$count").text
    assert [answer["OData-Version"] for _, answer, _ in answers] == ["4.0"] * 4


def test_the_server_chooses_its_own_boundary_and_ends_lines_with_crlf(web: httpx.Client) -> None:
    answer = send(web, body_of([part("WhoAmI")]))
    boundary = answer.headers["Content-Type"].partition("boundary=")[2]
    assert boundary.startswith("batchresponse_")
    assert answer.content.startswith(f"--{boundary}\r\n".encode())
    assert answer.content.endswith(f"\r\n--{boundary}--\r\n".encode())


def test_the_first_failure_stops_the_rest(web: httpx.Client) -> None:
    answers = batch(web, [part("WhoAmI"), part("nothings"), part("WhoAmI")])
    assert [status for status, _, _ in answers] == [200, 404]
    assert answers[1][2]["error"]["code"] == "0x80060888"


def test_continue_on_error_answers_every_part(web: httpx.Client) -> None:
    answers = batch(web, [part("nothings"), part("incidents?$select=nothing"), part("WhoAmI")], **CONTINUE)
    assert [status for status, _, _ in answers] == [404, 400, 200]


def test_parts_carry_their_own_preferences_and_inherit_none(web: httpx.Client) -> None:
    url = "incidents?$select=title"
    answers = batch(
        web,
        [part(url), part(url, "Prefer: odata.maxpagesize=3")],
        Prefer='odata.include-annotations="*",odata.maxpagesize=2',
    )
    assert [len(each["value"]) for _, _, each in answers] == [137, 3]
    assert not any("@Microsoft" in name for _, _, each in answers for name in each)
    assert answers[1][1]["Preference-Applied"] == "odata.maxpagesize=3"


def test_a_thousand_parts_are_the_most(web: httpx.Client) -> None:
    assert len(batch(web, [part("WhoAmI")] * 1000)) == 1000
    assert send(web, body_of([part("WhoAmI")] * 1001)).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        body_of([part("WhoAmI")]).replace(b"\r\n", b"\n"),
        body_of([part("WhoAmI")], boundary="other"),
        body_of([part("WhoAmI")])[:-20],
        body_of([part("WhoAmI").replace("Content-Type: application/http\r\n", "")]),
        body_of([part("WhoAmI").replace("Content-Transfer-Encoding: binary\r\n", "")]),
        body_of([part("WhoAmI")[:-4]]),
        body_of(["Content-Type: multipart/mixed; boundary=cs\r\n\r\n" + body_of([part("WhoAmI")], "cs").decode()]),
        b"",
    ],
    ids=[
        "line feeds alone", "another boundary", "no end", "no part type", "no encoding", "no blank line",
        "GET in a change set", "nothing",
    ],
)  # fmt: skip
def test_malformed_batches_are_refused_as_a_whole(web: httpx.Client, body: bytes) -> None:
    assert error_of(send(web, body))[0] == 400


def test_only_a_batch_may_be_posted_and_parts_may_only_read(web: httpx.Client) -> None:
    assert web.post("incidents", json={}).status_code == 405
    assert web.get("$batch").status_code == 404
    answers = batch(web, [part("incidents", method="POST"), part("$batch")], **CONTINUE)
    assert [status for status, _, _ in answers] == [405, 400]


def test_addresses_in_a_batch_may_be_twice_as_long(web: httpx.Client) -> None:
    long = f"incidents?$select=title&$top=1&$filter=title%20ne%20'{'x' * 40_000}'"
    assert 32_768 < len(long) < 65_536
    too_long = f"incidents?$filter=title%20eq%20'{'x' * 65_536}'"
    assert [status for status, _, _ in batch(web, [part(long), part(too_long)], **CONTINUE)] == [200, 400]


def test_a_batch_of_another_host_or_path_is_not_this_environment(web: httpx.Client) -> None:
    urls = ("https://elsewhere.test/api/data/v9.2/WhoAmI", "/elsewhere/WhoAmI")
    assert [status for status, _, _ in batch(web, [part(url) for url in urls], **CONTINUE)] == [404, 404]


def test_a_batch_needs_the_sign_in(switched: Callable[..., httpx.Client]) -> None:
    client = switched()
    del client.headers["Authorization"]
    assert send(client, body_of([part("WhoAmI")])).status_code == 401
    assert send(switched(has_application_user=False), body_of([part("WhoAmI")])).status_code == 403
