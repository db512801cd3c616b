"""Reading what has changed in a table: everything once, then from delta link to delta link.

Belongs here: the tracked read of one table and what its refusals mean. Does not belong here: keeping the link, which
is good only when the rows that it stands for are durable.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.errors import (
    DataverseError,
    ExpiredTokenError,
    NotTrackedError,
    PermanentError,
    RequestRefusedError,
    UnknownColumnError,
    UnknownTableError,
)
from d365_pm.dataverse.extract import PAGE_SIZE, Page
from d365_pm.dataverse.faults import BrokenChainError
from d365_pm.dataverse.fetch import Fetcher
from d365_pm.dataverse.lacking import give_up
from d365_pm.dataverse.links import ChainGuard, check_host
from d365_pm.dataverse.page import COUNT_LIMIT
from d365_pm.dataverse.questions import changed_count_url, tracked_url
from d365_pm.dataverse.reply import whole_number
from d365_pm.dataverse.shape import TableShape
from d365_pm.dataverse.typed import TypedPage, typed_changes
from d365_pm.dataverse.watch import Watch

_NOT_EXPIRED = frozenset({401, 403, 429})


async def read_changes(
    connection: Connection,
    shape: TableShape,
    *,
    since: str | None,
    resume: str | None = None,
    page_size: int = PAGE_SIZE,
    watch: Watch | None = None,
) -> AsyncGenerator[Page, None]:
    """Read a table with change tracking, page by page.

    A row that changed several times comes once, as it is now; one that was made and deleted in between comes as a
    deleted id that nobody has seen (reference 5.1).

    Args:
        connection: Where to.
        shape: What to read; nothing is yielded for a table that the environment lacks.
        since: Delta link of the last read; None for all rows.
        resume: `next_link` of a page of an interrupted read with the same `since`.
        page_size: Rows per page to ask for.
        watch: Takes note of what the pages tell about the environment.

    Yields:
        Every page. The last one has the link for the next read, unless the server gave none.

    Raises:
        NotTrackedError: The environment does not track the table, or we read only a part of it.
        ExpiredTokenError: The link is no more good; read everything again.
        BrokenChainError: Reading once more from the start may help.
        DataverseError: With the table.
    """
    if shape.is_missing:
        return
    if not shape.is_tracked:
        raise _not_tracked(shape)
    fetcher = Fetcher(connection, shape, watch or Watch(), page_size=page_size, is_tracked=True, read=typed_changes)
    try:
        async with aclosing(_read(fetcher, since, resume)) as pages:
            async for page in pages:
                yield page
    except DataverseError as error:
        error.locate(table=shape.table.name)
        raise


async def count_changes(connection: Connection, shape: TableShape, since: str) -> int | None:
    """Number of rows that a delta link would bring; None if the server cannot tell or stops counting (5,000).

    Raises:
        ExpiredTokenError: The link is no more good.
    """
    url = changed_count_url(connection.base, shape, since)
    if url is None:
        return None
    try:
        number = await connection.get(url, parse=whole_number, accept="text/plain")
    except ExpiredTokenError as error:
        error.locate(table=shape.table.name)
        raise
    except RequestRefusedError:
        return None
    return number if number < COUNT_LIMIT else None


async def _read(fetcher: Fetcher, since: str | None, resume: str | None) -> AsyncGenerator[Page, None]:
    origin = fetcher.connection.origin
    if since is not None:
        _check_kept(since, origin)
    if resume is not None:
        check_host(resume, origin, name="nextLink")
    guard = ChainGuard(origin)
    page = await (_first(fetcher, since) if resume is None else _next(fetcher, resume, since))
    while True:
        guard.check(page)
        is_last = page.next_link is None
        yield Page(
            page.rows,
            page.deleted,
            page.next_link,
            page.delta_link if is_last else None,
            metadata_version=page.metadata_version,
        )
        if page.next_link is None:
            return
        page = await _next(fetcher, page.next_link, since)


def _check_kept(link: str, origin: httpx.URL) -> None:
    """Give up a link that was kept for another address, as after the environment was renamed."""
    try:
        check_host(link, origin, name="deltaLink")
    except BrokenChainError:
        raise ExpiredTokenError(
            "The delta link was kept for another address of the environment; read the table once from the start."
        ) from None


async def _first(fetcher: Fetcher, since: str | None) -> TypedPage:
    if since is not None:
        return await _page_since(fetcher, since)
    while True:
        try:
            return await fetcher.page(tracked_url(fetcher.connection.base, fetcher.shape))
        except UnknownColumnError as error:
            fetcher.shape = give_up(fetcher.shape, error)
            fetcher.watch.drift()
        except (UnknownTableError, NotTrackedError):
            raise
        except RequestRefusedError as error:
            raise _not_tracked(fetcher.shape, error) from None


async def _next(fetcher: Fetcher, link: str, since: str | None) -> TypedPage:
    return await (fetcher.next_page(link) if since is None else _page_since(fetcher, link))


async def _page_since(fetcher: Fetcher, link: str) -> TypedPage:
    """Fetch a page of a delta; what it is refused with is not documented, so that any refusal is an expiry."""
    for is_last_try in (False, True):
        try:
            return await fetcher.page(link)
        except ExpiredTokenError as error:
            raise _expired(error) from None
        except PermanentError as error:
            if not 400 <= (error.status or 0) < 500 or error.status in _NOT_EXPIRED:
                raise
            if is_last_try:
                raise _expired(error) from None
    raise AssertionError


def _expired(error: PermanentError) -> ExpiredTokenError:
    return ExpiredTokenError(
        "The delta link is no more good: it is too old, or the table was changed; read the table once from the start.",
        status=error.status,
        code=error.code,
        request_id=error.request_id,
    )


def _not_tracked(shape: TableShape, error: RequestRefusedError | None = None) -> NotTrackedError:
    return NotTrackedError(
        f"The table {shape.table.name} cannot be read by its changes: enable change tracking for it, or read it by "
        "windows.",
        table=shape.table.name,
        status=error.status if error else None,
        code=error.code if error else None,
        request_id=error.request_id if error else None,
    )
