"""The way of a request to the Web API: token, limits, answer, scripted fault, log.

Belongs here: what happens to every request whatever it asks. Does not belong here: sign-in and routes (`app.py`), and
what is answered (`api.py`). Runs in worker threads.
"""

import functools
import logging
import time
import uuid
from dataclasses import replace
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from d365_pm.sandbox.answers import Answer
from d365_pm.sandbox.api import WebApi
from d365_pm.sandbox.batch import answer_batch
from d365_pm.sandbox.credentials import Credentials
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.errors import UNEXPECTED, ApiError, bad_request, not_a_member, version_not_served
from d365_pm.sandbox.exchange import Exchange
from d365_pm.sandbox.fault_stage import UNAUTHORIZED_KINDS, Stage
from d365_pm.sandbox.fault_wire import on_the_wire
from d365_pm.sandbox.page_cache import PageCache
from d365_pm.sandbox.prefer import LARGEST_PAGE, Preferences, parse_preferences
from d365_pm.sandbox.records_api import Call
from d365_pm.sandbox.sending import origin_of, refused, sent
from d365_pm.sandbox.throttling import Throttle, ThrottledApiError
from d365_pm.sandbox.tokens import TokenRefusedError, check_bearer

logger = logging.getLogger(__name__)

_VERSIONS = frozenset({"v9.0", "v9.1", "v9.2"})
_LONGEST_URL = 32_768


class Gateway:
    """Answers requests to the Web API of one environment.

    Args:
        environment: What it serves.
        credentials: Whose tokens it takes.
        stage: Where its scripted faults are played.
    """

    def __init__(self, environment: Environment, credentials: Credentials, stage: Stage) -> None:
        self._environment = environment
        self._credentials = credentials
        self._stage = stage
        self._api = WebApi(environment)
        self._throttle = Throttle(environment.switches.throttling)
        self._ended_tokens: set[str] = set()
        self._pages = PageCache(environment.switches.cached_pages)

    def respond(self, request: Request) -> Response:
        """Answer one request, whose body stands in `request.state.body`."""
        version = request.path_params["version"]
        if not (version.startswith("v") and version[1:2].isdigit()):
            return JSONResponse({"Message": f"No resource was found for '{version}'."}, status_code=404)
        path, query = _target(request, version)
        exchange = Exchange(request, path, query, self._throttle.server_of(request.headers.get("Cookie")))
        response = self._guarded(request, exchange, version)
        self._environment.log.add(exchange.entry(response))
        return response

    def _guarded(self, request: Request, exchange: Exchange, version: str) -> Response:
        """The answer, if the token is good and no limit is exceeded."""
        origin = origin_of(request)
        try:
            exchange.user = check_bearer(self._credentials, request.headers.get("Authorization"), resource=origin)
        except TokenRefusedError as error:
            return self._unauthorized(origin, str(error))
        if request.headers["Authorization"] in self._ended_tokens:
            return self._unauthorized(origin, "The token has expired.")
        started = self._throttle.now()
        try:
            self._throttle.enter(exchange.user, exchange.server)
        except ThrottledApiError as error:
            return sent(refused(error), request, self._headers(exchange))
        try:
            return self._kept(request, exchange, f"{origin}/api/data/{version}", version)
        finally:
            self._throttle.leave(exchange.user, exchange.server, started)

    def _kept(self, request: Request, exchange: Exchange, base: str, version: str) -> Response:
        """The answer, from those that are kept if they are."""
        if not self._pages.is_on or request.method != "GET":
            return self._played(request, exchange, base, version)
        wishes = (*request.headers.getlist("Prefer"), request.headers.get("Accept-Encoding", ""))
        key = (base, exchange.path, exchange.query, wishes, self._environment.version)
        found = self._pages.find(key)
        if found is not None:
            time.sleep(self._environment.switches.page_latency)
            return found
        response = self._played(request, exchange, base, version)
        self._pages.keep(key, response)
        return response

    def _played(self, request: Request, exchange: Exchange, base: str, version: str) -> Response:
        """The answer, with the scripted fault whose turn it is."""
        answer_to = functools.partial(self._safely, request, base, version, exchange.path)
        answer = self._stage.invented(exchange) or answer_to(exchange.query)
        fired, answer = self._stage.played(
            exchange, answer, f"{base}/{exchange.path}", lambda link: answer_to(link.partition("?")[2])
        )
        if fired is not None and fired.fault.kind in UNAUTHORIZED_KINDS:
            # An ended token stays ended: whoever sends it again is refused again, until a new one is fetched.
            self._ended_tokens.add(request.headers["Authorization"])
            return self._unauthorized(origin_of(request), "The token has expired.")
        return on_the_wire(fired, sent(answer, request, self._headers(exchange)))

    def _safely(self, request: Request, base: str, version: str, path: str, query: str) -> Answer:
        try:
            return self._answer(request, base, version, path, query)
        except ApiError as error:
            return refused(error)
        except Exception:
            logger.exception("The sandbox failed to answer a request.")
            return refused(ApiError(500, UNEXPECTED, "An unexpected error occurred."))

    def _answer(self, request: Request, base: str, version: str, path: str, query: str) -> Answer:
        if version not in _VERSIONS:
            raise version_not_served(version.removeprefix("v"))
        if not self._environment.switches.has_application_user:
            raise not_a_member()
        is_batch = request.method == "POST" and path == "$batch"
        if request.method != "GET" and not is_batch:
            raise ApiError(405, "", f"The requested resource does not support http method '{request.method}'.")
        if len(base) + len(path) + len(query) > _LONGEST_URL:
            raise bad_request("The request URI is too long.")
        preferences = self._limited(parse_preferences(request.headers.getlist("Prefer")), query)
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

    def _limited(self, preferences: Preferences, query: str) -> Preferences:
        """The preferences with a page size that this environment allows; `$top` reads no pages."""
        most = self._environment.switches.max_page_size
        if most >= LARGEST_PAGE or (preferences.page_size is None and "$top=" in query):
            return preferences
        return replace(preferences, page_size=min(preferences.page_size or LARGEST_PAGE, most))

    def _headers(self, exchange: Exchange) -> dict[str, str]:
        hint = self._environment.switches.requests_hint
        return {
            "OData-Version": "4.0",
            "x-ms-service-request-id": str(uuid.uuid4()),
            **self._throttle.headers(exchange.user or "", exchange.server, hint=hint),
        }

    def _unauthorized(self, origin: str, reason: str) -> Response:
        """401 without a body; the reason is in the headers (reference 1.7)."""
        authorization = f"{origin}/{self._credentials.tenant_id}/oauth2/authorize"
        challenge = f"Bearer authorization_uri={authorization}, resource_id={origin}/"
        return Response(status_code=401, headers={"WWW-Authenticate": challenge, "401_error_reason": reason})


def _target(request: Request, version: str) -> tuple[str, str]:
    """Path below the version and the query, the latter byte for byte: paging tokens must not be decoded and encoded."""
    path = unquote(request.scope["raw_path"].partition(b"?")[0].decode("ascii"))
    query = request.scope["query_string"].decode("ascii", "replace")
    return path.removeprefix(f"/api/data/{version}").strip("/"), query
