"""`RetrieveRecordChangeHistory`: each record once per window, followed to its end, joined by `auditid`."""

from typing import Any

import pytest

from d365_pm.dataverse.audit.entry import Entry, Payload
from d365_pm.dataverse.audit.history import HistoryReader
from d365_pm.dataverse.audit.notation import Notation
from d365_pm.dataverse.errors import ProtocolError
from d365_pm_tests.dataverse.audit.given import DEFINITIONS, attribute_detail, canonical
from d365_pm_tests.dataverse.audit.server import HistoryServer, key, row
from d365_pm_tests.dataverse.wire import Setup, run

SETS = {"incident": "incidents", "queueitem": "queueitems"}
SWITCH = {"AuditRecord": {"auditid": key(999), "action": 105, "_objectid_value": key(0)}}


def element(number: int) -> dict[str, Any]:
    return attribute_detail({}, {"title": f"Title {number}"}) | {"AuditRecord": {"auditid": key(number).upper()}}


def expected(number: int) -> Entry:
    return Entry(canonical(("title", None, f"Title {number}")), Payload.PARSED)


def reader(server: HistoryServer, *, memory: int = 1 << 20) -> HistoryReader:
    return HistoryReader(Setup(server).connection, Notation(DEFINITIONS), SETS, memory=memory)


def test_rows_are_joined_with_the_histories_of_their_records() -> None:
    server = HistoryServer({key(1): [element(3), SWITCH, element(1)], key(2): [element(2)]})
    rows = [row(1), row(2, record=2, table="queueitem"), row(3)]
    assert run(reader(server).read(rows)) == [expected(1), expected(2), expected(3)]
    assert sorted(server.asked) == [(key(1), 1, None), (key(2), 1, None)]


def test_keys_are_the_same_in_either_case() -> None:
    server = HistoryServer({key(1): [element(1)]})
    assert run(reader(server).read([row(1)._replace(key=key(1).swapcase())])) == [expected(1)]


def test_a_history_is_followed_by_its_cookie_to_the_end() -> None:
    server = HistoryServer({key(1): [element(number) for number in range(10)]}, size=4)
    entries = run(reader(server).read([row(number) for number in range(10)]))
    assert entries == [expected(number) for number in range(10)]
    assert [number for _, number, _ in server.asked] == [1, 2, 3]


def test_a_history_is_remembered_for_the_next_pages() -> None:
    server = HistoryServer({key(1): [element(1), element(2)]})

    async def two_pages(histories: HistoryReader) -> list[Entry | None]:
        return [*await histories.read([row(1)]), *await histories.read([row(2)])]

    histories = reader(server)
    assert run(two_pages(histories)) == [expected(1), expected(2)]
    assert histories.requests == len(server.asked) == 1


def test_memory_is_bounded_and_what_was_forgotten_is_asked_again() -> None:
    server = HistoryServer({key(record): [element(record), element(record + 100)] for record in range(10)})

    async def two_pages(histories: HistoryReader) -> list[Entry | None]:
        first = await histories.read([row(record, record=record) for record in range(10)])
        return [*first, *await histories.read([row(record + 100, record=record) for record in range(10)])]

    histories = reader(server, memory=2000)
    entries = run(two_pages(histories))
    assert entries == [expected(number) for number in [*range(10), *range(100, 110)]]
    assert histories._used <= 2000
    assert 10 < histories.requests <= 20


def test_a_row_that_its_history_lacks_is_told() -> None:
    server = HistoryServer({key(1): [element(1)]})
    assert run(reader(server).read([row(1), row(2), row(3, record=7)])) == [expected(1), None, None]


def test_a_history_that_repeats_its_page_ends() -> None:
    server = HistoryServer({key(1): [element(1)]})
    server.repeats = True
    with pytest.raises(ProtocolError, match="repeats"):
        run(reader(server).read([row(1)]))
