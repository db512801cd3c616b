"""Fetching one page after another for one reader, in smaller ones where the server cannot manage.

Belongs here: what is the same for every page of a read, whatever it reads. Does not belong here: where a read begins
and what its pages mean (`extract.py`, `changes.py`).
"""

import logging
import threading
from collections.abc import Callable

from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.errors import AddressError, RequestRefusedError, ShrinkError, UnknownColumnError
from d365_pm.dataverse.faults import BrokenChainError
from d365_pm.dataverse.questions import prefer
from d365_pm.dataverse.reply import Reply
from d365_pm.dataverse.shape import TableShape
from d365_pm.dataverse.typed import TypedPage, typed_page
from d365_pm.dataverse.watch import Watch

logger = logging.getLogger(__name__)
progress = logging.getLogger("d365_pm.dataverse.progress")

SMALLEST_PAGE = 250
"""Pages are not made smaller than this; a server that cannot give so few rows has another trouble."""

_DECODERS = threading.Semaphore(2)
"""Pages that are decoded at a time: decoding takes several times the memory of a page, and keeps a core busy."""

Reading = Callable[[Reply, TableShape], TypedPage]


class Fetcher:
    """Fetches the pages of one read.

    Attributes:
        shape: What is read; a column that turns out to be gone is taken out of it.
    """

    def __init__(
        self,
        connection: Connection,
        shape: TableShape,
        watch: Watch,
        *,
        page_size: int,
        is_tracked: bool = False,
        read: Reading = typed_page,
    ) -> None:
        self.shape = shape
        self.connection = connection
        self.watch = watch
        self._page_size = page_size
        self._is_tracked = is_tracked
        self._read = read
        self._rows = 0

    async def page(self, url: str) -> TypedPage:
        """Fetch a page; half as many rows, and half again, where the server does not manage so many."""
        while True:
            try:
                page = await self._get(url)
            except ShrinkError:
                if self._page_size <= SMALLEST_PAGE:
                    raise
                self._page_size = max(SMALLEST_PAGE, self._page_size // 2)
                name = self.shape.table.name
                logger.warning("%s: the server did not manage; asking for %d rows a page.", name, self._page_size)
            else:
                self._note(page)
                return page

    async def next_page(self, link: str) -> TypedPage:
        """Fetch the page behind a link of the server.

        Raises:
            BrokenChainError: The server does not accept its own link.
        """
        try:
            return await self.page(link)
        except UnknownColumnError as error:
            self.watch.drift()
            raise _refused(error) from None
        except (RequestRefusedError, AddressError) as error:
            raise _refused(error) from None

    async def _get(self, url: str) -> TypedPage:
        shape = self.shape
        wish = prefer(shape, self._page_size, is_tracked=self._is_tracked)
        return await self.connection.get(url, parse=lambda reply: self._decoded(reply, shape), prefer=wish)

    def _decoded(self, reply: Reply, shape: TableShape) -> TypedPage:
        with _DECODERS:
            return self._read(reply, shape)

    def _note(self, page: TypedPage) -> None:
        name = self.shape.table.name
        self._rows += page.rows.num_rows
        self.watch.see(page.metadata_version)
        progress.info("%s: %d rows", name, self._rows, extra={"table": name, "rows": self._rows})
        if page.replaced:
            logger.warning("%s: %d characters that no text may hold were replaced on one page.", name, page.replaced)


def _refused(error: RequestRefusedError | AddressError) -> BrokenChainError:
    return BrokenChainError(
        "The server does not accept a link that it gave itself; its rows have to be read from the start.",
        request_id=error.request_id,
        status=error.status,
        code=error.code,
    )
