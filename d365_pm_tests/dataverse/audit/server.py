"""The detail functions and `$batch` of a Dataverse, written by hand from the reference (2.6 and 7.5)."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

from d365_pm.dataverse.audit.details import DetailReader
from d365_pm.dataverse.audit.entry import Entry
from d365_pm.dataverse.audit.notation import Notation
from d365_pm.dataverse.audit.row import AuditRow
from d365_pm_tests.dataverse.audit.given import DEFINITIONS
from d365_pm_tests.dataverse.wire import Setup, run

GONE = '{"error":{"code":"0x80048d02","message":"Could not find item"}}'
_PATH = re.compile(r"GET /api/data/v9\.2/audits\(([^)]+)\)/Microsoft\.Dynamics\.CRM\.RetrieveAuditDetails HTTP/1\.1")


def row(number: int, *, record: int = 1, table: str = "incident", is_switch: bool = False) -> AuditRow:
    return AuditRow(key(number), table, key(record), is_switch)


def key(number: int) -> str:
    return f"00000000-0000-4000-8abc-{number:012d}"


def details(element: Callable[[int], str], count: int = 1) -> list[Entry]:
    """The entries of rows whose details are given as JSON text."""
    server = BatchServer(lambda number: (200, f'{{"AuditDetail":{element(number)}}}'))
    return run(server.reader.read([row(number) for number in range(count)]))


@dataclass
class BatchServer:
    """Answers batches of `RetrieveAuditDetails` with a status and a body per row.

    Attributes:
        answer: Status and body for the number of a row.
        batches: Numbers of the rows of each batch that came.
        stops: End a batch with its first failure, as without `odata.continue-on-error`.
        most: Larger batches are answered with a gateway's timeout.
    """

    answer: Callable[[int], tuple[int, str]]
    stops: bool = False
    most: int = 1000
    headers: dict[str, str] = field(default_factory=dict)
    batches: list[list[int]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.setup = Setup(self)
        self.reader = DetailReader(self.setup.connection, Notation(DEFINITIONS), sleep=self._pause)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.method == "POST"
        assert str(request.url).endswith("/api/data/v9.2/$batch")
        numbers = [int(found[-12:]) for found in _PATH.findall(request.content.decode())]
        self.batches.append(numbers)
        if len(numbers) > self.most:
            return httpx.Response(504, content=b"<html>timeout</html>", headers={"content-type": "text/html"})
        parts = []
        for number in numbers:
            status, body = self.answer(number)
            parts.append(_part(status, body, self.headers if status >= 400 else {}))
            if self.stops and status >= 400:
                break
        content = "".join(f"--batchresponse_1\r\n{part}\r\n" for part in parts) + "--batchresponse_1--\r\n"
        return httpx.Response(
            200, content=content.encode(), headers={"content-type": "multipart/mixed; boundary=batchresponse_1"}
        )


def _part(status: int, body: str, headers: dict[str, str]) -> str:
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{fields}\r\n{body}"
    )


def detail_body(number: int, element: dict[str, Any]) -> str:
    """The answer of `RetrieveAuditDetails` with its `AuditRecord`."""
    return json.dumps({"@odata.context": "…", "AuditDetail": element | {"AuditRecord": {"auditid": key(number)}}})


class HistoryServer:
    """Answers `RetrieveRecordChangeHistory` from elements by record, a few at a time, with a cookie."""

    def __init__(self, histories: dict[str, list[dict[str, Any]]], *, size: int = 1000) -> None:
        self.histories = histories
        self.size = size
        self.asked: list[tuple[str, int, str | None]] = []
        self.repeats = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert "RetrieveRecordChangeHistory(Target=@t,PagingInfo=@p)" in unquote(str(request.url))
        options = parse_qs(request.url.query.decode())
        target = re.fullmatch(r"\{'@odata\.id':'(\w+)\(([^)]+)\)'\}", options["@t"][0])
        assert target is not None
        assert target[1] in {"incidents", "queueitems"}
        paging = json.loads(options["@p"][0])
        number, cookie = paging["PageNumber"], paging.get("PagingCookie")
        self.asked.append((target[2], number, cookie))
        assert cookie == (f'<cookie page="{number - 1}"/>' if number > 1 else None)
        elements = self.histories.get(target[2], [])
        first = 0 if self.repeats else (number - 1) * self.size
        has_more = self.repeats or first + self.size < len(elements)
        collection = {
            "MoreRecords": has_more,
            "PagingCookie": f'<cookie page="{number}"/>' if has_more else "",
            "TotalRecordCount": -1,
            "AuditDetails": elements[first : first + self.size],
        }
        return httpx.Response(200, json={"@odata.context": "…", "AuditDetailCollection": collection})
