"""The asynchronous client of Microsoft's SDK as a peer; it has the same `records.list_pages`."""

import asyncio
from collections.abc import Iterator

from PowerPlatform.Dataverse.aio.async_client import AsyncDataverseClient

from d365_pm_tests.benchmarks.sdk_async import AsyncMsalCredential, trust
from d365_pm_tests.peers.telling import Row, Task, tell


def rows(task: Task) -> Iterator[tuple[str, Row]]:
    """Every row of every table."""
    yield from asyncio.run(_read(task))


async def _read(task: Task) -> list[tuple[str, Row]]:
    found: list[tuple[str, Row]] = []
    trust(task.environment)
    credential = AsyncMsalCredential(task.environment)
    async with AsyncDataverseClient(task.environment["D365_URL"], credential) as client:
        for table in task.keys:
            async for page in client.records.list_pages(table, page_size=task.page_size):
                found += [(table, dict(record.items())) for record in page]
    return found


if __name__ == "__main__":
    tell(rows)
