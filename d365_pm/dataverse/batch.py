"""Many GETs in one POST (`$batch`): the question as multipart text, and its answer taken apart.

Belongs here: the multipart envelope. Does not belong here: what the questions ask, and what to do with a part that
failed; a batch answers 200 even when its parts did not (reference 2.6).
"""

import re
import uuid
from collections.abc import Sequence

from d365_pm.dataverse.errors import GarbledReplyError
from d365_pm.dataverse.reply import Reply

LARGEST_BATCH = 1000
"""Most questions that the server takes in one batch."""

CONTINUE = "odata.continue-on-error"
"""Preference without which the first failed part ends the batch."""

_BOUNDARY = re.compile(r'boundary="?([^";,\s]+)"?', re.IGNORECASE)
_LINE = b"\r\n"


def write_batch(paths: Sequence[str], *, prefer: str | None = None) -> tuple[bytes, str]:
    """Write a batch of GETs.

    Args:
        paths: What to get, each beginning with `/api/data/`; at most `LARGEST_BATCH`.
        prefer: The `Prefer` header of each of them.

    Returns:
        Content and media type of the POST.

    Raises:
        ValueError: There are more than the server takes.
    """
    if len(paths) > LARGEST_BATCH:
        raise ValueError(f"A batch takes {LARGEST_BATCH} questions, not {len(paths)}.")
    boundary = f"batch_{uuid.uuid4()}"
    head = f"--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET "
    fields = ["Accept: application/json", *([f"Prefer: {prefer}"] if prefer else [])]
    tail = " HTTP/1.1\r\n" + "\r\n".join(fields) + "\r\n\r\n\r\n"
    parts = "".join(f"{head}{path}{tail}" for path in paths)
    return f"{parts}--{boundary}--\r\n".encode(), f'multipart/mixed; boundary="{boundary}"'


def read_batch(reply: Reply, asked: int) -> list[Reply]:
    """Take the answer of a batch apart.

    Args:
        reply: The answer to the POST.
        asked: Number of questions.

    Returns:
        One answer per question, in their order; fewer only if the last of them is a refusal at which the server
        stopped.

    Raises:
        GarbledReplyError: No multipart answer, cut, or with too few or too many parts.
    """
    match = _BOUNDARY.search(reply.headers.get("content-type", ""))
    if match is None or not reply.media_type.startswith("multipart/"):
        raise _garbled("is no batch", reply)
    pieces = (b"\n" + reply.body).split(b"\n--" + match.group(1).encode())
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise _garbled("is cut: its batch has no end", reply)
    parts = [_part(piece, reply) for piece in pieces[1:-1]]
    if len(parts) == asked or (0 < len(parts) < asked and parts[-1].status >= 400):
        return parts
    raise _garbled(f"holds {len(parts)} parts of {asked}", reply)


def _part(piece: bytes, whole: Reply) -> Reply:
    blank = b"\r\n\r\n" if b"\r\n\r\n" in piece else b"\n\n"
    _, _, message = piece.partition(blank)
    head, _, body = message.partition(blank)
    status, *lines = head.strip().splitlines()[:64] or [b""]
    try:
        number = int(status.split(b" ", 2)[1])
    except (IndexError, ValueError):
        raise _garbled("has a part without a status", whole) from None
    fields = (line.decode("latin-1").partition(":") for line in lines)
    return Reply(number, {name.strip().lower(): value.strip() for name, _, value in fields}, body.rstrip(_LINE))


def _garbled(what: str, reply: Reply) -> GarbledReplyError:
    return GarbledReplyError(
        f"The answer of Dataverse to a batch {what}.", request_id=reply.request_id, status=reply.status
    )
