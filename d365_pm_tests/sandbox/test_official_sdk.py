"""Microsoft's own Python SDK against the sandbox: a client that we did not write."""

import time
from collections.abc import Iterator

import pytest
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient

from d365_pm.sandbox.serving import RunningSandbox
from d365_pm_tests.sandbox.conftest import CALLS, CASES, case_rows
from d365_pm_tests.sandbox.test_sign_in import application


class MsalCredential:
    """Azure's credential protocol on top of msal."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self._application = application(sandbox, sandbox.env["D365_CLIENT_SECRET"])

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        result = self._application.acquire_token_for_client(list(scopes))
        return AccessToken(result["access_token"], int(time.time()) + result["expires_in"])


@pytest.fixture
def sdk(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataverseClient]:
    # The SDK offers no setting for a certificate authority; requests, which it uses, reads this variable.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", sandbox.env["D365_CA_BUNDLE"])
    with DataverseClient(sandbox.url, MsalCredential(sandbox)) as client:
        yield client


def test_it_pages_through_all_cases(sdk: DataverseClient) -> None:
    pages = list(
        sdk.records.list_pages("incident", select=["incidentid", "ticketnumber", "_ownerid_value"], page_size=10)
    )
    rows = [row for page in pages for row in page]
    assert len(pages) == CASES // 10 + 1
    assert {row["ticketnumber"]: row["_ownerid_value"] for row in rows} == {
        row["ticketnumber"]: row["_ownerid_value"] for row in case_rows()
    }
    assert len(rows) == CASES


def test_it_reads_a_table_of_more_than_one_full_page(sdk: DataverseClient) -> None:
    rows = [row for page in sdk.records.list_pages("phonecall", select=["activityid"]) for row in page]
    assert len({row["activityid"] for row in rows}) == len(rows) == CALLS
