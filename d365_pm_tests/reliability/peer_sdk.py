"""Microsoft's SDK as a worker of the fault matrix: its best documented way to many rows, `records.list_pages`.

Only its pauses between attempts are shortened, as are ours.
"""

import os
from collections.abc import Sequence
from typing import Any

from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.config import DataverseConfig

from d365_pm_tests.benchmarks.sdk_iteration import MsalCredential
from d365_pm_tests.reliability.fault_desk import PAGE
from d365_pm_tests.reliability.peer_worker import serve


def read(environment: dict[str, str], table: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Every row of a table."""
    # The SDK has no setting for a certificate authority; requests, which it uses, reads this variable.
    os.environ["REQUESTS_CA_BUNDLE"] = environment["D365_CA_BUNDLE"]
    config = DataverseConfig(http_backoff=0.01)
    with DataverseClient(environment["D365_URL"], MsalCredential(environment), config) as client:
        pages = client.records.list_pages(table, select=list(columns), page_size=PAGE)
        return [{name: row[name] for name in columns} for page in pages for row in page]


if __name__ == "__main__":
    serve(read)
