"""Reading a table page by page, and every way in which a server can break the chain."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pyarrow as pa
import pytest

from d365_pm.dataverse.errors import (
    DataverseError,
    ProtocolError,
    RequirementError,
    ServerFaultError,
    UnknownTableError,
)
from d365_pm.dataverse.extract import read_pages
from d365_pm.dataverse.query import Window
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.retry import RetryPolicy
from d365_pm.dataverse.shaping import as_wanted, missing
from d365_pm_tests.dataverse.wire import BASE, ORG, Handler, Setup, collect, error, rows, run, scripted

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
    return {"subjectid": f"00000000-0000-0000-0000-{number:012d}", "title": f"Subject {number}"}


def read(handler: Handler, shape: Any = SUBJECT, **options: Any) -> tuple[list[pa.Table], Setup]:
    setup = Setup(handler, policy=RetryPolicy(attempts=3))
    return run(collect(read_pages(setup.connection, shape, **options))), setup


def failing(handler: Handler, shape: Any = SUBJECT, **options: Any) -> tuple[DataverseError, int]:
    setup = Setup(handler, policy=RetryPolicy(attempts=3))
    with pytest.raises(DataverseError) as caught:
        run(collect(read_pages(setup.connection, shape, **options)))
    return caught.value, len(setup.recorder.requests)


def titles(pages: list[pa.Table]) -> list[str]:
    return [title for page in pages for title in page.column("title").to_pylist()]


def test_pages_come_in_order_and_links_are_followed_byte_for_byte() -> None:
    pages, setup = read(scripted(rows(subject(1), subject(2), link=LINK), rows(subject(3))))
    assert titles(pages) == ["Subject 1", "Subject 2", "Subject 3"]
    assert setup.recorder.urls[1] == LINK


def test_every_page_is_asked_for_with_the_same_preferences() -> None:
    _, setup = read(scripted(rows(subject(1), link=LINK), rows(subject(2))), page_size=1)
    assert [request.headers["Prefer"] for request in setup.recorder.requests] == ["odata.maxpagesize=1"] * 2


def test_target_tables_are_asked_for_where_a_lookup_needs_them() -> None:
    _, setup = read(scripted(rows()), INCIDENT)
    assert setup.recorder.requests[0].headers["Prefer"] == (
        'odata.maxpagesize=5000,odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"'
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
    assert sum(page.num_rows for page in pages) == 15


def test_an_empty_page_in_the_middle_is_not_the_end() -> None:
    pages, _ = read(scripted(rows(subject(1), link=f"{LINK}a"), rows(link=f"{LINK}b"), rows(subject(2))))
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


def test_a_page_that_comes_twice_under_new_links_is_loud() -> None:
    count = iter(range(100))
    fault, requests = failing(lambda request: rows(subject(1), link=f"{LINK}{next(count)}"))
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
        scripted(rows(subject(1), link=f"{LINK}a"), httpx.Response(502), rows(subject(2), link=LINK), rows(subject(3)))
    )
    assert titles(pages) == ["Subject 1", "Subject 2", "Subject 3"]
    assert len(setup.pauses) == 1


def test_a_lasting_fault_in_the_middle_is_loud_and_names_table_and_window() -> None:
    row = {"incidentid": "a", "modifiedon": "2026-02-09T00:00:00Z"}
    fault, requests = failing(scripted(rows(row, link=LINK), httpx.Response(503)), INCIDENT, window=DAY)
    assert isinstance(fault, ServerFaultError)
    assert "table incident, window [2026-02-09T00:00:00Z, 2026-02-10T00:00:00Z)" in str(fault)
    assert requests == 1 + 3


def test_a_table_that_vanishes_is_loud() -> None:
    fault, _ = failing(scripted(error(404, "0x80060888", "Resource not found for the segment 'subjects'.")))
    assert isinstance(fault, UnknownTableError)


GONE = "Could not find a property named '{}' on type 'Microsoft.Dynamics.CRM.subject'."


def test_an_optional_column_that_was_deleted_since_is_given_up() -> None:
    pages, setup = read(scripted(error(400, "0x80060888", GONE.format("title")), rows({"subjectid": "a"})))
    assert pages[0].schema == SUBJECT.schema
    assert pages[0].column("title").to_pylist() == [None]
    assert "title" not in setup.recorder.requests[1].url.params["$select"]


def test_a_required_column_that_was_deleted_since_is_loud() -> None:
    fault, _ = failing(scripted(error(400, "0x80060888", GONE.format("createdon"))), INCIDENT)
    assert isinstance(fault, RequirementError)
    assert "createdon" in str(fault)


def test_a_server_that_complains_of_a_column_for_ever_ends() -> None:
    _, requests = failing(scripted(error(400, "0x80060888", GONE.format("title"))))
    assert requests == 2


def test_the_next_page_is_fetched_before_the_last_one_is_taken() -> None:
    setup = Setup(scripted(rows(subject(1), link=LINK), rows(subject(2))))

    async def first_page_only() -> int:
        pages = read_pages(setup.connection, SUBJECT)
        await anext(pages)
        await asyncio.sleep(0.05)
        seen = len(setup.recorder.requests)
        await pages.aclose()  # type: ignore[attr-defined]
        return seen

    assert run(first_page_only()) == 2


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
    body = b'{"value":[{"subjectid":"a","title":"x\\u0000y\\ud800"}]}'
    pages, _ = read(scripted(httpx.Response(200, content=body, headers={"Content-Type": "application/json"})))
    assert titles(pages) == ["x\ufffdy\ufffd"]
    assert "2 characters" in caplog.text
