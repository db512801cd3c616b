"""The route is what the environment really answers, never what it should."""

from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from d365_pm.dataverse.audit import AuditRoute, choose_route
from d365_pm.dataverse.audit.choose import requests_for
from d365_pm.dataverse.errors import PrivilegeError, RequirementError
from d365_pm.dataverse.registry import TABLES
from d365_pm.dataverse.shape import TableShape
from d365_pm.dataverse.shaping import as_wanted
from d365_pm_tests.dataverse.audit.given import attribute_detail
from d365_pm_tests.dataverse.audit.server import BatchServer, HistoryServer, detail_body, key
from d365_pm_tests.dataverse.wire import Setup, error, rows, run

DENIED = error(403, "0x80040220", "Principal user is missing prvReadRecordAuditHistory privilege")
ABSENT = error(404, "", "no such thing")
BARE = as_wanted(TABLES["audit"])


def with_column() -> TableShape:
    columns = tuple(
        replace(each, source="changedata") if each.column.name == "changedata" else each for each in BARE.columns
    )
    return replace(BARE, columns=columns)


@dataclass
class Environment:
    """An environment with some updates; each way to their values is open or answers an error."""

    count: int = 6
    changedata: str | None = None
    details: httpx.Response | None = None
    histories: httpx.Response | None = None
    has_record: bool = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if "$batch" in url:
            batch = BatchServer(lambda number: (200, detail_body(number, attribute_detail({}, {"title": "a"}))))
            return self.details or batch(request)
        if "RetrieveRecordChangeHistory" in url:
            record = {"AuditRecord": {"auditid": key(1)}} if self.has_record else {}
            elements = [attribute_detail({}, {"title": "a"}) | record]
            return self.histories or HistoryServer({key(record): elements for record in range(10)})(request)
        return rows(*(self._row(number) for number in range(self.count)))

    def _row(self, number: int) -> dict[str, Any]:
        return {
            "auditid": key(number),
            "objecttypecode": "incident",
            "_objectid_value": key(number // 3),
            "changedata": self.changedata,
        }


def choose(environment: Environment, shape: TableShape = BARE, **options: Any) -> tuple[AuditRoute, list[str]]:
    setup = Setup(environment)
    return run(choose_route(setup.connection, shape, **options)), setup.recorder.urls


def test_the_column_is_preferred_where_it_holds_something() -> None:
    route, urls = choose(Environment(changedata="{}"), with_column())
    assert route is AuditRoute.CHANGEDATA
    assert len(urls) == 1
    assert "$select=auditid,objecttypecode,_objectid_value,changedata&" in urls[0]


def test_a_column_that_is_always_empty_is_not_trusted() -> None:
    assert choose(Environment(changedata=None), with_column())[0] is AuditRoute.DETAILS


def test_without_the_column_details_cost_fewest_requests() -> None:
    assert choose(Environment())[0] is AuditRoute.DETAILS


@pytest.mark.parametrize(
    "answer",
    [DENIED, ABSENT, error(400, "0x80060888", "$batch"), httpx.Response(200, json={"value": []})],
    ids=["denied", "absent", "refused", "no batch"],
)
def test_histories_are_taken_where_details_are_refused(answer: httpx.Response) -> None:
    assert choose(Environment(details=answer))[0] is AuditRoute.RECORD_HISTORY


def test_histories_that_do_not_name_their_rows_are_no_route() -> None:
    with pytest.raises(RequirementError, match="prvReadRecordAuditHistory"):
        choose(Environment(details=DENIED, has_record=False))


def test_no_route_at_all_is_loud_and_says_what_to_grant() -> None:
    with pytest.raises(RequirementError, match="prvReadRecordAuditHistory") as caught:
        choose(Environment(details=DENIED, histories=DENIED))
    assert caught.value.table == "audit"


def test_audit_rows_that_may_not_be_read_are_loud() -> None:
    setup = Setup(lambda request: error(403, "0x80040220", "missing prvReadAuditSummary privilege"))
    with pytest.raises(PrivilegeError, match="prvReadAuditSummary"):
        run(choose_route(setup.connection, BARE))


def test_an_environment_without_changes_is_not_tried_further() -> None:
    assert choose(Environment(count=0)) == (AuditRoute.DETAILS, choose(Environment(count=0))[1])
    assert choose(Environment(count=0), with_column())[0] is AuditRoute.CHANGEDATA


@pytest.mark.parametrize("route", AuditRoute)
def test_a_forced_route_is_taken_without_a_question(route: AuditRoute) -> None:
    assert choose(Environment(details=DENIED), with_column(), forced=route) == (route, [])


def test_a_forced_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(RequirementError, match="D365_PM_AUDIT_ROUTE"):
        choose(Environment(), forced=AuditRoute.CHANGEDATA)


@pytest.mark.parametrize(
    ("route", "requests"), [(AuditRoute.CHANGEDATA, 0), (AuditRoute.RECORD_HISTORY, 700), (AuditRoute.DETAILS, 3)]
)
def test_requests_are_counted_as_the_routes_send_them(route: AuditRoute, requests: int) -> None:
    assert requests_for(route, 2001, 700) == requests
