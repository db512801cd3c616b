"""From settings to a connection: the one place that joins sign-in, trust and the gate's bounds."""

from d365_pm.dataverse.auth import TokenSource, build_issuer
from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.tls import trust, uses_proxy
from d365_pm.dataverse.transport import build_http
from d365_pm.settings import Settings, require_connection


def open_connection(settings: Settings) -> Connection:
    """A connection to the configured environment; asks nobody before its first request.

    Raises:
        SettingsError: A setting is missing, contradicts another one, or names a file that cannot be used.
    """
    require_connection(settings)
    url = str(settings.url)
    tokens = TokenSource(build_issuer(settings))
    http = build_http(verify=trust(settings.ca_bundle), trust_env=uses_proxy(url))
    return Connection(url, tokens=tokens, http=http, most=settings.max_requests, budget=settings.request_budget)
