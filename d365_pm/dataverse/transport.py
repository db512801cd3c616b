"""One request over the wire, once: headers, exact bytes of the URL, and an answer that arrived whole.

Belongs here: httpx. Does not belong here: the network beneath it (`streams.py`), and whether and when a request is
sent again (`connection.py`).
"""

import asyncio
import ssl
import time
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.request import getproxies

import httpx

from d365_pm.dataverse.diagnosis import diagnose_silence
from d365_pm.dataverse.gate import MOST
from d365_pm.dataverse.quiet import quieten
from d365_pm.dataverse.reply import Reply, packed_reply
from d365_pm.dataverse.statistics import Tally
from d365_pm.dataverse.streams import DirectTransport

_HEADERS = {
    "Accept-Encoding": "gzip",
    # The literal word: stops cached answers (reference 1.2).
    "If-None-Match": "null",
    "OData-MaxVersion": "4.0",
    "OData-Version": "4.0",
    "User-Agent": "d365-pm",
}
# Platform requests are cut at about two minutes; a shorter patience would cut wide pages that were on their way. No
# limit on waiting for a connection: the gate lets through what may be under way.
_TIMEOUT = httpx.Timeout(connect=30.0, read=180.0, write=60.0, pool=None)
_PROXIES = {"http", "https", "all"}
"""Names under which the machine may know a proxy; `no` alone names none."""
# A pause that the server asks for should not cost a new handshake on every connection.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=MOST, keepalive_expiry=60.0)
# The read timeout starts anew with every byte, so that a trickle alone would never end.
_LONGEST_ANSWER = 900.0


def build_http(*, verify: ssl.SSLContext | bool = True, trust_env: bool = True) -> httpx.AsyncClient:
    """The HTTP client that suits Dataverse.

    HTTP/1.1, because HTTP/2 halves the speed of pages of tens of MB (engine reference 5). No cookies, because the
    affinity cookie would bind all requests, and their limits, to one web server.
    """
    quieten()
    context = verify if isinstance(verify, ssl.SSLContext) else httpx.create_ssl_context(verify=verify)
    is_direct = not (trust_env and _PROXIES & getproxies().keys())
    return httpx.AsyncClient(
        transport=DirectTransport(verify=context, limits=_LIMITS) if is_direct else None,
        verify=context,
        trust_env=trust_env,
        timeout=_TIMEOUT,
        limits=_LIMITS,
        headers=_HEADERS,
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
    )


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """One request, as it is sent each time; never printed, because its URL may hold values of rows."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes | None = None


class Transport:
    """Sends to one host.

    Args:
        http: What sends.
        host: For the sentences of errors.
        tally: Where requests, bytes and times are counted.
    """

    def __init__(self, http: httpx.AsyncClient, *, host: str, tally: Tally) -> None:
        self._http = http
        self._host = host
        self._tally = tally
        self.has_answered = False

    async def send(self, call: Call, token: str) -> Reply:
        """Send once.

        Raises:
            TransientError: No whole answer came.
            PermanentError: None can come from this address.
        """
        headers = {**call.headers, "Authorization": f"Bearer {token}"}
        request = self._http.build_request(call.method, call.url, headers=headers, content=call.content)
        _keep_bytes(request, call.url)
        received = await self._timed(request)
        if isinstance(received, Exception):
            # Raised here and not where it was caught, so that it does not carry the request, and with it the token.
            raise diagnose_silence(received, host=self._host, setting="D365_URL", reached=self.has_answered)
        status, fields, raw = received
        self._tally.bytes_received += len(raw)
        return packed_reply(status, fields, raw)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _timed(self, request: httpx.Request) -> tuple[int, dict[str, str], bytes] | httpx.HTTPError | OSError:
        started = time.perf_counter()
        self._tally.requests += 1
        try:
            async with asyncio.timeout(_LONGEST_ANSWER):
                return await self._receive(request)
        except (httpx.HTTPError, OSError) as fault:
            return fault
        finally:
            self._tally.server_seconds += time.perf_counter() - started

    async def _receive(self, request: httpx.Request) -> tuple[int, dict[str, str], bytes]:
        response = await self._http.send(request, stream=True)
        try:
            fields = {name.lower(): value for name, value in response.headers.items()}
            # Raw, because httpx inflates a cut gzip body without complaint.
            return response.status_code, fields, b"".join([chunk async for chunk in response.aiter_raw()])
        finally:
            await response.aclose()


def _keep_bytes(request: httpx.Request, url: str) -> None:
    """Put the server's own bytes on the wire where httpx would encode them anew.

    httpx keeps percent escapes, but encodes quotes, blanks and angle brackets that a link may hold as they are.
    """
    target = url.split("://", 1)[-1].partition("/")
    wanted = f"/{target[2]}".encode()
    if request.url.raw_path != wanted:
        request.extensions["target"] = wanted
