"""A page of `audits` is completed the same on every route, and what is not whole is counted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyarrow as pa
import pytest

from d365_pm.dataverse.audit import AuditCompleter, AuditFacts, AuditRoute, build_completer, completeness
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.shaping import as_wanted
from d365_pm_tests.dataverse.audit.given import DEFINITIONS, attribute_detail, canonical, changedata
from d365_pm_tests.dataverse.audit.server import GONE, BatchServer, HistoryServer, detail_body, key
from d365_pm_tests.dataverse.wire import Setup, run

SHAPE = as_wanted(TABLES["audit"])
START = datetime(2026, 2, 9, tzinfo=UTC)
CUT = "x" * 5000 + "…"
LINK = {"@odata.type": "#Microsoft.Dynamics.CRM.RelationshipAuditDetail", "RelationshipName": "r", "TargetRecords": []}

SHORT_LINK = '{"relationshipName":"r","targetRecords":[]}'

COLUMN = {1: changedata(("title", None, "a")), 2: changedata(("title", None, CUT)), 3: SHORT_LINK}
ELEMENT = {1: attribute_detail({}, {"title": "a"}), 2: attribute_detail({}, {"title": CUT}), 3: LINK}
TEXTS = {
    1: canonical(("title", None, "a")),
    2: canonical(("title", None, "x" * 4900 + "…")),
    3: SHORT_LINK,
}
"""A change, a change that the store cut, a link; rows 0 and 4 switch auditing, row 5 is gone."""


def page(*, has_column: bool) -> pa.Table:
    switch = "00000000-0000-0000-0000-000000000000"
    values: dict[str, Any] = {
        "auditid": [key(number) for number in range(6)],
        "createdon": [START + timedelta(hours=number) for number in range(6)],
        "operation": [2] * 6,
        "action": [105, 2, 2, 33, 110, 2],
        "objecttypecode": ["incident", "incident", "incident", "incident", "queueitem", "incident"],
        "_objectid_value": [switch, key(1), key(1), key(2), switch, key(2)],
        "changedata": [COLUMN.get(number) if has_column else None for number in range(6)],
    }
    columns = [pa.array(values.get(field.name, [None] * 6), field.type) for field in SHAPE.schema]
    return pa.Table.from_arrays(columns, schema=SHAPE.schema)


def server(request: httpx.Request) -> httpx.Response:
    if request.method == "POST":
        return BatchServer(lambda number: (404, GONE) if number == 5 else (200, detail_body(number, ELEMENT[number])))(
            request
        )
    elements = [element | {"AuditRecord": {"auditid": key(number)}} for number, element in ELEMENT.items()]
    return HistoryServer({key(1): elements[:2], key(2): elements[2:]})(request)


def completed(route: AuditRoute) -> tuple[pa.Table, AuditCompleter, list[str]]:
    setup = Setup(server)
    completer = build_completer(setup.connection, SHAPE, route, DEFINITIONS)
    assert completer is not None
    table = run(completer.complete(page(has_column=route is AuditRoute.CHANGEDATA)))
    return table, completer, setup.recorder.urls


@pytest.mark.parametrize("route", AuditRoute)
def test_values_come_in_their_rows_and_nothing_else_changes(route: AuditRoute) -> None:
    table, _, _ = completed(route)
    assert table.column("changedata").to_pylist() == [TEXTS.get(number) for number in range(6)]
    assert table.schema == SHAPE.schema
    others = [name for name in SHAPE.schema.names if name not in {"changedata", "_payload"}]
    assert table.select(others).equals(page(has_column=False).select(others))


@pytest.mark.parametrize(
    ("route", "last", "requests"),
    [
        (AuditRoute.CHANGEDATA, "none", 0),
        (AuditRoute.RECORD_HISTORY, "unavailable", 3),
        (AuditRoute.DETAILS, "unavailable", 1),
    ],
)
def test_each_row_tells_how_whole_it_is_and_the_facts_count_it(route: AuditRoute, last: str, requests: int) -> None:
    table, completer, urls = completed(route)
    payloads = ["none", "parsed", "truncated", "opaque", "none", last]
    assert table.column("_payload").to_pylist() == payloads
    assert len(urls) == requests
    facts = completer.facts.metadata()
    assert facts["audit_route"] == route.value
    assert facts["audit_detail_requests"] == requests
    assert {name: facts[f"audit_rows_{name}"] for name in {*payloads}} == {
        name: payloads.count(name) for name in {*payloads}
    }
    assert (facts["audit_switches_105"], facts["audit_switches_110"]) == (1, 1)
    assert facts["audit_earliest"] == "2026-02-09T00:00:00+00:00"
    assert completer.facts.rows == 6


def test_an_empty_page_stays_one() -> None:
    completer = build_completer(Setup(server).connection, SHAPE, AuditRoute.DETAILS, DEFINITIONS)
    assert completer is not None
    assert run(completer.complete(SHAPE.schema.empty_table())).num_rows == 0
    assert completer.facts.metadata()["audit_detail_requests"] == 0


def test_other_tables_need_no_completion() -> None:
    shape = as_wanted(TABLES["incident"])
    assert build_completer(Setup(server).connection, shape, AuditRoute.DETAILS, DEFINITIONS) is None


def test_facts_of_several_windows_add_up() -> None:
    sums = AuditFacts(AuditRoute.DETAILS)
    for _ in range(2):
        completer = build_completer(Setup(server).connection, SHAPE, AuditRoute.DETAILS, DEFINITIONS, facts=sums)
        assert completer is not None
        run(completer.complete(page(has_column=False)))
    assert sums.rows == 12
    assert sums.requests == 2
    assert sums.switches == {105: 2, 110: 2}
    assert sums.earliest == START


def test_completeness_is_counted_per_record() -> None:
    table, _, _ = completed(AuditRoute.DETAILS)
    found = {row["_objectid_value"]: row for row in completeness(table).to_pylist()}
    case = found[key(1)]
    assert (case["rows"], case["parsed"], case["truncated"], case["unavailable"]) == (2, 1, 1, 0)
    assert (found[key(2)]["opaque"], found[key(2)]["unavailable"]) == (1, 1)
