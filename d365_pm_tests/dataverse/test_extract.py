"""Reading a table page by page, and every way in which a server can break the chain."""

import asyncio
import re
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from d365_pm.dataverse.errors import (
    DataverseError,
    ProtocolError,
    RequirementError,
    ServerFaultError,
    ShrinkError,
    UnknownTableError,
)
from d365_pm.dataverse.extract import Page, read_pages
from d365_pm.dataverse.faults import BrokenChainError
from d365_pm.dataverse.lacking import missing
from d365_pm.dataverse.query import Window, instant
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.retry import RetryPolicy
from d365_pm.dataverse.shaping import as_wanted
from d365_pm.dataverse.watch import Watch
from d365_pm_tests.dataverse.wire import BASE, ORG, Handler, Setup, collect, error, guid, rows, run, scripted

# The link of the reference, section 3: three layers of encoding.
LINK = (
    f"{BASE}incidents?$select=title&$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie%2520page"
    "%253d%25221%2522%253e%253cincidentid%2520last%253d%2522%257b7B1C9D40-AAAA-4E5F-8A9B-000000000002%257d%2522%2520"
    "first%253d%2522%257b7B1C9D40-AAAA-4E5F-8A9B-000000000001%257d%2522%2520%252f%253e%253c%252fcookie%253e%22%20"
    "istracking=%22False%22%20/%3E"
)
DAY = Window(datetime(2026, 2, 9, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC))
SUBJECT = as_wanted(TABLES["subject"])
INCIDENT = as_wanted(TABLES["incident"])


def subject(number: int) -> dict[str, Any]:
    return {"subjectid": guid(number), "title": f"Subject {number}"}


def link(number: int) -> str:
    """A link that leads on from another row."""
    return LINK.replace("000000000002", f"{number:012d}")


def read(handler: Handler, shape: Any = SUBJECT, **options: Any) -> tuple[list[Page], Setup]:
    setup = Setup(handler, policy=RetryPolicy(attempts=3))
    return run(collect(read_pages(setup.connection, shape, **options))), setup


def failing(handler: Handler, shape: Any = SUBJECT, **options: Any) -> tuple[DataverseError, int]:
    setup = Setup(handler, policy=RetryPolicy(attempts=3))
    with pytest.raises(DataverseError) as caught:
        run(collect(read_pages(setup.connection, shape, **options)))
    return caught.value, len(setup.recorder.requests)


def titles(pages: list[Page]) -> list[str]:
    return [title for page in pages for title in page.rows.column("title").to_pylist()]


def test_pages_come_in_order_and_links_are_followed_byte_for_byte() -> None:
    pages, setup = read(scripted(rows(subject(1), subject(2), link=LINK), rows(subject(3))))
    assert titles(pages) == ["Subject 1", "Subject 2", "Subject 3"]
    assert setup.recorder.urls[1] == LINK


def test_every_page_is_asked_for_with_the_same_preferences() -> None:
    _, setup = read(scripted(rows(subject(1), link=LINK), rows(subject(2))), page_size=1)
    assert [request.headers["Prefer"] for request in setup.recorder.requests] == [
        'odata.maxpagesize=1,odata.include-annotations="Microsoft.Dynamics.CRM.globalmetadataversion"'
    ] * 2


def test_target_tables_are_asked_for_where_a_lookup_needs_them() -> None:
    _, setup = read(scripted(rows()), INCIDENT)
    assert setup.recorder.requests[0].headers["Prefer"] == (
        'odata.maxpagesize=5000,odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname,'
        'Microsoft.Dynamics.CRM.globalmetadataversion"'
    )


def test_a_window_is_filtered_and_ordered_by_time_and_key() -> None:
    _, setup = read(scripted(rows()), INCIDENT, window=DAY)
    query = setup.recorder.requests[0].url.params
    assert query["$filter"] == "modifiedon ge 2026-02-09T00:00:00Z and modifiedon lt 2026-02-10T00:00:00Z"
    assert query["$orderby"] == "modifiedon asc,incidentid asc"
    assert query["$select"].startswith("incidentid,ticketnumber,title,createdon,modifiedon")
    assert "_ownerid_value" in query["$select"].split(",")
    assert "$top" not in query


def test_audits_are_ordered_by_time_only_and_keep_the_filter_of_the_registry() -> None:
    _, setup = read(scripted(rows()), as_wanted(TABLES["audit"]), window=DAY)
    query = setup.recorder.requests[0].url.params
    assert query["$orderby"] == "createdon asc"
    assert query["$filter"] == (
        f"{TABLES['audit'].filter} and createdon ge 2026-02-09T00:00:00Z and createdon lt 2026-02-10T00:00:00Z"
    )


