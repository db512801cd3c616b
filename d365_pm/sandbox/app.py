"""The web application: routes and sign-in.

Belongs here: from an HTTP request to a handler and back. Does not belong here: requests to the Web API (`gateway.py`)
and who may sign in (`auth.py`). Handlers of the Web API run in worker threads, so that one large page does not hold up
the others.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from d365_pm.sandbox.answers import Answer, json_answer
from d365_pm.sandbox.auth import SignIn, SignInError
from d365_pm.sandbox.control_api import control_routes
from d365_pm.sandbox.credentials import Credentials
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.exchange import Exchange
from d365_pm.sandbox.fault_stage import Stage
from d365_pm.sandbox.fault_wire import on_the_wire
from d365_pm.sandbox.gateway import Gateway
from d365_pm.sandbox.request_target import TOKEN_ENDPOINT, Target
from d365_pm.sandbox.sending import origin_of, sent

_Endpoint = Callable[[str, str, Mapping[str, str]], dict[str, Any]]

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def build_app(environment: Environment, credentials: Credentials, *, certificate: Path | None = None) -> Starlette:
    """The sandbox as an ASGI application.

    Args:
        environment: What it serves.
        credentials: Who may sign in.
        certificate: PEM file of a client certificate that may sign in as well.
    """
    site = _Site(environment, credentials, certificate)
    return Starlette(
        routes=[
            Route("/{tenant}/v2.0/.well-known/openid-configuration", site.configuration),
            Route("/{tenant}/oauth2/v2.0/token", site.token, methods=["POST"]),
            Route("/{tenant}/oauth2/v2.0/devicecode", site.device_code, methods=["POST"]),
            Route("/{tenant}/oauth2/deviceauth", site.approval),
            *control_routes(environment, credentials),
            Route("/api/data", site.without_version),
            Route("/api/data/{version}", site.web_api, methods=_METHODS),
            Route("/api/data/{version}/{path:path}", site.web_api, methods=_METHODS),
        ]
    )


class _Site:
    def __init__(self, environment: Environment, credentials: Credentials, certificate: Path | None) -> None:
        self._environment = environment
        self._sign_in = SignIn(credentials, environment.switches, certificate)
        self._stage = Stage(environment.faults)
        self._gateway = Gateway(environment, credentials, self._stage)

    async def configuration(self, request: Request) -> Response:
        """`GET /<tenant>/v2.0/.well-known/openid-configuration`."""
        try:
            return JSONResponse(self._sign_in.configuration(origin_of(request), request.path_params["tenant"]))
        except SignInError as error:
            return JSONResponse(error.body(), status_code=error.status)

    async def token(self, request: Request) -> Response:
        """`POST /<tenant>/oauth2/v2.0/token`."""
        return await self._signed_in(request, self._sign_in.token)

    async def device_code(self, request: Request) -> Response:
        """`POST /<tenant>/oauth2/v2.0/devicecode`."""
        return await self._signed_in(request, self._sign_in.device_code)

    async def approval(self, request: Request) -> Response:
        """`GET /<tenant>/oauth2/deviceauth?code=...`: the page where a person approves a device code."""
        if self._sign_in.device_codes.approve(request.query_params.get("code", "")):
            return PlainTextResponse("You have signed in; close this window.")
        return PlainTextResponse("Add the code to the address, such as ?code=BCDFGHJKL.", status_code=400)

    async def _signed_in(self, request: Request, endpoint: _Endpoint) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        exchange = Exchange(request, request.url.path, "", 0, target=Target(TOKEN_ENDPOINT, None))
        try:
            right = json_answer(endpoint(origin_of(request), request.path_params["tenant"], form))
        except SignInError as error:
            right = Answer((msgspec.json.encode(error.body()),), status=error.status)
        fired, answer = self._stage.played(exchange, right, "", lambda _: right)
        response = sent(answer, request, {"Cache-Control": "no-store"})
        self._environment.log.add(exchange.entry(response))
        return on_the_wire(fired, response)

    async def without_version(self, _: Request) -> Response:
        """A path without a version: older than OData, so not in its error envelope."""
        return JSONResponse({"Message": "No HTTP resource was found that matches the request URI."}, status_code=404)

    async def web_api(self, request: Request) -> Response:
        """`GET /api/data/<version>/...`, and `POST` for a batch."""
        request.state.body = await request.body()
        return await run_in_threadpool(self._gateway.respond, request)
