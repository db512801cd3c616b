"""Each scripted fault, as a client on a real connection sees it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from d365_pm.sandbox.faults import LAST, Fault, FaultFileError, FaultKind, FaultPlan, read_faults
from d365_pm.sandbox.request_target import Target, target_of
from d365_pm.sandbox.serving import RunningSandbox, running_server
from d365_pm.sandbox.switches import Switches
from d365_pm.sandbox.tls import client_context
from d365_pm_tests.sandbox.conftest import CASES, desk, error_of, guid
from d365_pm_tests.sandbox.test_protocol import token

PAGE = 30
PAGES = CASES // PAGE + 1
PREFER = {"Prefer": f"odata.maxpagesize={PAGE}"}
FIRST = "/api/data/v9.2/incidents?$select=title,ticketnumber&$orderby=ticketnumber asc&$filter=statecode ne 9"
NUMBERS = [f"CAS-{number:05d}" for number in range(CASES)]


@pytest.fixture(scope="module")
def served() -> Iterator[RunningSandbox]:
    with running_server(desk()) as running:
        yield running


@pytest.fixture
def web(served: RunningSandbox) -> Iterator[httpx.Client]:
    served.environment.faults.clear()
    served.environment.log.clear()
    context = client_context(Path(served.env["D365_CA_BUNDLE"]))
    with httpx.Client(base_url=served.url, verify=context, trust_env=False, timeout=10) as client:
        client.headers.update({"Authorization": f"Bearer {token(served, client)}", **PREFER})
        yield client


def plan(served: RunningSandbox, *faults: Fault) -> None:
    served.environment.faults.add(*faults)


def read(web: httpx.Client, *, most: int = PAGES + 3) -> list[dict[str, Any]]:
    """The answers of a read, following links, until it ends or `most` were read."""
    answers = [web.get(FIRST).json()]
    while "@odata.nextLink" in answers[-1] and len(answers) < most:
        answers.append(web.get(answers[-1]["@odata.nextLink"]).json())
    return answers


def numbers(answers: list[dict[str, Any]]) -> list[str]:
    return [row["ticketnumber"] for answer in answers for row in answer["value"]]


def test_without_faults_the_read_is_whole(web: httpx.Client) -> None:
    answers = read(web)
    assert (len(answers), numbers(answers)) == (PAGES, NUMBERS)


STATUSES = {
    FaultKind.THROTTLED: (429, "0x80072322"),
    FaultKind.UNAVAILABLE: (503, ""),
    FaultKind.REQUEST_TIMEOUT: (408, ""),
    FaultKind.SQL_TIMEOUT: (500, "0x80044151"),
    FaultKind.TABLE_GONE: (404, "0x80060888"),
    FaultKind.FORBIDDEN: (403, "0x80040220"),
    FaultKind.ERROR_BODY: (200, "0x80040216"),
}


@pytest.mark.parametrize("kind", STATUSES)
def test_a_refusal_comes_once_and_then_the_right_answer(
    served: RunningSandbox, web: httpx.Client, kind: FaultKind
) -> None:
    plan(served, Fault(kind, entity_set="incidents", page=1, seconds=7))
    assert error_of(web.get(FIRST))[:2] == STATUSES[kind]
    assert numbers(read(web)) == NUMBERS


def test_a_throttled_answer_says_how_long_to_wait_and_ever_longer(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.THROTTLED, entity_set="incidents", times=3, seconds=2, growth=5))
    answers = [web.get(FIRST) for _ in range(4)]
    assert [answer.headers.get("Retry-After") for answer in answers] == ["2", "7", "12", None]


@pytest.mark.parametrize(
    ("kind", "status"),
    [(FaultKind.BAD_GATEWAY, 502), (FaultKind.GATEWAY_TIMEOUT, 504), (FaultKind.HTML, 200)],
)
def test_a_web_page_comes_instead_of_data(
    served: RunningSandbox, web: httpx.Client, kind: FaultKind, status: int
) -> None:
    plan(served, Fault(kind, entity_set="incidents"))
    answer = web.get(FIRST)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (status, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_an_ended_token_is_401_without_a_body(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.UNAUTHORIZED, entity_set="incidents", page=2))
    link = web.get(FIRST).json()["@odata.nextLink"]
    answer = web.get(link)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["401_error_reason"] == "The token has expired."
    assert web.get(link).status_code == 401
    web.headers["Authorization"] = f"Bearer {token(served, web)}"
    assert web.get(link).status_code == 200


def test_a_sign_in_that_is_down_refuses_the_token_and_then_fails(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.SIGN_IN_DOWN, entity_set="incidents", sign_in_failures=2))
    assert web.get(FIRST).status_code == 401
    endpoint = f"/{served.env['D365_TENANT_ID']}/oauth2/v2.0/token"
    assert [web.post(endpoint, data={}).status_code for _ in range(3)] == [500, 500, 400]
    assert web.get(FIRST).status_code == 401


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.DROP_AFTER_HEADERS, FaultKind.CUT_BODY])
def test_a_broken_connection_is_seen_as_one(served: RunningSandbox, web: httpx.Client, kind: FaultKind) -> None:
    plan(served, Fault(kind, entity_set="incidents"))
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        web.get(FIRST)
    assert numbers(read(web)) == NUMBERS


def test_only_after_the_headers_is_after_the_headers(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.DROP_AFTER_HEADERS, entity_set="incidents"))
    with web.stream("GET", FIRST) as answer:
        assert answer.status_code == 200
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            answer.read()


def test_a_cut_body_brings_its_first_half(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.CUT_BODY, entity_set="incidents"))
    received = b""
    with web.stream("GET", FIRST, headers={"Accept-Encoding": "identity"}) as answer:
        length = int(answer.headers["Content-Length"])
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            for chunk in answer.iter_raw():
                received += chunk
    assert 0 < len(received) < length


def test_a_slow_body_is_whole_in_the_end(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.SLOW_BODY, entity_set="incidents", page=1, seconds=0.5))
    started = time.monotonic()
    assert len(web.get(FIRST).json()["value"]) == PAGE
    assert time.monotonic() - started >= 0.5


def test_damaged_compression_cannot_be_undone(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.DAMAGED_GZIP, entity_set="incidents"))
    with pytest.raises(httpx.DecodingError):
        web.get(FIRST)


def test_cut_json_is_whole_http(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.CUT_JSON, entity_set="incidents"))
    answer = web.get(FIRST)
    assert answer.status_code == 200 and answer.text.startswith('{"@odata.context"')
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_wrong_type_has_the_right_body(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.WRONG_TYPE, entity_set="incidents"))
    answer = web.get(FIRST)
    assert answer.headers["Content-Type"].startswith("text/plain") and len(answer.json()["value"]) == PAGE


@pytest.mark.parametrize("page", [1, 3, LAST])
def test_a_repeated_link_leads_to_its_own_page_for_ever(
    served: RunningSandbox, web: httpx.Client, page: int | str
) -> None:
    plan(served, Fault(FaultKind.REPEATED_LINK, entity_set="incidents", page=page, times=1000))
    answers = read(web, most=PAGES + 3)
    assert len(answers) == PAGES + 3
    assert answers[-1]["@odata.nextLink"] == answers[-2]["@odata.nextLink"]
    assert answers[-1]["value"] == answers[-2]["value"]


@pytest.mark.parametrize("page", [1, 3, LAST])
def test_a_duplicate_page_comes_twice_under_two_links(
    served: RunningSandbox, web: httpx.Client, page: int | str
) -> None:
    plan(served, Fault(FaultKind.DUPLICATE_PAGE, entity_set="incidents", page=page))
    answers = read(web)
    ordinal = PAGES if page == LAST else int(page)
    repeated = NUMBERS[(ordinal - 1) * PAGE : ordinal * PAGE]
    assert numbers(answers) == NUMBERS[: ordinal * PAGE] + repeated + NUMBERS[ordinal * PAGE :]
    links = [answer["@odata.nextLink"] for answer in answers[:-1]]
    assert len(set(links)) == len(links) == PAGES


@pytest.mark.parametrize("page", [1, 3, LAST])
def test_a_skipped_page_is_missing_and_nothing_else(served: RunningSandbox, web: httpx.Client, page: int | str) -> None:
    plan(served, Fault(FaultKind.SKIPPED_PAGE, entity_set="incidents", page=page))
    ordinal = PAGES if page == LAST else int(page)
    left = NUMBERS[: (ordinal - 1) * PAGE] + NUMBERS[ordinal * PAGE :]
    assert numbers(read(web)) == left


@pytest.mark.parametrize("page", [1, 3])
def test_pages_out_of_order_change_places(served: RunningSandbox, web: httpx.Client, page: int) -> None:
    plan(served, Fault(FaultKind.OUT_OF_ORDER, entity_set="incidents", page=page))
    start, middle, end = (page - 1) * PAGE, page * PAGE, (page + 1) * PAGE
    wanted = NUMBERS[:start] + NUMBERS[middle:end] + NUMBERS[start:middle] + NUMBERS[end:]
    assert numbers(read(web)) == wanted


def test_the_last_page_out_of_order_is_backwards(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.OUT_OF_ORDER, entity_set="incidents", page=LAST))
    start = (PAGES - 1) * PAGE
    assert numbers(read(web)) == NUMBERS[:start] + NUMBERS[start:][::-1]


def test_a_lost_link_ends_the_read_early(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.LOST_LINK, entity_set="incidents", page=2))
    assert numbers(read(web)) == NUMBERS[: 2 * PAGE]


@pytest.mark.parametrize("page", [1, LAST])
def test_a_foreign_link_names_another_host(served: RunningSandbox, web: httpx.Client, page: int | str) -> None:
    plan(served, Fault(FaultKind.FOREIGN_LINK, entity_set="incidents", page=page))
    answers = [web.get(FIRST).json()]
    while "elsewhere" not in answers[-1]["@odata.nextLink"]:
        answers.append(web.get(answers[-1]["@odata.nextLink"]).json())
    assert answers[-1]["@odata.nextLink"].startswith("https://elsewhere.example.test/api/data/v9.2/incidents?")
    assert len(answers) == (PAGES if page == LAST else 1)


def test_a_large_row_is_five_megabytes_longer(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.LARGE_ROW, entity_set="incidents", page=2))
    answers = read(web)
    assert numbers(answers) == NUMBERS
    lengths = [len(row["title"] or "") for answer in answers for row in answer["value"]]
    assert [number for number, length in enumerate(lengths) if length >= 5_000_000] == [PAGE]


def test_bad_text_begins_with_what_no_text_may_hold(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.BAD_TEXT, entity_set="incidents", page=2))
    titles = [row["title"] or "" for answer in read(web) for row in answer["value"]]
    assert [number for number, title in enumerate(titles) if title.startswith("\0\ud800")] == [PAGE]


def test_faults_are_played_in_turn_and_remembered(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.THROTTLED, times=2), Fault(FaultKind.UNAVAILABLE, entity_set="incidents"))
    assert [web.get(FIRST).status_code for _ in range(4)] == [429, 429, 503, 200]
    assert [fired.fault.kind for fired in served.environment.faults.fired] == ["throttled", "throttled", "unavailable"]
    assert [entry.fault for entry in served.environment.log.entries[-4:]] == [
        "throttled",
        "throttled",
        "unavailable",
        None,
    ]
    assert served.environment.faults.is_empty


def test_a_fault_happens_where_it_was_planned_and_nowhere_else(served: RunningSandbox, web: httpx.Client) -> None:
    plan(served, Fault(FaultKind.UNAVAILABLE, entity_set="incidents", page=3))
    others = ("WhoAmI", "emails", "incidents/$count", "incidents?$top=1", f"incidents({guid('case', 1)})")
    assert {web.get(f"/api/data/v9.2/{path}").status_code for path in others} == {200}
    answers = [web.get(FIRST)]
    for _ in range(2):
        answers.append(web.get(answers[-1].json()["@odata.nextLink"]))
    assert [answer.status_code for answer in answers] == [200, 200, 503]


def test_faults_of_the_sign_in_have_to_be_named() -> None:
    faults = FaultPlan()
    faults.add(Fault(FaultKind.UNAVAILABLE))
    assert faults.take(Target("token", None)) is None
    faults.add(Fault(FaultKind.HTML, entity_set="token"))
    fired = faults.take(Target("token", None))
    assert fired is not None and fired.fault.kind is FaultKind.HTML


def test_faults_of_change_tracking_wait_for_it() -> None:
    faults = FaultPlan()
    faults.add(Fault(FaultKind.EXPIRED_DELTA), Fault(FaultKind.MISSING_DELTA_LINK))
    here = Target("incidents", 1)
    assert faults.take(here) is None
    ended = faults.take(here, ends=True)
    assert ended is not None and ended.fault.kind is FaultKind.MISSING_DELTA_LINK
    assert faults.take(here) is None
    expired = faults.take(here, is_delta=True)
    assert expired is not None and expired.fault.kind is FaultKind.EXPIRED_DELTA


@pytest.mark.parametrize(
    ("path", "query", "wanted"),
    [
        ("incidents", "$select=title", Target("incidents", 1)),
        ("incidents", "$select=title&$skiptoken=%3Ccookie%20pagenumber=%2217%22%20x", Target("incidents", 17)),
        ("incidents", "$top=1", Target("incidents", None)),
        ("incidents", "$apply=aggregate($count%20as%20n)", Target("incidents", None)),
        ("incidents/$count", "", Target("incidents", None)),
        ("incidents(7b1c9d40)", "", Target("incidents", None)),
        ("WhoAmI", "", Target("WhoAmI", None)),
        ("$batch", "", Target("$batch", None)),
        ("", "", Target(None, None)),
    ],
)
def test_what_a_request_aims_at(path: str, query: str, wanted: Target) -> None:
    assert target_of(path, query) == wanted


def test_faults_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text('[{"kind":"cut body","entity_set":"emails","page":"last"},{"kind":"throttled","times":8}]')
    assert read_faults(file) == [
        Fault(FaultKind.CUT_BODY, entity_set="emails", page=LAST),
        Fault(FaultKind.THROTTLED, times=8),
    ]
    file.write_text('[{"kind":"earthquake"}]')
    with pytest.raises(FaultFileError, match="earthquake"):
        read_faults(file)


def test_a_smaller_page_may_be_the_largest() -> None:
    with running_server(desk(), Switches(max_page_size=7)) as running:
        context = client_context(Path(running.env["D365_CA_BUNDLE"]))
        with httpx.Client(base_url=running.url, verify=context, trust_env=False) as client:
            client.headers["Authorization"] = f"Bearer {token(running, client)}"
            assert len(client.get(FIRST).json()["value"]) == 7
            assert len(client.get(FIRST, headers={"Prefer": "odata.maxpagesize=3"}).json()["value"]) == 3
            assert len(client.get(f"{FIRST}&$top=9").json()["value"]) == 9
