"""Change tracking: what a delta brings, how a link dies, and what the server may leave out."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from d365_pm.dataverse.changes import count_changes, read_changes
from d365_pm.dataverse.errors import (
    AccessDeniedError,
    DataverseError,
    ExpiredTokenError,
    NotTrackedError,
    ProtocolError,
    UnauthorizedError,
)
from d365_pm.dataverse.extract import Page
from d365_pm.dataverse.faults import BrokenChainError
from d365_pm.dataverse.lacking import missing
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.retry import RetryPolicy
from d365_pm.dataverse.shaping import as_wanted
from d365_pm.dataverse.watch import Watch
from d365_pm_tests.dataverse.wire import BASE, ORG, Handler, Setup, collect, error, run, scripted

SUBJECT = replace(as_wanted(TABLES["subject"]), is_tracked=True)
QUEUE = replace(as_wanted(TABLES["queue"]), is_tracked=True)
# Tokens as the reference shows them, 5.1.
SINCE = f"{BASE}subjects?$select=title&$deltatoken=919042%2102%2f09%2f2026%2008%3a10%3a44"
LATER = f"{BASE}subjects?$select=title&$deltatoken=919058%2102%2f09%2f2026%2009%3a00%3a00"
NEXT = f"{BASE}subjects?$select=title&$skiptoken=%3Ccookie%20pagenumber=%222%22%20istracking=%22True%22%20/%3E"
GONE = "Could not find a property named '{}' on type 'Microsoft.Dynamics.CRM.subject'."


def key(number: int) -> str:
    return f"2e451703-0000-4000-8000-{number:012d}"


def row(number: int, title: str = "x") -> dict[str, Any]:
    return {"@odata.etag": 'W/"919050"', "subjectid": key(number), "title": title}


def deleted(number: int, **facts: Any) -> dict[str, Any]:
    context = f"{BASE}$metadata#subjects/$deletedEntity"
    return {"@odata.context": context, "id": key(number), "reason": "deleted"} | facts


def page(*values: dict[str, Any], delta: str | None = None, link: str | None = None) -> httpx.Response:
    head = {"@odata.context": f"{BASE}$metadata#subjects(title)/$delta"}
    before = {"@odata.deltaLink": delta} if delta else {}
    after = {"@odata.nextLink": link} if link else {}
    return httpx.Response(200, json=head | before | {"value": list(values)} | after)


def read(
    handler: Handler, *, since: str | None = SINCE, shape: Any = SUBJECT, **options: Any
) -> tuple[list[Page], Setup]:
    setup = Setup(handler, policy=RetryPolicy(attempts=2))
    return run(collect(read_changes(setup.connection, shape, since=since, **options))), setup


def failing(handler: Handler, **options: Any) -> tuple[DataverseError, Setup]:
    setup = Setup(handler, policy=RetryPolicy(attempts=2))
    options = {"since": SINCE, "shape": SUBJECT} | options
    with pytest.raises(DataverseError) as caught:
        run(collect(read_changes(setup.connection, options.pop("shape"), **options)))
    return caught.value, setup


def test_a_baseline_is_a_plain_read_that_ends_in_a_link() -> None:
    pages, setup = read(scripted(page(row(1), link=NEXT), page(row(2), delta=SINCE)), since=None)
    assert [each.rows.column("subjectid").to_pylist() for each in pages] == [[key(1)], [key(2)]]
    assert [(each.next_link, each.delta_link) for each in pages] == [(NEXT, None), (None, SINCE)]
    first = setup.recorder.requests[0].url.params
    assert set(first) == {"$select"}
    assert setup.recorder.urls[1] == NEXT


def test_every_page_repeats_the_same_preferences() -> None:
    _, setup = read(scripted(page(link=NEXT), page(delta=LATER)), shape=QUEUE, since=SINCE)
    wanted = (
        "odata.track-changes,odata.maxpagesize=5000,odata.include-annotations="
        '"Microsoft.Dynamics.CRM.lookuplogicalname,Microsoft.Dynamics.CRM.globalmetadataversion"'
    )
    assert [request.headers["Prefer"] for request in setup.recorder.requests] == [wanted] * 2


def test_a_delta_is_asked_for_by_the_link_byte_for_byte() -> None:
    pages, setup = read(scripted(page(delta=LATER)))
    assert setup.recorder.urls == [SINCE]
    assert (pages[0].rows.num_rows, pages[0].deleted, pages[0].delta_link) == (0, (), LATER)


def test_deleted_rows_come_apart_from_the_others() -> None:
    pages, _ = read(scripted(page(row(1), row(2), deleted(3), deleted(4), delta=LATER)))
    assert pages[0].rows.column("subjectid").to_pylist() == [key(1), key(2)]
    assert pages[0].deleted == (key(3), key(4))
    assert pages[0].rows.schema == SUBJECT.schema


@pytest.mark.parametrize(
    "shown",
    [
        {"id": key(3), "reason": "deleted"},
        {"@odata.context": "…/$metadata#subjects/$deletedEntity", "id": key(3)},
        {"@odata.context": "…/$metadata#subjects/$deletedEntity", "id": key(3).upper(), "reason": "changed"},
        {"@odata.context": "…/$metadata#subjects/$deletedEntity", "id": f"{BASE}subjects({key(3)})"},
    ],
)
def test_a_deletion_is_told_by_its_reason_or_its_context(shown: dict[str, Any]) -> None:
    assert read(scripted(page(shown, delta=LATER)))[0][0].deleted == (key(3),)


@pytest.mark.parametrize("facts", [{"reason": "deleted"}, {"reason": 5, "id": {}}, {"@odata.context": "…#subjects"}])
def test_a_row_with_a_column_of_such_a_name_is_no_deletion(facts: dict[str, Any]) -> None:
    pages, _ = read(scripted(page(row(1) | facts, delta=LATER)))
    assert pages[0].rows.num_rows == 1
    assert pages[0].deleted == ()


def test_a_deletion_without_an_id_is_loud() -> None:
    fault, _ = failing(scripted(page(deleted(3, id=""), delta=LATER)))
    assert isinstance(fault, ProtocolError)


def test_a_missing_delta_link_is_told() -> None:
    assert read(scripted(page(row(1))))[0][0].delta_link is None


@pytest.mark.parametrize(
    "answer",
    [
        error(400, "0x80044352", "Version stamp associated with the client has expired. Please perform a full sync."),
        error(410, "0x80044352", "Version stamp associated with the client has expired."),
        error(500, "0x80044352", "Version stamp associated with the client has expired."),
        error(400, "0x80060888", "something else"),
        error(404, "0x80060888", "Resource not found"),
        error(400, "0x80060888", GONE.format("title")),
        httpx.Response(404),
        httpx.Response(412),
    ],
)
def test_a_refused_delta_link_has_expired(answer: httpx.Response) -> None:
    fault, setup = failing(scripted(answer))
    assert isinstance(fault, ExpiredTokenError)
    assert fault.table == "subject"
    assert len(setup.recorder.requests) <= 2


def test_a_delta_link_that_is_refused_once_is_tried_again() -> None:
    pages, setup = read(scripted(error(400, "0x80060888", "hiccup"), page(delta=LATER)))
    assert pages[0].delta_link == LATER
    assert setup.recorder.urls == [SINCE, SINCE]


def test_a_delta_that_breaks_off_in_the_middle_has_expired() -> None:
    fault, _ = failing(scripted(page(row(1), link=NEXT), error(400, "0x8004112a", "bad cookie")))
    assert isinstance(fault, ExpiredTokenError)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(httpx.Response(401), UnauthorizedError), (error(403, "0x80040220", "prvReadx"), AccessDeniedError)],
)
def test_missing_rights_are_no_expiry(answer: httpx.Response, kind: type[DataverseError]) -> None:
    fault, _ = failing(scripted(answer))
    assert isinstance(fault, kind)


@pytest.mark.parametrize(
    "answer",
    [
        error(400, "0x80072491", "Entity subject isn't enabled for change tracking."),
        error(400, "0x80072492", "…"),
        error(400, "0x80060888", "…"),
    ],
)
def test_a_table_that_is_not_enabled_is_told(answer: httpx.Response) -> None:
    fault, setup = failing(scripted(answer), since=None)
    assert isinstance(fault, NotTrackedError)
    assert len(setup.recorder.requests) == 1


def test_a_table_that_is_read_in_part_is_never_asked_for_its_changes() -> None:
    fault, setup = failing(scripted(page()), shape=as_wanted(TABLES["audit"]), since=None)
    assert isinstance(fault, NotTrackedError)
    assert setup.recorder.requests == []


def test_a_baseline_that_breaks_in_the_middle_can_be_begun_again() -> None:
    fault, _ = failing(scripted(page(row(1), link=NEXT), error(400, "0x8004112a", "bad cookie")), since=None)
    assert isinstance(fault, BrokenChainError)


def test_a_baseline_does_without_a_column_that_was_deleted() -> None:
    watch = Watch()
    pages, setup = read(
        scripted(error(400, "0x80060888", GONE.format("title")), page(row(1), delta=SINCE)), since=None, watch=watch
    )
    assert pages[0].rows.column("title").to_pylist() == [None]
    assert "title" not in setup.recorder.requests[1].url.params["$select"]
    assert watch.has_drifted


def test_an_interrupted_read_goes_on_at_its_link() -> None:
    pages, setup = read(scripted(page(row(2), delta=LATER)), resume=NEXT)
    assert setup.recorder.urls == [NEXT]
    assert pages[0].delta_link == LATER


@pytest.mark.parametrize(("stored", "expected"), [("since", ExpiredTokenError), ("resume", BrokenChainError)])
def test_a_stored_link_to_another_host_is_never_asked(stored: str, expected: type[Exception]) -> None:
    fault, setup = failing(scripted(page()), **{stored: SINCE.replace(ORG, "https://evil.example")})
    assert isinstance(fault, expected)
    assert setup.recorder.requests == []


def test_a_new_delta_link_to_another_host_is_refused() -> None:
    fault, _ = failing(scripted(page(delta=LATER.replace(ORG, "https://evil.example"))))
    assert isinstance(fault, BrokenChainError)


def test_deletions_that_come_twice_under_new_links_are_loud() -> None:
    count = iter(range(100))
    fault, _ = failing(lambda request: page(deleted(1), link=f"{NEXT}{next(count)}"))
    assert isinstance(fault, BrokenChainError)


def test_a_missing_table_is_not_asked_for() -> None:
    pages, setup = read(scripted(page()), shape=missing(TABLES["sla"]))
    assert (pages, setup.recorder.requests) == ([], [])


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("5000", None)])
def test_changes_are_counted_by_the_token_byte_for_byte(text: str, number: int | None) -> None:
    setup = Setup(scripted(httpx.Response(200, text=text)))
    assert run(count_changes(setup.connection, SUBJECT, SINCE)) == number
    assert setup.recorder.urls == [f"{BASE}subjects/$count?$deltatoken=919042%2102%2f09%2f2026%2008%3a10%3a44"]


def test_changes_that_the_server_cannot_count_are_unknown() -> None:
    setup = Setup(scripted(error(400, "0x80060888", "not supported")))
    assert run(count_changes(setup.connection, SUBJECT, SINCE)) is None
    assert run(count_changes(setup.connection, SUBJECT, f"{BASE}subjects?$select=title")) is None
    assert len(setup.recorder.requests) == 1


def test_counting_with_an_expired_link_says_so() -> None:
    setup = Setup(scripted(error(400, "0x80044352", "expired")))
    with pytest.raises(ExpiredTokenError):
        run(count_changes(setup.connection, SUBJECT, SINCE))
