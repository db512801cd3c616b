"""The network beneath the client: real sockets on loopback, and a proxy that only takes note."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import trustme

from d365_pm.dataverse.streams import DirectTransport
from d365_pm.dataverse.transport import build_http
from d365_pm_tests.dataverse.wire import run

_BODY = bytes(range(256)) * 12_000  # Three megabytes, 188 TLS records.


def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server on loopback, and of a client that trusts it."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    return server, client


class Desk:
    """A server that answers what it is told to, and counts its connections.

    Args:
        answers: Bodies, one per request.
        hangs_up: Close the connection after each answer, without having said so.
        told: Length to announce, if another one than the body's.
    """

    def __init__(self, *answers: bytes, hangs_up: bool = False, told: int | None = None) -> None:
        self.connections = 0
        self._answers = list(answers)
        self._hangs_up = hangs_up
        self._told = told

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            body = self._answers.pop(0)
            length = len(body) if self._told is None else self._told
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length + body)
            await writer.drain()
            if self._hangs_up:
                break
        writer.close()


@asynccontextmanager
async def opened(desk: Desk) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    server_side, client_side = contexts()
    server = await asyncio.start_server(desk.serve, "127.0.0.1", 0, ssl=server_side)
    port = server.sockets[0].getsockname()[1]
    async with server, build_http(verify=client_side, trust_env=False) as http:
        yield http, f"https://127.0.0.1:{port}/"


def test_a_long_body_comes_whole_and_the_connection_is_used_again() -> None:
    desk = Desk(_BODY, b"second")

    async def read() -> tuple[bytes, bytes]:
        async with opened(desk) as (http, url):
            return (await http.get(url)).content, (await http.get(url)).content

    assert run(read()) == (_BODY, b"second")
    assert desk.connections == 1


def test_a_connection_that_the_server_closed_while_it_waited_is_not_used_again() -> None:
    desk = Desk(b"first", b"second", hangs_up=True)

    async def read() -> tuple[bytes, bytes]:
        async with opened(desk) as (http, url):
            first = (await http.get(url)).content
            await asyncio.sleep(0.2)
            return first, (await http.get(url)).content

    assert run(read()) == (b"first", b"second")
    assert desk.connections == 2


def test_a_body_that_ends_early_is_an_error() -> None:
    async def read() -> None:
        async with opened(Desk(_BODY, hangs_up=True, told=len(_BODY) + 1)) as (http, url):
            await http.get(url)

    with pytest.raises(httpx.RemoteProtocolError):
        run(read())


def test_a_server_that_says_nothing_is_given_up() -> None:
    async def read() -> None:
        async with opened(Desk(b"", told=1)) as (http, url):
            await http.get(url, timeout=0.2)

    with pytest.raises(httpx.ReadTimeout):
        run(read())


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_machine_is_asked(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def read() -> None:
        server = await asyncio.start_server(proxy, "127.0.0.1", 0)
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with server, build_http() as http:
            await http.get("https://contoso.crm4.dynamics.com/")

    for other in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY"):
        monkeypatch.delenv(other, raising=False)
    with pytest.raises(httpx.ProxyError):
        run(read())
    assert asked == [b"CONNECT contoso.crm4.dynamics.com:443 HTTP/1.1\r\n"]


def test_without_a_proxy_the_way_is_direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("d365_pm.dataverse.transport.getproxies", dict)
    assert isinstance(build_http()._transport, DirectTransport)
