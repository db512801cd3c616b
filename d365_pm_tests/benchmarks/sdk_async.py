"""The measured side that is Microsoft's asynchronous client: the same cases, iterated and dropped.

`records.list_pages` of `PowerPlatform.Dataverse.aio`, from a client that is a context manager. It follows one chain of
pages, as the synchronous one does.
"""

import asyncio
import ssl
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.aio.async_client import AsyncDataverseClient

from d365_pm_tests.benchmarks.sdk_iteration import MsalCredential


class AsyncMsalCredential:
    """Azure's asynchronous credential protocol on top of msal."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._credential = MsalCredential(environment)

    async def get_token(self, *scopes: str, **_: object) -> AccessToken:
        """A token from msal's cache or from the authority."""
        return await asyncio.to_thread(self._credential.get_token, *scopes)

    async def close(self) -> None:
        """Nothing is open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def trust(environment: dict[str, str]) -> None:
    """Let aiohttp trust the sandbox, in this process.

    The client has no setting for it, and aiohttp makes its default context when it is imported.
    """
    from aiohttp import connector

    connector._SSL_CONTEXT_VERIFIED = ssl.create_default_context(cafile=environment["D365_CA_BUNDLE"])


def iterate_cases(
    *, environment: dict[str, str], select: Sequence[str], annotation: str, page_size: int
) -> dict[str, Any]:
    """Go through every row once; arguments and result are those of `sdk_iteration.iterate_cases`."""
    trust(environment)

    async def run() -> int:
        count = 0
        async with AsyncDataverseClient(environment["D365_URL"], AsyncMsalCredential(environment)) as client:
            async for page in client.records.list_pages(
                "incident", select=list(select), page_size=page_size, include_annotations=annotation
            ):
                count += sum(1 for _ in page)
        return count

    return {"rows": asyncio.run(run())}
