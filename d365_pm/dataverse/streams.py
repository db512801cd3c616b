"""The network beneath httpx, on asyncio's own streams.

httpx reads by way of anyio, which hands on what is in one TLS record, 16 KB at most, and sets a timeout for each: on
pages of a megabyte that was a twelfth of all processor time. asyncio opens what records have come and hands it on
at once. Belongs here: connecting, reading and writing, with the errors that httpcore names. Does not belong here:
proxies, behind which httpx's own way is taken.
"""

import asyncio
import ssl
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

_BUFFER = 1 << 18
"""Bytes that wait to be read before the server is told to pause; what asyncio takes from a socket at once."""

_EYEBALLS_DELAY = 0.25
"""Seconds until the next address of a host is tried beside the one that does not answer (RFC 8305)."""


class DirectTransport(httpx.AsyncHTTPTransport):
    """Connections straight to a host.

    Args:
        verify: What decides whether the host is trusted.
        limits: How many connections there may be.
    """

    def __init__(self, *, verify: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=verify, limits=limits, trust_env=False)
        # The only way to the pool: httpx has no argument for what httpcore takes.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=verify,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_Network(),
        )


class _Network(httpcore.AsyncNetworkBackend):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
            async with asyncio.timeout(timeout):
                reader, writer = await asyncio.open_connection(
                    host,
                    port,
                    limit=_BUFFER,
                    local_addr=(local_address, 0) if local_address else None,
                    happy_eyeballs_delay=_EYEBALLS_DELAY,
                )
        for option in socket_options or ():
            writer.get_extra_info("socket").setsockopt(*option)
        return _Stream(reader, writer)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _named(httpcore.ReadTimeout, httpcore.ReadError):
            async with asyncio.timeout(timeout):
                # As much as there is: the limit that httpcore gives is that of a socket it would read itself.
                return await self._reader.read(max(max_bytes, _BUFFER))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with _named(httpcore.WriteTimeout, httpcore.WriteError):
            self._writer.write(buffer)
            async with asyncio.timeout(timeout):
                await self._writer.drain()

    async def aclose(self) -> None:
        # Without a farewell, for which a server that has gone would let us wait; the socket closes in the next round.
        self._writer.transport.abort()
        await asyncio.sleep(0)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
                async with asyncio.timeout(timeout):
                    await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except BaseException:
            await self.aclose()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # Asked of a connection that waits in the pool: the server has closed it.
            return self._reader.at_eof() or self._reader.exception() is not None
        return self._writer.get_extra_info(info)


@contextmanager
def _named(timeout: type[Exception], fault: type[Exception]) -> Generator[None, None, None]:
    """Errors of the operating system and of TLS by the names that httpcore's callers know."""
    try:
        yield
    except TimeoutError as error:
        raise timeout(str(error)) from error
    except OSError as error:
        raise fault(str(error)) from error
