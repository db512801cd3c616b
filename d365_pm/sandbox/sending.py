"""From an answer to an HTTP response, and the address that a client used.

Belongs here: headers of the response and compression. Does not belong here: any answer's content.
"""

import zlib
from collections.abc import Iterable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from d365_pm.sandbox.answers import Answer
from d365_pm.sandbox.errors import ApiError
from d365_pm.sandbox.throttling import ThrottledApiError

_SMALLEST_COMPRESSED = 1_000
_GZIP = 31


def origin_of(request: Request) -> str:
    """Address that the client used, so that every link leads back to it."""
    return f"https://{request.headers.get('Host', request.url.netloc)}"


def refused(error: ApiError) -> Answer:
    """The answer that tells an error."""
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, ThrottledApiError) else {}
    return Answer((msgspec.json.encode(error.body()),), status=error.status, headers=headers)


def sent(answer: Answer, request: Request, headers: Mapping[str, str]) -> Response:
    """The response, compressed for those who ask."""
    fields = {**headers, **answer.headers}
    is_long = sum(map(len, answer.parts)) >= _SMALLEST_COMPRESSED
    if is_long and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = _compressed(answer.parts)
        fields |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    else:
        body = b"".join(answer.parts)
    if answer.status != 204:
        fields["Content-Type"] = answer.media_type
    return Response(body, status_code=answer.status, headers=fields)


def _compressed(parts: Iterable[bytes | memoryview]) -> bytes:
    compressor = zlib.compressobj(level=1, wbits=_GZIP)
    return b"".join([*map(compressor.compress, parts), compressor.flush()])
