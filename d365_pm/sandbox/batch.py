"""`$batch`: many requests in one, carried out one after the other.

Belongs here: which requests run and what stops them (Web API reference 2.6). Does not belong here: the multipart text
(`batch_format.py`) and the requests themselves (`api.py`). A part inherits nothing from the batch but the sign-in.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import unquote, urlsplit

import msgspec

from d365_pm.sandbox.answers import Answer
from d365_pm.sandbox.batch_format import Part, read_batch, write_answers
from d365_pm.sandbox.errors import UNEXPECTED, ApiError, bad_request, unknown_segment
from d365_pm.sandbox.prefer import parse_preferences
from d365_pm.sandbox.records_api import Call

logger = logging.getLogger(__name__)

LARGEST_BATCH = 1_000
LONGEST_URL = 65_536
_CONTINUES = "odata.continue-on-error"

Answering = Callable[[Call], Answer]


def answer_batch(
    answering: Answering, base: str, *, content_type: str, prefer: str, body: bytes, seconds: float = 0.0
) -> Answer:
    """Answer `POST $batch`; parts that fail are told in their place, the whole is 200.

    Args:
        answering: Answers one request.
        base: Address of the API with its version.
        content_type: The batch's own `Content-Type`.
        prefer: The batch's own `Prefer`, all lines joined by commas.
        body: The batch.
        seconds: How long the batch takes at least.

    Raises:
        ApiError: 400 for a batch that is malformed or too large.
    """
    begun = time.monotonic()
    parts = read_batch(content_type, body)
    if len(parts) > LARGEST_BATCH:
        raise bad_request(f"The number of requests in a batch must not exceed {LARGEST_BATCH}.")
    goes_on = _continues(prefer)
    answers: list[Answer] = []
    for answer in _answers(answering, base, parts):
        answers.append(answer)
        if answer.status >= 400 and not goes_on:
            break
    time.sleep(max(0.0, seconds - (time.monotonic() - begun)))
    boundary = f"batchresponse_{uuid.uuid4()}"
    headers = {"Preference-Applied": _CONTINUES} if goes_on else {}
    return Answer((write_answers(boundary, answers),), f"multipart/mixed; boundary={boundary}", headers=headers)


def _continues(prefer: str) -> bool:
    wanted = [part.strip().lower().replace(" ", "") for part in prefer.split(",")]
    return any(part in (_CONTINUES, f"{_CONTINUES}=true") for part in wanted)


def _answers(answering: Answering, base: str, parts: list[Part]) -> Iterator[Answer]:
    for part in parts:
        try:
            yield answering(_call(base, part))
        except ApiError as error:
            yield _refused(error)
        except Exception:
            logger.exception("The sandbox failed to answer a part of a batch.")
            yield _refused(ApiError(500, UNEXPECTED, "An unexpected error occurred."))


def _refused(error: ApiError) -> Answer:
    return Answer((msgspec.json.encode(error.body()),), status=error.status)


def _call(base: str, part: Part) -> Call:
    if part.method != "GET":
        raise ApiError(405, "", f"The requested resource does not support http method '{part.method}'.")
    if len(part.url) > LONGEST_URL:
        raise bad_request("The request URI is too long.")
    path, _, query = _below(base, part.url).partition("?")
    if path == "$batch":
        raise bad_request("A batch must not contain another batch.")
    return Call(base, unquote(path).strip("/"), query, parse_preferences([part.headers.get("prefer", "")]))


def _below(base: str, url: str) -> str:
    """What a part's address says below the version, whichever of the three forms it has."""
    if url.startswith(f"{base}/"):
        return url[len(base) + 1 :]
    root = urlsplit(base).path
    if url.startswith(f"{root}/"):
        return url[len(root) + 1 :]
    if url.startswith("/") or "://" in url.partition("?")[0]:
        raise unknown_segment(url.partition("?")[0].rpartition("/")[2])
    return url
