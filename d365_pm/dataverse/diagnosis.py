"""From a bad answer, or none, to the error of the tree that says what is wrong and what to do.

Decides by code first (`codes.py`) and by status second, because several statuses are not documented. Sources: Web API
reference, sections 1.7, 6 and 9.
"""

import socket
import ssl

import httpx

from d365_pm.dataverse.codes import meaning
from d365_pm.dataverse.errors import (
    AccessDeniedError,
    AddressError,
    ConnectionFailedError,
    DataverseError,
    RequestRefusedError,
    ServerFaultError,
    ShrinkError,
    ThrottledError,
    TransientError,
    TrustError,
    UnauthorizedError,
)
from d365_pm.dataverse.reply import Reply, error_code, error_message
from d365_pm.dataverse.retry import parse_http_date, parse_retry_after


def diagnose(reply: Reply, *, host: str) -> DataverseError:
    """The error that a status of 300 or more stands for.

    Args:
        reply: The answer.
        host: Whom we asked, for the sentence.
    """
    error = _by_code(reply) or _by_status(reply, host)
    error.status, error.code, error.request_id = reply.status, error_code(reply), reply.request_id
    if isinstance(error, TransientError):
        sent_at = parse_http_date(reply.headers.get("date"))
        error.retry_after = parse_retry_after(reply.headers.get("retry-after"), now=sent_at)
    return error


def _by_code(reply: Reply) -> DataverseError | None:
    code = error_code(reply)
    return meaning(code, error_message(reply)) if code else None


def _by_status(reply: Reply, host: str) -> DataverseError:
    status = reply.status
    if status == 429:
        return ThrottledError("Dataverse limits the requests of this user for the moment; wait as long as it says.")
    if status == 501:
        return RequestRefusedError(
            f"{host} does not serve version 9.2 of the Web API; ask its administrator to update."
        )
    if status == 504:
        return ShrinkError(f"{host} did not answer its gateway in time: ask for smaller pages or narrower windows.")
    if status == 408 or status >= 500:
        return ServerFaultError(f"{host}, or a gateway before it, failed.")
    if status == 401:
        return _unauthorized()
    if status == 403:
        return AccessDeniedError(
            f"{host} refuses this application: check its security role, and whether a firewall or a conditional "
            "access policy lets this machine through."
        )
    if status < 400 or (status == 404 and not error_code(reply)):
        return not_a_dataverse(host)
    if status == 404:
        return RequestRefusedError(
            "Dataverse does not have what was asked for: look the code up in the documentation of the Web API."
        )
    return RequestRefusedError(
        "Dataverse does not accept the query: look the code up in the documentation of the Web API."
    )


def not_a_dataverse(host: str) -> AddressError:
    """The error for an address where something else answers."""
    return AddressError(
        f"{host} answers, but not as a Dataverse: set D365_URL to the environment's address, such as "
        "https://contoso.crm2.dynamics.com, without a path."
    )


def diagnose_silence(fault: Exception, *, host: str, setting: str, reached: bool) -> DataverseError:
    """The error for a request that got no answer.

    Args:
        fault: What httpx raised.
        host: Whom we asked.
        setting: Name of the setting that holds the address.
        reached: Whether the host has answered before; then an unknown name is a hiccup of the network, not a mistake.
    """
    causes = _causes(fault)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return TrustError(
            f"The certificate of {host} is not trusted: set D365_CA_BUNDLE to a PEM file with the certificate "
            f"authority that issued it, and check that {setting} names the host that the certificate is for."
        )
    if any(isinstance(cause, ssl.SSLError) and cause.reason == "WRONG_VERSION_NUMBER" for cause in causes):
        return AddressError(f"{host} does not speak https: correct {setting}, its port above all.")
    if any(isinstance(cause, socket.gaierror) for cause in causes) and not reached:
        return AddressError(
            f"The host {host} is unknown: correct {setting}, or check the network and its name service."
        )
    if reached and isinstance(fault, (httpx.ReadTimeout, TimeoutError)):
        return ShrinkError(f"{host} did not answer in time: ask for smaller pages or narrower windows.")
    return ConnectionFailedError(f"{_silence(fault, host)}; check the network, the proxy and {setting}.")


def _silence(fault: Exception, host: str) -> str:
    if isinstance(fault, (httpx.TimeoutException, TimeoutError)):
        return f"{host} did not answer in time"
    if isinstance(fault, httpx.ConnectError):
        return f"No connection to {host}"
    return f"The connection to {host} was cut"


def _causes(fault: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while fault is not None and fault not in chain:
        chain.append(fault)
        fault = fault.__cause__ or fault.__context__
    return chain


def _unauthorized() -> UnauthorizedError:
    return UnauthorizedError(
        "Dataverse refuses the token: check that D365_URL is the environment that D365_TENANT_ID owns, and that "
        "D365_AUTHORITY is the identity provider of its cloud."
    )
