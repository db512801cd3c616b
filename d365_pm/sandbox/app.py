"""The web application: routes, headers and compression.

Belongs here: from an HTTP request to a handler and back. Does not belong here: any answer's content. Handlers are plain
functions and run in worker threads, so that one large page does not hold up the others.
"""

import logging
import time
import uuid
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from d365_pm.sandbox.answers import Answer
from d365_pm.sandbox.api import WebApi
from d365_pm.sandbox.auth import SignIn, SignInError
from d365_pm.sandbox.batch import answer_batch
from d365_pm.sandbox.credentials import Credentials
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.errors import UNEXPECTED, ApiError, bad_request, not_a_member, version_not_served
from d365_pm.sandbox.prefer import parse_preferences
from d365_pm.sandbox.records_api import Call
from d365_pm.sandbox.tokens import TokenRefusedError, check_bearer

logger = logging.getLogger(__name__)

_VERSIONS = frozenset({"v9.0", "v9.1", "v9.2"})
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_LONGEST_URL = 32_768
_SMALLEST_COMPRESSED = 1_000
_GZIP = 31


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
            Route("/api/data", site.without_version),
            Route("/api/data/{version}", site.web_api, methods=_METHODS),
            Route("/api/data/{version}/{path:path}", site.web_api, methods=_METHODS),
        ]
    )


class _Site:
    def __init__(self, environment: Environment, credentials: Credentials, certificate: Path | None) -> None:
        self._environment = environment
        self._credentials = credentials
        self._sign_in = SignIn(credentials, environment.switches, certificate)
        self._api = WebApi(environment)

    async def configuration(self, request: Request) -> Response:
        """`GET /<tenant>/v2.0/.well-known/openid-configuration`."""
        try:
            return JSONResponse(self._sign_in.configuration(_origin(request), request.path_params["tenant"]))
        except SignInError as error:
            return JSONResponse(error.body(), status_code=error.status)

    async def token(self, request: Request) -> Response:
        """`POST /<tenant>/oauth2/v2.0/token`."""
        form = dict(parse_qsl((await request.body()).decode()))
        headers = {"Cache-Control": "no-store"}
        try:
            answer = self._sign_in.token(_origin(request), request.path_params["tenant"], form)
        except SignInError as error:
            return JSONResponse(error.body(), status_code=error.status, headers=headers)
        return JSONResponse(answer, headers=headers)

    async def without_version(self, _: Request) -> Response:
        """A path without a version: older than OData, so not in its error envelope."""
        return JSONResponse({"Message": "No HTTP resource was found that matches the request URI."}, status_code=404)

    async def web_api(self, request: Request) -> Response:
        """`GET /api/data/<version>/...`."""
        request.state.body = await request.body()
        return await run_in_threadpool(self._answered, request)

    def _answered(self, request: Request) -> Response:
        version = request.path_params["version"]
        if not (version.startswith("v") and version[1:2].isdigit()):
            return JSONResponse({"Message": f"No resource was found for '{version}'."}, status_code=404)
        origin = _origin(request)
        try:
            check_bearer(self._credentials, request.headers.get("Authorization"), resource=origin)
        except TokenRefusedError as error:
            return self._unauthorized(origin, str(error))
        try:
            answer = self._answer(request, f"{origin}/api/data/{version}", version)
        except ApiError as error:
            answer = _refused(error)
        except Exception:
            logger.exception("The sandbox failed to answer a request.")
            answer = _refused(ApiError(500, UNEXPECTED, "An unexpected error occurred."))
        return _sent(answer, request, self._headers())

    def _answer(self, request: Request, base: str, version: str) -> Answer:
        if version not in _VERSIONS:
            raise version_not_served(version.removeprefix("v"))
        if not self._environment.switches.has_application_user:
            raise not_a_member()
        is_batch = request.method == "POST" and _target(request, version)[0] == "$batch"
        if request.method != "GET" and not is_batch:
            raise ApiError(405, "", f"The requested resource does not support http method '{request.method}'.")
        path, query = _target(request, version)
        if len(base) + len(path) + len(query) > _LONGEST_URL:
            raise bad_request("The request URI is too long.")
        preferences = parse_preferences(request.headers.getlist("Prefer"))
        if self._environment.switches.page_latency:
            time.sleep(self._environment.switches.page_latency)
        return self._batch(request, base) if is_batch else self._api.answer(Call(base, path, query, preferences))

    def _batch(self, request: Request, base: str) -> Answer:
        return answer_batch(
            self._api.answer,
            base,
            content_type=request.headers.get("Content-Type", ""),
            prefer=",".join(request.headers.getlist("Prefer")),
            body=request.state.body,
            seconds=self._environment.switches.batch_latency,
        )

    def _headers(self) -> dict[str, str]:
        return {
            "OData-Version": "4.0",
            "x-ms-service-request-id": str(uuid.uuid4()),
            "x-ms-dop-hint": str(self._environment.switches.requests_hint),
        }

    def _unauthorized(self, origin: str, reason: str) -> Response:
        """401 without a body; the reason is in the headers (reference 1.7)."""
        authorization = f"{origin}/{self._credentials.tenant_id}/oauth2/authorize"
        challenge = f"Bearer authorization_uri={authorization}, resource_id={origin}/"
        return Response(status_code=401, headers={"WWW-Authenticate": challenge, "401_error_reason": reason})


def _origin(request: Request) -> str:
    """Address that the client used, so that every link leads back to it."""
    return f"https://{request.headers.get('Host', request.url.netloc)}"


def _target(request: Request, version: str) -> tuple[str, str]:
    """Path below the version and the query, the latter byte for byte: paging tokens must not be decoded and encoded."""
    path = unquote(request.scope["raw_path"].partition(b"?")[0].decode("ascii"))
    query = request.scope["query_string"].decode("ascii", "replace")
    return path.removeprefix(f"/api/data/{version}").strip("/"), query


def _refused(error: ApiError) -> Answer:
    return Answer((msgspec.json.encode(error.body()),), status=error.status)


def _sent(answer: Answer, request: Request, headers: Mapping[str, str]) -> Response:
    sent = {**headers, **answer.headers}
    is_long = sum(map(len, answer.parts)) >= _SMALLEST_COMPRESSED
    if is_long and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = _compressed(answer.parts)
        sent |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    else:
        body = b"".join(answer.parts)
    if answer.status != 204:
        sent["Content-Type"] = answer.media_type
    return Response(body, status_code=answer.status, headers=sent)


def _compressed(parts: Iterable[bytes | memoryview]) -> bytes:
    compressor = zlib.compressobj(level=1, wbits=_GZIP)
    return b"".join([*map(compressor.compress, parts), compressor.flush()])
