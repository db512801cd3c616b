"""The text of a batch: requests in a `multipart/mixed` body, and the answers in another.

Belongs here: the form alone (Web API reference 2.6). Does not belong here: answering (`batch.py`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from d365_pm.sandbox.answers import Answer
from d365_pm.sandbox.errors import ApiError, bad_request

_BOUNDARY = re.compile(r'multipart/mixed\s*;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE)
_END = b"\r\n"
_BLANK = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch.

    Attributes:
        method: HTTP method.
        url: As written: absolute, from the root of the host, or relative to the API.
        headers: Its own headers, names in lower case.
    """

    method: str
    url: str
    headers: Mapping[str, str]


def read_batch(content_type: str, body: bytes) -> list[Part]:
    """Take a batch apart.

    Raises:
        ApiError: 400 for anything but requests between boundaries, with CRLF and blank lines where they belong.
    """
    sections = _sections(content_type, body)
    return [_part(section) for section in sections]


def _sections(content_type: str, body: bytes) -> list[bytes]:
    found = _BOUNDARY.match(content_type)
    if found is None:
        raise _malformed("the Content-Type must be multipart/mixed with a boundary")
    mark = b"--" + (found[1] or found[2]).encode("latin-1")
    pieces = (_END + body).split(_END + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--") or pieces[-1][2:].strip():
        raise _malformed("the body must begin and end with its boundary, each line ending in CRLF")
    if any(not piece.startswith(_END) for piece in pieces[1:-1]):
        raise _malformed("a boundary must stand on a line of its own")
    return [piece.removeprefix(_END) for piece in pieces[1:-1]]


def _part(section: bytes) -> Part:
    head, blank, request = section.partition(_BLANK)
    headers = _headers(head)
    kind = headers.get("content-type", "")
    if kind.lower().startswith("multipart/mixed"):
        for inner in _sections(kind, request):
            _refuse_get(_part(inner))
        return Part("POST", "", {})
    if not blank or kind.partition(";")[0].strip().lower() != "application/http":
        raise _malformed(
            "every part needs the header Content-Type: application/http and a blank line behind its headers"
        )
    if headers.get("content-transfer-encoding", "").lower() != "binary":
        raise _malformed("every part needs the header Content-Transfer-Encoding: binary")
    return _request(request)


def _request(text: bytes) -> Part:
    head, _, _ = text.partition(_BLANK)
    if head == text and not text.endswith(_END):
        raise _malformed("a blank line must stand behind the request line and its headers")
    line, _, rest = head.partition(_END)
    words = line.decode("latin-1").split(" ")
    if b"\n" in line or len(words) != 3 or not words[2].startswith("HTTP/"):
        raise _malformed("a request line must read like GET accounts HTTP/1.1 and end in CRLF")
    return Part(words[0], words[1], _headers(rest))


def _headers(text: bytes) -> dict[str, str]:
    lines = [line for line in text.decode("latin-1").split("\r\n") if line]
    if any("\n" in line or ":" not in line for line in lines):
        raise _malformed("a header must read Name: value and end in CRLF")
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _refuse_get(part: Part) -> None:
    if part.method == "GET":
        raise _malformed("a change set must not contain GET requests")


def _malformed(reason: str) -> ApiError:
    return bad_request(f"The batch request is not valid: {reason}.")


def write_answers(boundary: str, answers: Iterable[Answer]) -> bytes:
    """The body that answers a batch, in order."""
    pieces: list[bytes | memoryview] = []
    for answer in answers:
        pieces.append(f"--{boundary}\r\n{_answer_head(answer)}".encode())
        pieces.extend(answer.parts)
        pieces.append(_END)
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces)


def _answer_head(answer: Answer) -> str:
    headers = {"OData-Version": "4.0", **answer.headers}
    if answer.status != HTTPStatus.NO_CONTENT:
        headers = {"Content-Type": answer.media_type, **headers}
    lines = [
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines) + "\r\n\r\n"