def test_a_larger_page_than_asked_for_is_taken() -> None:
    pages, _ = read(scripted(rows(*(subject(n) for n in range(15)))), page_size=5)
    assert sum(page.rows.num_rows for page in pages) == 15


def test_an_empty_page_in_the_middle_is_not_the_end() -> None:
    pages, _ = read(scripted(rows(subject(1), link=link(1)), rows(link=link(2)), rows(subject(2))))
    assert titles(pages) == ["Subject 1", "Subject 2"]


def test_a_missing_table_is_not_asked_for() -> None:
    pages, setup = read(scripted(rows()), missing(TABLES["msfp_surveyinvite"]))
    assert pages == []
    assert setup.recorder.requests == []


def test_a_window_on_a_table_without_one_is_refused() -> None:
    with pytest.raises(ValueError, match="windows"):
        read(scripted(rows()), SUBJECT, window=DAY)


def test_a_repeated_link_is_loud() -> None:
    count = iter(range(100))

    def handler(request: httpx.Request) -> httpx.Response:
        return rows(subject(next(count)), link=LINK)

    fault, requests = failing(handler)
    assert isinstance(fault, ProtocolError)
    assert "repeats a nextLink" in str(fault)
    assert "table subject" in str(fault)
    assert requests == 2


def test_a_repeated_cookie_under_another_page_number_is_loud() -> None:
    count = iter(range(2, 100))

    def handler(request: httpx.Request) -> httpx.Response:
        number = next(count)
        return rows(subject(number), link=LINK.replace("pagenumber=%222", f"pagenumber=%22{number}"))

    fault, requests = failing(handler)
    assert isinstance(fault, BrokenChainError)
    assert "repeats a paging cookie" in str(fault)
    assert requests == 2


def test_a_page_that_comes_twice_under_new_links_is_loud() -> None:
    count = iter(range(100))
    fault, requests = failing(lambda request: rows(subject(1), link=link(next(count))))
    assert isinstance(fault, ProtocolError)
    assert "same page twice" in str(fault)
    assert requests <= 3


@pytest.mark.parametrize(
    "link",
    [
        LINK.replace(ORG, "https://evil.example"),
        LINK.replace(ORG, f"{ORG}.evil.example"),
        LINK.replace(ORG, f"{ORG}:8443"),
        LINK.replace("https", "http"),
        "subjects?$skiptoken=2",
    ],
)
def test_a_link_to_another_place_is_refused_before_the_token_goes_there(link: str) -> None:
    setup = Setup(scripted(rows(subject(1), link=link), rows()))
    with pytest.raises(ProtocolError, match="another host"):
        run(collect(read_pages(setup.connection, SUBJECT)))
    assert len(setup.recorder.requests) == 1


def test_a_default_port_is_no_other_host() -> None:
    pages, _ = read(scripted(rows(subject(1), link=LINK.replace(ORG, f"{ORG}:443")), rows(subject(2))))
    assert len(pages) == 2


def test_a_fault_in_the_middle_is_retried_without_loss_or_repetition() -> None:
    pages, setup = read(
        scripted(rows(subject(1), link=link(1)), httpx.Response(502), rows(subject(2), link=LINK), rows(subject(3)))
    )
    assert titles(pages) == ["Subject 1", "Subject 2", "Subject 3"]
    assert len(setup.pauses) == 1


def test_a_lasting_fault_in_the_middle_is_loud_and_names_table_and_window() -> None:
    row = {"incidentid": guid(1), "modifiedon": "2026-02-09T00:00:00Z"}
    fault, requests = failing(scripted(rows(row, link=LINK), httpx.Response(503)), INCIDENT, window=DAY)
    assert isinstance(fault, ServerFaultError)
    assert "table incident, window [2026-02-09T00:00:00Z, 2026-02-10T00:00:00Z)" in str(fault)
    assert requests == 1 + 3


def test_a_table_that_vanishes_is_loud() -> None:
    fault, _ = failing(scripted(error(404, "0x80060888", "Resource not found for the segment 'subjects'.")))
    assert isinstance(fault, UnknownTableError)


GONE = "Could not find a property named '{}' on type 'Microsoft.Dynamics.CRM.subject'."


