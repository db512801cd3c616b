"""The guards of a chain of pages: it stays on our host, moves on, and ends."""

import httpx

from d365_pm.dataverse.errors import ProtocolError
from d365_pm.dataverse.page import RawPage


class ChainGuard:
    """Remembers one chain of pages.

    Two marks are kept because servers fail in two ways (reference 3): the same link again, and a new link to the same
    page. A row that changed while we read may come again, but never a whole page with the same bytes.
    """

    def __init__(self, origin: httpx.URL) -> None:
        self._origin = _origin(origin)
        self._links: set[str] = set()
        self._digests: set[bytes] = set()

    def check(self, page: RawPage) -> None:
        """Accept a page, or stop.

        Raises:
            ProtocolError: Going on would repeat rows without end, or send the token to a stranger.
        """
        if page.rows and page.digest in self._digests:
            raise ProtocolError("The server sent the same page twice; reading was stopped because it would not end.")
        self._digests.add(page.digest)
        if page.next_link is not None:
            self._check_link(page.next_link)

    def _check_link(self, link: str) -> None:
        if link in self._links:
            raise ProtocolError("The server repeats a nextLink; reading was stopped because it would not end.")
        self._links.add(link)
        try:
            target = _origin(httpx.URL(link))
        except httpx.InvalidURL:
            raise ProtocolError("The server sent a nextLink that is no URL.") from None
        if target != self._origin:
            raise ProtocolError(
                "The server sent a nextLink to another host; it was refused, since the token would go there."
            )


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
