"""Microsoft's SDK as a peer: `records.list_pages`, its documented way to many rows, without a selection of columns."""

import os
from collections.abc import Iterator

from PowerPlatform.Dataverse.client import DataverseClient

from d365_pm_tests.benchmarks.sdk_iteration import MsalCredential
from d365_pm_tests.peers.telling import Row, Task, tell


def rows(task: Task) -> Iterator[tuple[str, Row]]:
    """Every row of every table."""
    # The SDK has no setting for a certificate authority; requests, which it uses, reads this variable.
    os.environ["REQUESTS_CA_BUNDLE"] = task.environment["D365_CA_BUNDLE"]
    with DataverseClient(task.environment["D365_URL"], MsalCredential(task.environment)) as client:
        for table in task.keys:
            for page in client.records.list_pages(table, page_size=task.page_size):
                for record in page:
                    yield table, dict(record.items())


if __name__ == "__main__":
    tell(rows)
