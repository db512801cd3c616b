"""The identity of the machine: the endpoints at which a managed identity asks for tokens, as msal does.

Belongs here: the endpoint of a virtual machine and that of App Service, over plain HTTP on the loopback address, as in
the real thing. Does not belong here: applications and people (`auth.py`).
"""

import time
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from d365_pm.sandbox.credentials import Credentials
from d365_pm.sandbox.request_log import Entry, RequestLog, kept_headers, now
from d365_pm.sandbox.request_target import TOKEN_ENDPOINT
from d365_pm.sandbox.switches import Switches
from d365_pm.sandbox.tokens import issue_token

APP_SERVICE_PATH = "/msi/token"
_IDENTITY_NAMES = ("client_id", "object_id", "principal_id", "mi_res_id", "msi_res_id")


def build_identity_app(
    credentials: Credentials, switches: Switches, log: RequestLog, *, resource: str, header: str
) -> Starlette:
    """Both endpoints.

    Args:
        credentials: The managed identity has the application's id, so that the environment knows it.
        switches: Token lifetime.
        log: Where requests are kept.
        resource: Address of the environment.
        header: Value that App Service wants in `X-IDENTITY-HEADER`.
    """
    identity = _Identity(credentials, switches, log, resource, header)
    return Starlette(
        routes=[
            Route("/metadata/identity/oauth2/token", identity.of_machine),
            Route(APP_SERVICE_PATH, identity.of_app_service),
        ]
    )


class _Identity:
    def __init__(
        self, credentials: Credentials, switches: Switches, log: RequestLog, resource: str, header: str
    ) -> None:
        self._credentials = credentials
        self._switches = switches
        self._log = log
        self._resource = resource
        self._header = header

    async def of_machine(self, request: Request) -> Response:
        """`GET /metadata/identity/oauth2/token`, as on a virtual machine."""
        if request.headers.get("Metadata", "").lower() != "true":
            return self._refused(request, "invalid_request", "Required metadata header not specified")
        return self._answered(request)

    async def of_app_service(self, request: Request) -> Response:
        """`GET $IDENTITY_ENDPOINT`, as in App Service."""
        if request.headers.get("X-IDENTITY-HEADER") != self._header:
            return self._kept(request, JSONResponse({"statusCode": 401, "message": "Unauthorized"}, status_code=401))
        return self._answered(request)

    def _answered(self, request: Request) -> Response:
        asked = request.query_params
        named = [asked[name] for name in _IDENTITY_NAMES if name in asked]
        if named and named[0].lower() != self._credentials.client_id:
            return self._refused(request, "invalid_request", "Identity not found")
        if asked.get("resource", "").rstrip("/") != self._resource:
            text = f"AADSTS500011: The resource principal named {asked.get('resource')} was not found in the tenant."
            return self._refused(request, "invalid_resource", text)
        lifetime = self._switches.token_lifetime
        token = issue_token(self._credentials, resource=self._resource, lifetime=lifetime)
        # Numbers are texts here, unlike everywhere else in Entra.
        answer: dict[str, Any] = {
            "access_token": token,
            "client_id": self._credentials.client_id,
            "expires_in": str(lifetime),
            "expires_on": str(int(time.time()) + lifetime),
            "resource": asked["resource"],
            "token_type": "Bearer",
        }
        return self._kept(request, JSONResponse(answer))

    def _refused(self, request: Request, error: str, text: str) -> Response:
        return self._kept(request, JSONResponse({"error": error, "error_description": text}, status_code=400))

    def _kept(self, request: Request, response: Response) -> Response:
        path, query = request.url.path, request.url.query
        headers = kept_headers(request.headers)
        status = response.status_code
        self._log.add(Entry(now(), request.method, path, query, "", status, table=TOKEN_ENDPOINT, headers=headers))
        return response
