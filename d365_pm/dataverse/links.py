"""The guards of a chain of pages: it stays on our host, moves on, and ends."""

import re
from urllib.parse import unquote

import httpx
import pyarrow.compute as pc

from d365_pm.dataverse.faults import BrokenChainError
from d365_pm.dataverse.typed import TypedPage

# Inside the outer cookie the inner one is encoded twice more, so that its own quotes never look like these.
_INNER_COOKIE = re.compile(r'pagingcookie=(?:%22|")(.+?)(?:%22|")', re.IGNORECASE)


class ChainGuard:
    """Remembers one chain of pages.

    Several marks are kept because servers fail in several ways (reference 3): the same link again, a new link with the
    same cookie, a new link to the same page. A row that changed while we read may come again, but never a whole page
    with the same bytes.

    Args:
        origin: Address of the environment.
        ordered_by: Raw column of instants by which the pages follow each other; None where the order is not known.
    """

    def __init__(self, origin: httpx.URL, *, ordered_by: str | None = None) -> None:
        self._origin = origin
        self._ordered_by = ordered_by
        self._links: set[str] = set()
        self._cookies: set[str] = set()
        self._digests: set[bytes] = set()
        self._latest: object = None

    def check(self, page: TypedPage) -> None:
        """Accept a page, or stop.

        Raises:
            BrokenChainError: Going on would repeat rows without end, or send the token to a stranger.
        """
        if not page.is_empty and page.digest in self._digests:
            raise BrokenChainError("The server sent the same page twice; reading was stopped because it would not end.")
        self._digests.add(page.digest)
        self._check_order(page)
        if page.next_link is not None:
            self._check_link(page.next_link)
        if page.delta_link is not None:
            check_host(page.delta_link, self._origin, name="deltaLink")

    def _check_order(self, page: TypedPage) -> None:
        if self._ordered_by is None or not page.rows.num_rows:
            return
        bounds = pc.min_max(page.rows.column(self._ordered_by))
        earliest, latest = bounds["min"].as_py(), bounds["max"].as_py()
        if self._latest is not None and earliest is not None and earliest < self._latest:
            raise BrokenChainError("The server sent a page that belongs before the last one; pages may be missing.")
        self._latest = latest or self._latest

    def _check_link(self, link: str) -> None:
        if link in self._links:
            raise BrokenChainError("The server repeats a nextLink; reading was stopped because it would not end.")
        self._links.add(link)
        cookie = _inner_cookie(link)
        if cookie is not None and cookie in self._cookies:
            raise BrokenChainError("The server repeats a paging cookie; reading was stopped because it would not end.")
        self._cookies.add(cookie or link)
        check_host(link, self._origin, name="nextLink")


def check_host(link: str, origin: httpx.URL, *, name: str) -> None:
    """Accept a link that was stored or received, if it leads to the environment.

    Raises:
        BrokenChainError: It leads elsewhere, where the token must not go.
    """
    try:
        target = _place(httpx.URL(link))
    except httpx.InvalidURL:
        raise BrokenChainError(f"The server sent a {name} that is no URL.") from None
    if target != _place(origin):
        raise BrokenChainError(
            f"The server sent a {name} to another host; it was refused, since the token would go there."
        )


def _place(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _inner_cookie(link: str) -> str | None:
    match = _INNER_COOKIE.search(link)
    return unquote(match.group(1)) if match else None
