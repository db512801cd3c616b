"""Order and paging (Web API reference 2.4 and 3)."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

import httpx
import polars as pl
import pytest

from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.serving import RunningSandbox
from d365_pm.sandbox.switches import Switches
from d365_pm_tests.sandbox.conftest import API, CALLS, CASES, case_rows, client_of, desk, error_of, guid, values
from d365_pm_tests.sandbox.test_protocol import token

SIZE = {"Prefer": "odata.maxpagesize=10"}


def pages(client: httpx.Client, url: str, headers: dict[str, str] = SIZE) -> Iterator[list[dict[str, Any]]]:
    link: str | None = url
    while link is not None:
        answer = client.get(link, headers=headers)
        yield values(answer)
        link = answer.json().get("@odata.nextLink")


def column(client: httpx.Client, url: str, name: str) -> list[Any]:
    return [row[name] for page in pages(client, url) for row in page]


@pytest.mark.parametrize(
    "query",
    [
        "$select=ticketnumber",
        "$select=ticketnumber&$orderby=createdon desc",
        "$select=ticketnumber&$orderby=prioritycode,title desc",
        "$select=ticketnumber&$orderby=title",
        "$select=ticketnumber&$orderby=_customerid_value desc,_ownerid_value",
        "$select=ticketnumber&$orderby=isescalated,followupby desc,incidentid desc",
        "$select=ticketnumber&$filter=statecode eq 0 and contains(title,'o')&$orderby=onholdtime desc",
    ],
)
def test_pages_hold_every_row_once(web: httpx.Client, query: str) -> None:
    whole = [row["ticketnumber"] for row in values(web.get(f"incidents?{query}"))]
    paged = column(web, f"incidents?{query}", "ticketnumber")
    assert paged == whole
    assert len(set(paged)) == len(paged)
    assert len(whole) == (CASES if "$filter" not in query else len(whole))


def test_every_page_is_full_but_the_last(web: httpx.Client) -> None:
    sizes = [len(page) for page in pages(web, "incidents?$select=title")]
    assert sizes == [10] * (CASES // 10) + [CASES % 10]


def test_the_default_page_is_5000(web: httpx.Client) -> None:
    assert [len(page) for page in pages(web, "phonecalls?$select=subject", {})] == [5000, CALLS - 5000]


def test_a_full_last_page_has_no_link(web: httpx.Client) -> None:
    answer = web.get("emails?$select=subject", headers=SIZE)
    assert len(values(answer)) == 10 and "@odata.nextLink" not in answer.json()


def test_the_link_has_the_shape_of_the_reference(web: httpx.Client) -> None:
    answer = web.get("incidents?$select=title&$orderby=statuscode desc", headers=SIZE)
    link = answer.json()["@odata.nextLink"]
    rows = values(web.get("incidents?$select=statuscode&$orderby=statuscode desc", headers=SIZE))
    assert link.startswith(
        f"{API}/incidents?$select=title&$orderby=statuscode%20desc&$skiptoken=%3Ccookie%20pagenumber=%222%22%20"
    )
    assert link.endswith("%20istracking=%22False%22%20/%3E")
    outer = unquote(link.partition("$skiptoken=")[2])
    cookie = re.search(r'pagingcookie="([^"]*)"', outer)
    assert cookie is not None
    first, last = rows[0], rows[-1]
    assert unquote(cookie[1]) == (
        f'<cookie page="1"><statuscode last="{last["statuscode"]}" first="{first["statuscode"]}" />'
        f'<incidentid last="{{{last["incidentid"].upper()}}}" first="{{{first["incidentid"].upper()}}}" /></cookie>'
    )


def test_without_order_the_key_orders_by_its_last_bytes_first(web: httpx.Client) -> None:
    """The store compares GUIDs from their last group to the first, the first three groups byte-reversed."""
    ids = [row["incidentid"] for row in values(web.get("incidents?$select=title"))]

    def sql_order(row_id: str) -> bytes:
        raw = bytes.fromhex(row_id.replace("-", ""))
        stored = raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]
        return stored[10:] + stored[8:10] + stored[6:8] + stored[4:6] + stored[0:4]

    assert ids == sorted(ids, key=sql_order)


def test_nulls_come_first_and_last_when_descending(web: httpx.Client) -> None:
    up = [row["prioritycode"] for row in values(web.get("incidents?$select=prioritycode&$orderby=prioritycode"))]
    down = [row["prioritycode"] for row in values(web.get("incidents?$select=prioritycode&$orderby=prioritycode desc"))]
    assert up == sorted(up, key=lambda code: code or 0)
    assert down == up[::-1]


def test_a_lookup_orders_by_the_name_of_its_row(web: httpx.Client) -> None:
    rows = values(
        web.get(
            "incidents?$select=_ownerid_value&$orderby=_ownerid_value",
            headers={"Prefer": 'odata.include-annotations="OData.Community.Display.V1.FormattedValue"'},
        )
    )
    names = [row["_ownerid_value@OData.Community.Display.V1.FormattedValue"] for row in rows]
    assert names == sorted(names, key=str.lower)
    assert set(names) == {"Ana", "bia", "Caio", "Davi", "Tier 2"}


def test_top_limits_without_a_link_and_yields_to_a_page_size(web: httpx.Client) -> None:
    topped = web.get("incidents?$select=title&$top=3")
    assert len(values(topped)) == 3 and "@odata.nextLink" not in topped.json()
    assert len(column(web, "incidents?$select=title&$top=3", "title")) == CASES


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda link: link.replace("%253c", "<", 1), "0x8004112a", id="decoded"),
        pytest.param(lambda link: link.replace("%2522", "%25252522"), "0x8004112a", id="encoded again"),
        pytest.param(lambda link: link.replace("pagenumber=%222", "pagenumber=%223"), "0x8004112a", id="other page"),
        pytest.param(lambda link: link.replace("/%3E", "%2F%3E"), "0x8004112a", id="encoded differently"),
        pytest.param(
            lambda link: link.replace("$orderby=statuscode", "$orderby=createdon"), "0x80041129", id="other order"
        ),
        pytest.param(lambda link: link.partition("$skiptoken=")[0] + "$skiptoken=2", "0x8004112a", id="invented"),
    ],
)
def test_a_changed_link_is_refused(web: httpx.Client, change: Callable[[str], str], code: str) -> None:
    link = web.get("incidents?$select=title&$orderby=statuscode", headers=SIZE).json()["@odata.nextLink"]
    assert change(link) != link
    assert error_of(web.get(change(link), headers=SIZE))[:2] == (400, code)


def test_an_environment_may_take_links_that_were_written_anew_with_the_same_meaning() -> None:
    """Airbyte's source takes the query apart and gives it to a form encoder, and pages through real environments."""
    web = client_of(Environment(desk(), Switches(takes_rewritten_links=True)))
    link = web.get("incidents?$select=title", headers=SIZE).json()["@odata.nextLink"]
    address, _, query = link.partition("?")
    anew = f"{address}?{urlencode(parse_qsl(query))}"
    assert anew != link
    assert values(web.get(anew, headers=SIZE)) == values(web.get(link, headers=SIZE)) != []


