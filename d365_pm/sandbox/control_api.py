"""The endpoints by which a test steers a sandbox that runs in a process of its own.

Belongs here: the request log, faults and rows over HTTP, for this machine and for who knows the client secret. Does not
belong here: anything that a Dataverse has. The client is `control.py`.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from d365_pm.sandbox.credentials import Credentials
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.faults import Fault
from d365_pm.sandbox.schema import TABLES

PREFIX = "/_sandbox"
KEY_HEADER = "X-Sandbox-Key"
_LOOPBACK = frozenset({"127.0.0.1", "::1"})

_Handler = Callable[[Request], Awaitable[Response]]


def control_routes(environment: Environment, credentials: Credentials) -> list[Route]:
    """The routes of the control endpoints."""
    control = _Control(environment, credentials)
    return [
        Route(f"{PREFIX}/log", control.guarded(control.log), methods=["GET", "DELETE"]),
        Route(f"{PREFIX}/faults", control.guarded(control.faults), methods=["GET", "POST", "DELETE"]),
        Route(f"{PREFIX}/rows/{{table}}", control.guarded(control.rows), methods=["POST", "DELETE"]),
        Route(f"{PREFIX}/advance", control.guarded(control.advance), methods=["POST"]),
    ]


class _Control:
    def __init__(self, environment: Environment, credentials: Credentials) -> None:
        self._environment = environment
        self._key = credentials.client_secret.encode()

    def guarded(self, handler: _Handler) -> _Handler:
        """The handler, for callers on this machine who know the key."""

        async def check(request: Request) -> Response:
            is_near = request.client is not None and request.client.host in _LOOPBACK
            key = request.headers.get(KEY_HEADER, "").encode()
            if not (is_near and hmac.compare_digest(key, self._key)):
                return JSONResponse({"error": f"Send the client secret as {KEY_HEADER}, from this machine."}, 403)
            try:
                return await handler(request)
            except (msgspec.DecodeError, ValueError) as error:
                return JSONResponse({"error": str(error)}, 400)

        return check

    async def log(self, request: Request) -> Response:
        """The entries, oldest first; DELETE forgets them."""
        if request.method == "DELETE":
            self._environment.log.clear()
            return Response(status_code=204)
        return _json([asdict(entry) for entry in self._environment.log.entries])

    async def faults(self, request: Request) -> Response:
        """What waits and what has happened; POST adds a list of faults, DELETE forgets all."""
        plan = self._environment.faults
        if request.method == "POST":
            plan.add(*msgspec.json.decode(await request.body(), type=list[Fault]))
        elif request.method == "DELETE":
            plan.clear()
        return _json({"waiting": plan.waiting, "fired": plan.fired})

    async def rows(self, request: Request) -> Response:
        """POST a list of rows that come or change; DELETE a list of ids."""
        table = request.path_params["table"]
        if table not in TABLES:
            return JSONResponse({"error": f"The sandbox has no table {table}."}, 404)
        body = await request.body()
        if request.method == "POST":
            self._environment.upsert(table, msgspec.json.decode(body, type=list[dict[str, object]]))
            return Response(status_code=204)
        return _json({"deleted": self._environment.delete(table, msgspec.json.decode(body, type=list[str]))})

    async def advance(self, request: Request) -> Response:
        """Let the desk live on, if it can."""
        advance = getattr(self._environment, "advance", None)
        if advance is None:
            return JSONResponse({"error": "This environment has no life of its own; send rows instead."}, 404)
        advance(**msgspec.json.decode(await request.body() or b"{}", type=dict[str, float]))
        return Response(status_code=204)


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