def test_an_optional_column_that_was_deleted_since_is_given_up() -> None:
    pages, setup = read(scripted(error(400, "0x80060888", GONE.format("title")), rows({"subjectid": guid(1)})))
    assert pages[0].rows.schema == SUBJECT.schema
    assert pages[0].rows.column("title").to_pylist() == [None]
    assert "title" not in setup.recorder.requests[1].url.params["$select"]


def test_a_required_column_that_was_deleted_since_is_loud() -> None:
    fault, _ = failing(scripted(error(400, "0x80060888", GONE.format("createdon"))), INCIDENT)
    assert isinstance(fault, RequirementError)
    assert "createdon" in str(fault)


def test_a_server_that_complains_of_a_column_for_ever_ends() -> None:
    _, requests = failing(scripted(error(400, "0x80060888", GONE.format("title"))))
    assert requests == 2


def test_the_next_page_is_asked_for_when_the_last_one_was_taken() -> None:
    setup = Setup(scripted(rows(subject(1), link=LINK), rows(subject(2))))

    async def first_page_only() -> int:
        async with aclosing(read_pages(setup.connection, SUBJECT)) as pages:
            await anext(pages)
            await asyncio.sleep(0.05)
            return len(setup.recorder.requests)

    assert run(first_page_only()) == 1


def test_stopping_early_leaves_no_task_behind() -> None:
    setup = Setup(scripted(rows(subject(1), link=LINK), httpx.Response(403)))

    async def stop() -> set[Any]:
        pages = read_pages(setup.connection, SUBJECT)
        await anext(pages)
        await pages.aclose()  # type: ignore[attr-defined]
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert run(stop()) == set()


def test_progress_is_logged_per_page(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="d365_pm.dataverse.progress")
    read(scripted(rows(subject(1), subject(2), link=LINK), rows(subject(3))))
    seen = [(record.table, record.rows) for record in caplog.records if record.name.endswith(".progress")]  # type: ignore[attr-defined]
    assert seen == [("subject", 2), ("subject", 3)]


def test_replaced_characters_are_counted_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    body = b'{"value":[{"subjectid":"00000000-0000-0000-0000-000000000001","title":"x\\u0000y\\ud800"}]}'
    pages, _ = read(scripted(httpx.Response(200, content=body, headers={"Content-Type": "application/json"})))
    assert titles(pages) == ["x\ufffdy\ufffd"]
    assert "2 characters" in caplog.text


def case(number: int, **facts: Any) -> dict[str, Any]:
    return {"incidentid": guid(number), "modifiedon": f"2026-02-09T00:00:{number:02d}Z"} | facts


def test_a_read_goes_on_at_a_stored_link() -> None:
    first, _ = read(scripted(rows(subject(1), link=LINK), rows(subject(2))))
    assert [page.next_link for page in first] == [LINK, None]
    pages, setup = read(scripted(rows(subject(2))), resume=first[0].next_link)
    assert titles(pages) == ["Subject 2"]
    assert setup.recorder.urls == [LINK]


def test_a_stored_link_to_another_host_is_never_asked() -> None:
    setup = Setup(scripted(rows()))
    with pytest.raises(BrokenChainError, match="another host"):
        run(collect(read_pages(setup.connection, SUBJECT, resume=LINK.replace(ORG, "https://evil.example"))))
    assert setup.recorder.requests == []


@pytest.mark.parametrize("answer", [error(400, "0x8004112a", "bad cookie"), error(400, "0x80060888", "x")])
def test_a_link_that_the_server_no_longer_accepts_breaks_the_chain(answer: httpx.Response) -> None:
    fault, requests = failing(scripted(rows(subject(1), link=LINK), answer))
    assert isinstance(fault, BrokenChainError)
    assert requests == 2


def test_a_column_removed_while_pages_are_read_breaks_the_chain_and_the_next_read_does_without_it() -> None:
    gone = error(400, "0x80060888", GONE.format("title"))
    watch = Watch()
    setup = Setup(scripted(rows(subject(1), link=LINK), gone, gone, rows({"subjectid": guid(1)})))

    async def twice() -> list[Page]:
        with pytest.raises(BrokenChainError):
            await collect(read_pages(setup.connection, SUBJECT, watch=watch))
        return await collect(read_pages(setup.connection, SUBJECT, watch=watch))

    assert titles(run(twice())) == [None]
    assert watch.has_drifted


def test_a_page_from_before_the_last_one_breaks_the_chain() -> None:
    fault, _ = failing(scripted(rows(case(5), link=LINK), rows(case(4))), INCIDENT, window=DAY)
    assert isinstance(fault, BrokenChainError)
    assert "before the last one" in str(fault)


