"""What the request log keeps, and what it must not."""

from d365_pm.sandbox.app import build_app
from d365_pm.sandbox.credentials import new_credentials
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.request_log import Entry, RequestLog, now
from d365_pm.sandbox.tokens import issue_token
from d365_pm_tests.sandbox.conftest import ORIGIN, desk, memory_client


def entry(number: int = 0, started: float = 0.0, ended: float = 0.0) -> Entry:
    return Entry(now(), "GET", f"path{number}", "", "", 200, started=started, ended=ended)


def test_an_entry_has_what_tests_ask_about_and_no_token() -> None:
    environment, credentials = Environment(desk()), new_credentials()
    token = issue_token(credentials, resource=ORIGIN, lifetime=60)
    headers = {"Authorization": f"Bearer {token}", "Prefer": "odata.maxpagesize=50", "User-Agent": "test"}
    client = memory_client(build_app(environment, credentials), headers=headers)
    link = client.get("incidents?$select=title").json()["@odata.nextLink"]
    client.get(link)
    first, second = environment.log.pages_of("incidents")
    assert (first.method, first.path, first.query) == ("GET", "incidents", "$select=title")
    assert (first.status, first.user, first.server, first.table, first.page) == (
        200,
        credentials.client_id,
        0,
        "incidents",
        1,
    )
    assert (second.page, second.query) == (2, link.partition("?")[2])
    assert first.prefer == "odata.maxpagesize=50" and first.headers["user-agent"] == "test"
    assert first.started <= first.ended <= second.started
    assert token not in repr(environment.log.entries)


def test_a_request_without_a_token_is_kept_with_its_refusal() -> None:
    environment = Environment(desk())
    memory_client(build_app(environment, new_credentials())).get("WhoAmI")
    [found] = environment.log.entries
    assert (found.path, found.status, found.user, found.page) == ("WhoAmI", 401, None, None)


def test_sign_in_is_kept_without_what_was_presented() -> None:
    environment, credentials = Environment(desk()), new_credentials()
    form = {"grant_type": "client_credentials", "client_id": credentials.client_id, "client_secret": "planted"}
    url = f"{ORIGIN}/{credentials.tenant_id}/oauth2/v2.0/token"
    memory_client(build_app(environment, credentials)).post(url, data=form)
    [found] = environment.log.entries
    assert (found.table, found.status) == ("token", 401)
    assert "planted" not in repr(found)


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    log = RequestLog(kept=3)
    for number in range(5):
        log.add(entry(number))
    assert [found.path for found in log.entries] == ["path2", "path3", "path4"]


def test_concurrency_is_the_largest_overlap() -> None:
    log = RequestLog()
    for span in ((0.0, 4.0), (1.0, 3.0), (2.0, 6.0), (4.0, 5.0), (7.0, 8.0)):
        log.add(entry(0, *span))
    assert log.most_at_once() == 3