def test_pages_see_rows_that_came_and_went_meanwhile() -> None:
    """Every page seeks anew behind the last row of the page before, which may itself be gone."""
    environment = Environment(desk())
    client = client_of(environment)
    answer = client.get("incidents?$select=ticketnumber&$orderby=ticketnumber", headers=SIZE)
    rows = environment.tables["incident"].rows
    newcomers = rows.head(2).with_columns(
        pl.Series("incidentid", [guid("new", 0), guid("new", 1)]),
        pl.Series("ticketnumber", ["CAS-00005b", "CAS-00012b"]),
    )
    kept = rows.filter(~pl.col("ticketnumber").is_in(["CAS-00009", "CAS-00011"]))
    environment.replace_rows("incident", pl.concat([kept, newcomers]))
    following = column(client, answer.json()["@odata.nextLink"], "ticketnumber")
    expected = sorted({row["ticketnumber"] for row in case_rows()[10:]} - {"CAS-00011"} | {"CAS-00012b"})
    assert following == expected


def test_text_in_a_cookie_may_hold_anything(web: httpx.Client) -> None:
    titles = column(web, "incidents?$select=title&$orderby=title", "title")
    assert sorted(titles, key=lambda title: (title is not None, (title or "").lower())) == titles
    assert {'50% off "now"', "it's slow", "Impressão"} <= set(titles)


def test_links_work_over_the_wire_as_httpx_sends_them(sandbox: RunningSandbox, https: httpx.Client) -> None:
    headers = SIZE | {"Authorization": f"Bearer {token(sandbox, https)}"}
    seen = [
        row["incidentid"]
        for page in pages(https, "/api/data/v9.2/incidents?$orderby=title desc", headers)
        for row in page
    ]
    assert len(seen) == len(set(seen)) == CASES


@pytest.mark.parametrize(
    "query", ["$top=x", "$top=-1", "$count=maybe", "$orderby=new_foo", "$orderby=title up", "$select=a&$select=b"]
)
def test_malformed_options_are_refused(web: httpx.Client, query: str) -> None:
    assert error_of(web.get(f"incidents?{query}"))[:2] == (400, "0x80060888")