def test_rows_of_one_second_may_be_parted_by_a_page() -> None:
    pages, _ = read(scripted(rows(case(5), link=LINK), rows(case(5, incidentid=guid(6)))), INCIDENT, window=DAY)
    assert len(pages) == 2


def counted(count: int | None, **annotations: Any) -> httpx.Response:
    body = {"@odata.count": count, "value": [subject(1)]}
    return httpx.Response(200, json={f"@Microsoft.Dynamics.CRM.{name}": v for name, v in annotations.items()} | body)


@pytest.mark.parametrize(
    ("answer", "total"),
    [
        (counted(17), 17),
        (counted(5000), None),
        (counted(5000, totalrecordcountlimitexceeded=True), None),
        (counted(5000, totalrecordcountlimitexceeded=False), 5000),
        (counted(None), None),
        (counted(-1), None),
    ],
)
def test_the_total_is_told_where_it_is_exact(answer: httpx.Response, total: int | None) -> None:
    pages, setup = read(scripted(answer))
    assert pages[0].total == total
    assert setup.recorder.requests[0].url.params["$count"] == "true"


def test_a_server_that_refuses_to_count_is_asked_without_and_remembered() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        refusal = error(400, "0x80060888", "The query parameter $count is not supported")
        return refusal if "$count" in request.url.params else rows(subject(1))

    setup, watch = Setup(handler), Watch()

    async def twice() -> None:
        for _ in range(2):
            assert titles(await collect(read_pages(setup.connection, SUBJECT, watch=watch))) == ["Subject 1"]

    run(twice())
    assert ["$count" in request.url.params for request in setup.recorder.requests] == [True, False, False]


def test_a_moved_schema_is_noticed_on_any_page() -> None:
    drifts: list[bool] = []
    watch = Watch(on_drift=lambda: drifts.append(True))
    answers = [counted(2, globalmetadataversion=version) for version in ("60418273", "60418273", "60418274")]
    for answer in answers:
        assert drifts == []
        pages = run(collect(read_pages(Setup(scripted(answer)).connection, SUBJECT, watch=watch)))
    assert pages[0].metadata_version == "60418274"
    assert drifts == [True]


def test_pages_are_halved_until_the_server_manages_and_reading_goes_on_at_the_same_link() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        size = int(request.headers["Prefer"].partition("maxpagesize=")[2].partition(",")[0])
        if str(request.url) != LINK:
            return rows(subject(1), link=LINK)
        return rows(subject(2)) if size <= 1000 else httpx.Response(504)

    pages, setup = read(handler, page_size=4000)
    assert titles(pages) == ["Subject 1", "Subject 2"]
    sizes = [request.headers["Prefer"].partition(",")[0] for request in setup.recorder.requests]
    assert list(dict.fromkeys(sizes)) == [f"odata.maxpagesize={size}" for size in (4000, 2000, 1000)]


def test_a_server_that_manages_no_page_is_loud() -> None:
    fault, _ = failing(scripted(httpx.Response(504)))
    assert isinstance(fault, ShrinkError)


class Store:
    """An audit store that shows all rows of a window up to its limit, and never a link."""

    def __init__(self, moments: list[datetime]) -> None:
        self._moments = moments

    def __call__(self, request: httpx.Request) -> httpx.Response:
        bounds = dict(re.findall(r"createdon (ge|lt) (\S+)", request.url.params["$filter"]))
        low = datetime.fromisoformat(bounds["ge"]) if "ge" in bounds else datetime.min.replace(tzinfo=UTC)
        high = datetime.fromisoformat(bounds["lt"]) if "lt" in bounds else datetime.max.replace(tzinfo=UTC)
        found = [(number, at) for number, at in enumerate(self._moments) if low <= at < high][:5000]
        return rows(*({"auditid": guid(number), "createdon": instant(at)} for number, at in found))


@pytest.mark.parametrize("taken", [1, 2])
def test_a_window_that_was_cut_can_be_resumed_after_any_part(taken: int) -> None:
    store, audit = Store([DAY.start + timedelta(seconds=3 * n) for n in range(14_000)]), as_wanted(TABLES["audit"])
    whole, _ = read(store, audit, window=DAY)
    keys = [key for page in whole for key in page.rows.column("auditid").to_pylist()]
    assert keys == [guid(number) for number in range(14_000)]
    rest, _ = read(store, audit, window=DAY, resume=whole[taken - 1].next_link)
    done = sum(page.rows.num_rows for page in whole[:taken])
    assert [key for page in rest for key in page.rows.column("auditid").to_pylist()] == keys[done:]
