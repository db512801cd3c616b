"""The measured side that is the peer's: Microsoft's SDK reads the same cases and drops them.

Its best documented way to many rows: `records.list_pages`, one page at a time, from a client that is a context manager
and therefore keeps its connection. It is not asked to order, to type or to store.
"""

import os
import time
from collections.abc import Sequence
from typing import Any

import msal
import requests
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient


class MsalCredential:
    """Azure's credential protocol on top of msal, for an authority that has a certificate of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        session = requests.Session()
        session.trust_env, session.verify = False, environment["D365_CA_BUNDLE"]
        self._application = msal.ConfidentialClientApplication(
            environment["D365_CLIENT_ID"],
            authority=f"{environment['D365_AUTHORITY']}/{environment['D365_TENANT_ID']}",
            client_credential=environment["D365_CLIENT_SECRET"],
            instance_discovery=False,
            http_client=session,
        )

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        """A token from msal's cache or from the authority."""
        result = self._application.acquire_token_for_client(list(scopes))
        return AccessToken(result["access_token"], int(time.time()) + result["expires_in"])


def iterate_cases(
    *, environment: dict[str, str], select: Sequence[str], annotation: str, page_size: int
) -> dict[str, Any]:
    """Go through every row once.

    Args:
        environment: `D365_*` variables of the Dataverse.
        select: Columns, by the names of the Web API.
        annotation: Annotations to ask for.
        page_size: Rows per page to ask for.

    Returns:
        `rows` that went by.
    """
    # The SDK has no setting for a certificate authority; requests, which it uses, reads this variable.
    os.environ["REQUESTS_CA_BUNDLE"] = environment["D365_CA_BUNDLE"]
    with DataverseClient(environment["D365_URL"], MsalCredential(environment)) as client:
        pages = client.records.list_pages(
            "incident", select=list(select), page_size=page_size, include_annotations=annotation
        )
        return {"rows": sum(1 for page in pages for _ in page)}
