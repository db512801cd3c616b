"""Faults below HTTP: connections that are reset, cut, slow or damaged.

Belongs here: responses that misbehave while they are sent, and the server protocol that hands them its transport. Does
not belong here: what the body would have held.
"""

import asyncio
import os
import socket
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from d365_pm.sandbox.faults import FaultKind, Fired

TRANSPORT = "d365_pm.transport"
"""Name of the ASGI extension that holds the connection's transport."""

_WIRE_KINDS = frozenset(
    {
        FaultKind.RESET,
        FaultKind.DROP_AFTER_HEADERS,
        FaultKind.CUT_BODY,
        FaultKind.SLOW_BODY,
        FaultKind.DAMAGED_GZIP,
    }
)
_FLUSH_SECONDS = 0.05
_SLOW_PIECES = 10
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class SandboxProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """The server's protocol; the application may reach the transport."""

    def connection_made(self, transport: Any) -> None:
        """Hand the transport to every request of the connection."""
        application: Any = self.app  # type: ignore[has-type]

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = transport
            await application(scope, receive, send)

        self.app = with_transport
        super().connection_made(transport)


class WireFault(Response):
    """A response that does not arrive as it should.

    Args:
        fired: What shall go wrong.
        response: What would have been sent, its body whole.
    """

    def __init__(self, fired: Fired, response: Response) -> None:
        super().__init__(bytes(response.body), response.status_code, dict(response.headers))
        self._fired = fired
        if fired.fault.kind is FaultKind.DAMAGED_GZIP:
            self._damage()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, wrongly."""
        steps: Mapping[FaultKind, Callable[[Scope, Send], Any]] = {
            FaultKind.RESET: self._reset,
            FaultKind.DROP_AFTER_HEADERS: self._drop,
            FaultKind.CUT_BODY: self._cut,
            FaultKind.SLOW_BODY: self._trickle,
        }
        step = steps.get(self._fired.fault.kind)
        if step is None:
            await super().__call__(scope, receive, send)
        else:
            await step(scope, send)

    async def _reset(self, scope: Scope, _: Send) -> None:
        transport = _transport(scope)
        known = transport.get_extra_info("socket")
        with socket.socket(fileno=os.dup(known.fileno())) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
        transport.abort()

    async def _drop(self, scope: Scope, send: Send) -> None:
        await self._start(send)
        # An empty piece makes the server send the headers, which otherwise wait for the body.
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await asyncio.sleep(_FLUSH_SECONDS)
        _transport(scope).abort()

    async def _cut(self, scope: Scope, send: Send) -> None:
        await self._start(send)
        await send({"type": "http.response.body", "body": self.body[: len(self.body) // 2], "more_body": True})
        await asyncio.sleep(_FLUSH_SECONDS)
        _transport(scope).abort()

    async def _trickle(self, _: Scope, send: Send) -> None:
        await self._start(send)
        size = len(self.body) // _SLOW_PIECES + 1
        for start in range(0, len(self.body), size):
            await asyncio.sleep(self._fired.seconds / _SLOW_PIECES)
            await send({"type": "http.response.body", "body": self.body[start : start + size], "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _start(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

    def _damage(self) -> None:
        body = bytes(self.body)
        if self.headers.get("Content-Encoding") != "gzip":
            body = zlib.compress(body, wbits=31)
            self.headers["Content-Encoding"] = "gzip"
        middle = len(body) // 2
        damaged = bytes(byte ^ 0xFF for byte in body[middle : middle + 16])
        self.body = body[:middle] + damaged + body[middle + 16 :]
        self.headers["Content-Length"] = str(len(self.body))


def on_the_wire(fired: Fired | None, response: Response) -> Response:
    """The response, misbehaving if that is what was scripted."""
    return response if fired is None or fired.fault.kind not in _WIRE_KINDS else WireFault(fired, response)


def _transport(scope: Scope) -> Any:
    transport = scope.get("extensions", {}).get(TRANSPORT)
    if transport is None:
        raise ConnectionAbortedError("This fault needs a sandbox behind a socket, not one in memory.")
    return transport
