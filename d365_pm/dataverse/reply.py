"""One answer of the Web API, read by what it says about itself and not by what we hope for.

Belongs here: status, headers, the inflated body and its JSON. What a bad answer means is in `diagnosis.py`.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from isal import isal_zlib

from d365_pm.dataverse.errors import GarbledReplyError

_IDENTIFIER = re.compile(r"[\w.-]{1,64}", re.ASCII)


_GZIP = 31
_MOST_INFLATED = 1032
"""How many times its size a body can have been at most: the densest code of the format."""
_DAMAGED: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub calls the class an exception


class Reply:
    """An answer whose body is inflated by whoever first looks at it, such as the thread that decodes it.

    Args:
        status: HTTP status.
        headers: Header fields, names in lower case.
        body: Content, still in its `Content-Encoding` if there is a way to undo it.
        inflate: Undoes the encoding, once.
    """

    __slots__ = ("_body", "_inflate", "headers", "status")

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        *,
        inflate: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self._body = body
        self._inflate = inflate

    @property
    def body(self) -> bytes:
        """Content after `Content-Encoding` was undone.

        Raises:
            GarbledReplyError: The compressed body is cut or damaged.
        """
        if self._inflate is not None:
            self._body, self._inflate = self._inflate(self._body), None
        return self._body

    def drop_body(self) -> None:
        """Forget the content, which takes as much memory as what was made of it."""
        self._body, self._inflate = b"", None

    @property
    def request_id(self) -> str | None:
        """The identifier under which the server keeps its own record of the request."""
        given = self.headers.get("x-ms-service-request-id") or self.headers.get("req_id")
        return given if given and _IDENTIFIER.fullmatch(given) else None

    @property
    def media_type(self) -> str:
        """Content type without parameters, lower case; empty if the server did not say."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        """Whether the server calls the body JSON."""
        return self.media_type == "application/json" or self.media_type.endswith("+json")


def packed_reply(status: int, headers: Mapping[str, str], raw: bytes) -> Reply:
    """An answer as it came over the wire.

    Raises:
        GarbledReplyError: The encoding is one that we did not ask for.
    """
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"", "identity"} or not raw:
        return Reply(status, headers, raw)
    bare = Reply(status, headers, b"")
    if encoding not in {"gzip", "x-gzip"}:
        raise _garbled("uses a content encoding that was not asked for", bare)
    return Reply(status, headers, raw, inflate=partial(_inflated, bare=bare))


def _inflated(raw: bytes, *, bare: Reply) -> bytes:
    # The length that gzip ends with saves growing the buffer again and again, which is most of the time.
    told = int.from_bytes(raw[-4:], "little")
    try:
        return isal_zlib.decompress(raw, wbits=_GZIP, bufsize=min(told, len(raw) * _MOST_INFLATED) + 1)
    except _DAMAGED:
        raise _garbled(_fault(raw), bare) from None


def _fault(raw: bytes) -> str:
    decoder = isal_zlib.decompressobj(wbits=_GZIP)
    try:
        decoder.decompress(raw)
    except _DAMAGED:
        return "is damaged: its compressed body cannot be read"
    return "is cut: its compressed body ends early"


def json_object(reply: Reply) -> dict[str, Any]:
    """The JSON object in a successful answer.

    Raises:
        GarbledReplyError: The body is no JSON, is cut, or is an error in spite of its status.
    """
    require_json(reply)
    try:
        content = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _garbled("is cut or is not valid JSON", reply) from None
    if not isinstance(content, dict):
        raise _garbled("is JSON, but not an object", reply)
    if "error" in content:
        raise error_in_disguise(reply)
    return content


def whole_number(reply: Reply) -> int:
    """The number in a successful `text/plain` answer.

    Raises:
        GarbledReplyError: The body is no number.
    """
    try:
        return int(reply.body.decode("utf-8-sig"))
    except ValueError:
        raise _garbled("is no number", reply) from None


def require_json(reply: Reply) -> None:
    """Refuse a body that the server itself does not call JSON.

    Raises:
        GarbledReplyError: Names the type that came instead.
    """
    if not reply.is_json:
        kind = "a web page" if reply.media_type == "text/html" else reply.media_type or "without a content type"
        raise _garbled(f"is {kind} instead of data", reply)


def error_code(reply: Reply) -> str | None:
    """Code of the error envelope in lower case, hexadecimal as documented even if the server sends it as a number.

    None for anything that is no identifier: errors are printed, and text of a server may hold content of rows.
    """
    error = _error(reply)
    code = str(error.get("code", "")) if error else ""
    return _hexadecimal(code) if _IDENTIFIER.fullmatch(code) else None


def error_message(reply: Reply) -> str:
    """Message of the error envelope; empty if there is none."""
    error = _error(reply)
    return str(error.get("message", "")) if error else ""


def error_in_disguise(reply: Reply) -> GarbledReplyError:
    """The fault that stands for an error body under a successful status."""
    fault = _garbled("is an error although its status says success", reply)
    fault.code = error_code(reply)
    return fault


def garbled_page(reply: Reply) -> GarbledReplyError:
    """The fault that stands for a page that cannot be read as one."""
    return _garbled("is cut or is not valid JSON", reply)


def _error(reply: Reply) -> dict[str, Any] | None:
    if not reply.is_json:
        return None
    try:
        content = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    error = content.get("error") if isinstance(content, dict) else None
    return error if isinstance(error, dict) else None


def _hexadecimal(code: str) -> str:
    try:
        number = int(code, 10)
    except ValueError:
        return code.lower()
    return f"0x{number & 0xFFFFFFFF:08x}"


def _garbled(what: str, reply: Reply) -> GarbledReplyError:
    return GarbledReplyError(f"The answer of Dataverse {what}.", request_id=reply.request_id, status=reply.status)
