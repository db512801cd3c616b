"""The envelope of `$batch` (reference 2.6): written as the server wants it, never taken for whole when it is not."""

import pytest

from d365_pm.dataverse.batch import LARGEST_BATCH, read_batch, write_batch
from d365_pm.dataverse.errors import GarbledReplyError
from d365_pm.dataverse.reply import Reply

PATHS = ["/api/data/v9.2/audits(1)", "/api/data/v9.2/audits(2)"]
GOOD = (
    "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    'HTTP/1.1 200 OK\r\nContent-Type: application/json; odata.metadata=minimal\r\n\r\n{"a":1}\r\n'
)
MISSING = (
    "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    'HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n\r\n{"error":{"code":"0x80048d02","message":"x"}}\r\n'
)


def answer(*parts: str, end: str = "--\r\n", line: str = "\r\n", media: str = "multipart/mixed") -> Reply:
    mark = "--batchresponse_7f"
    body = "".join(f"{mark}\r\n{part}" for part in parts) + mark + end
    headers = {"content-type": f"{media}; boundary=batchresponse_7f"}
    return Reply(200, headers, body.replace("\r\n", line).encode())


def test_a_batch_is_written_line_by_line_as_the_reference_has_it() -> None:
    content, media = write_batch(PATHS[:1], prefer='odata.include-annotations="*"')
    boundary = media.removeprefix('multipart/mixed; boundary="').removesuffix('"')
    assert content.decode().split("\r\n") == [
        f"--{boundary}",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        "GET /api/data/v9.2/audits(1) HTTP/1.1",
        "Accept: application/json",
        'Prefer: odata.include-annotations="*"',
        "",
        "",
        f"--{boundary}--",
        "",
    ]


def test_more_questions_than_the_server_takes_are_refused() -> None:
    with pytest.raises(ValueError, match="1000"):
        write_batch(["/api/data/v9.2/audits(1)"] * (LARGEST_BATCH + 1))


@pytest.mark.parametrize("line", ["\r\n", "\n"])
def test_parts_come_in_order_with_their_own_status(line: str) -> None:
    parts = read_batch(answer(GOOD, MISSING, line=line), 2)
    assert [(part.status, part.body) for part in parts] == [
        (200, b'{"a":1}'),
        (404, b'{"error":{"code":"0x80048d02","message":"x"}}'),
    ]
    assert parts[0].media_type == "application/json"


def test_a_server_that_stops_at_the_first_failure_is_understood() -> None:
    assert [part.status for part in read_batch(answer(GOOD, MISSING), 9)] == [200, 404]


@pytest.mark.parametrize(
    ("reply", "asked"),
    [
        (answer(GOOD, GOOD, end=""), 2),
        (answer(GOOD), 2),
        (answer(GOOD, GOOD), 1),
        (answer(), 1),
        (answer("no message"), 1),
        (answer(GOOD, media="text/html"), 1),
        (Reply(200, {"content-type": "multipart/mixed"}, b""), 1),
        (Reply(200, {}, b""), 1),
    ],
    ids=["cut", "too few", "too many", "none", "no message", "other type", "no boundary", "no type"],
)
def test_a_batch_that_is_not_whole_is_never_taken_for_one(reply: Reply, asked: int) -> None:
    with pytest.raises(GarbledReplyError):
        read_batch(reply, asked)
