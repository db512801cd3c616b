"""`RetrieveAuditDetails` in batches: full ones, in order, whole in spite of parts that fail for the moment."""

from collections import Counter

import pytest

from d365_pm.dataverse.audit.entry import Entry, Payload
from d365_pm.dataverse.errors import PrivilegeError, ProtocolError, ServerFaultError
from d365_pm_tests.dataverse.audit.given import attribute_detail, canonical
from d365_pm_tests.dataverse.audit.server import GONE, BatchServer, detail_body, row
from d365_pm_tests.dataverse.wire import run


def good(number: int) -> tuple[int, str]:
    return 200, detail_body(number, attribute_detail({}, {"title": f"Title {number}"}))


def expected(number: int) -> Entry:
    return Entry(canonical(("title", None, f"Title {number}")), Payload.PARSED)


def fault(status: int, code: str, text: str = "") -> tuple[int, str]:
    return status, f'{{"error":{{"code":"{code}","message":"{text}"}}}}'


def failing(times: int, *numbers: int, answer: tuple[int, str]) -> BatchServer:
    """Gives an answer for some rows, so many times, and then the good one."""
    seen: Counter[int] = Counter()

    def one(number: int) -> tuple[int, str]:
        seen[number] += 1
        return answer if number in numbers and seen[number] <= times else good(number)

    return BatchServer(one)


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (1000, [1000]), (1001, [1, 1000]), (5000, [1000] * 5)])
def test_batches_are_full_and_their_answers_in_order(count: int, sizes: list[int]) -> None:
    server = BatchServer(good)
    entries = run(server.reader.read([row(number) for number in range(count)]))
    assert entries == [expected(number) for number in range(count)]
    assert sorted(map(len, server.batches)) == sizes
    assert server.reader.requests == len(sizes)


def test_every_part_asks_for_the_target_of_lookups() -> None:
    server = BatchServer(good)
    run(server.reader.read([row(0), row(1)]))
    [request] = server.setup.recorder.requests
    wish = 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"'
    assert request.content.decode().count(f"Prefer: {wish}\r\n") == 2
    assert request.headers["prefer"] == f"odata.continue-on-error,{wish}"


def test_a_row_whose_detail_is_gone_is_kept_and_told() -> None:
    server = BatchServer(lambda number: (404, GONE) if number == 1 else good(number))
    entries = run(server.reader.read([row(number) for number in range(3)]))
    assert entries == [expected(0), Entry(None, Payload.UNAVAILABLE), expected(2)]
    assert server.batches == [[0, 1, 2]]


@pytest.mark.parametrize(
    "answer", [fault(503, ""), fault(500, "0x80044151"), (200, '{"AuditDetail":{"OldVal'), (200, "<html>")]
)
def test_parts_that_fail_for_the_moment_are_asked_again_alone(answer: tuple[int, str]) -> None:
    server = failing(2, 1, 3, answer=answer)
    entries = run(server.reader.read([row(number) for number in range(5)]))
    assert entries == [expected(number) for number in range(5)]
    assert server.batches == [[0, 1, 2, 3, 4], [1, 3], [1, 3]]


def test_a_throttled_part_waits_as_long_as_it_is_told() -> None:
    server = failing(1, 1, answer=fault(429, "0x80072322"))
    server.headers = {"Retry-After": "17"}
    assert run(server.reader.read([row(0), row(1)])) == [expected(0), expected(1)]
    assert len(server.pauses) == 1
    assert server.pauses[0] >= 17


def test_parts_that_never_succeed_are_loud() -> None:
    server = failing(10_000, 1, answer=fault(500, "0x80040216"))
    with pytest.raises(ServerFaultError):
        run(server.reader.read([row(0), row(1)]))


def test_a_part_that_is_refused_ends_the_read() -> None:
    text = "Principal user is missing prvReadRecordAuditHistory privilege"
    server = failing(1, 2, answer=fault(403, "0x80040220", text))
    with pytest.raises(PrivilegeError, match="prvReadRecordAuditHistory"):
        run(server.reader.read([row(number) for number in range(5)]))


def test_a_server_that_stops_at_each_failure_is_asked_for_the_rest() -> None:
    server = BatchServer(lambda number: (404, GONE) if number % 2 else good(number), stops=True)
    entries = run(server.reader.read([row(number) for number in range(5)]))
    assert [entry.payload for entry in entries] == ["parsed", "unavailable", "parsed", "unavailable", "parsed"]
    assert server.batches == [[0, 1, 2, 3, 4], [2, 3, 4], [4]]


def test_a_batch_that_takes_too_long_is_asked_in_halves_and_later_ones_stay_smaller() -> None:
    server = BatchServer(good, most=300)
    rows = [row(number) for number in range(1000)]
    assert run(server.reader.read(rows)) == [expected(number) for number in range(1000)]
    server.batches.clear()
    assert run(server.reader.read(rows)) == [expected(number) for number in range(1000)]
    assert max(map(len, server.batches)) <= 300


def test_halves_that_stop_early_keep_their_rows_apart() -> None:
    server = BatchServer(lambda number: (404, GONE) if number % 90 == 0 else good(number), stops=True, most=60)
    entries = run(server.reader.read([row(number) for number in range(100)]))
    assert entries == [
        Entry(None, Payload.UNAVAILABLE) if number % 90 == 0 else expected(number) for number in range(100)
    ]


def test_an_answer_for_another_row_is_never_taken() -> None:
    server = BatchServer(lambda number: good(1 - number))
    with pytest.raises(ProtocolError, match="order"):
        run(server.reader.read([row(0), row(1)]))
