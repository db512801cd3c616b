"""From a bad answer, or none, to the error of the tree that says what is wrong and what to do.

Sources: error codes and their statuses from the Web API reference, sections 1.7, 6 and 9. Decides by code first and by
status second, because several statuses are not documented. Messages quote names of tables, columns and privileges
only: what a server says may hold content of rows.
"""

import re
import socket
import ssl

import httpx

from d365_pm.dataverse.errors import (
    AccessDeniedError,
    AddressError,
    ConnectionFailedError,
    DataverseError,
    PermanentError,
    PrivilegeError,
    RequestRefusedError,
    ServerFaultError,
    ThrottledError,
    TransientError,
    TrustError,
    UnauthorizedError,
    UnknownColumnError,
    UnknownTableError,
)
from d365_pm.dataverse.reply import Reply, error_code, error_message
from d365_pm.dataverse.retry import parse_retry_after

_THROTTLED = frozenset({"0x80072321", "0x80072322", "0x80072326"})
_DATABASE = frozenset(
    {
        "0x80040216",  # unexpected error
        "0x80044150",  # SQL error, deadlocks among them
        "0x80044151",  # SQL timeout
        "0x80048544",  # query throttled
        "0x80048573",  # timeout blamed on a wildcard
        "0x80048574",  # timeout blamed on a computed column
        "0x80072323",  # Azure SQL out of resources, with the next two
        "0x80072324",
        "0x80072325",
    }
)
_UNKNOWN_TABLE = frozenset({"0x80041102"})
_UNKNOWN_COLUMN = frozenset({"0x80041103"})

_DENIED = {
    "0x80072560": "The application is no user of this environment: add it as an application user in the Power Platform "
    "admin centre (Environments, Settings, Users + permissions) and give it a security role.",
    "0x80042f09": "The application user has no security role: give it one with organisation-level Read on the tables "
    "of the event log.",
    "0x80040225": "The application user is disabled: activate it in the Power Platform admin centre.",
    "0x8004d24b": "The user has no licence for this environment: use an application user, which needs none.",
    "0x8004a104": "The organisation is disabled: ask its administrator to enable it.",
    "0x8004f504": "A column is secured and the application user may not read it: add the user to a column security "
    "profile that allows Read.",
    "0x80048306": "The application user may not read all rows: give its security role organisation-level Read.",
}

_COLUMN = re.compile(r"(?:property named|attribute with name) *=? *'([\w.@]+)'", re.IGNORECASE)
_PRIVILEGE = re.compile(r"\b(prv\w+)")
_ENTITY = re.compile(r"entity '(\w+)'", re.IGNORECASE)


def diagnose(reply: Reply, *, host: str) -> DataverseError:
    """The error that a status of 300 or more stands for.

    Args:
        reply: The answer.
        host: Whom we asked, for the sentence.
    """
    error = _by_code(reply) or _by_status(reply, host)
    error.status, error.code, error.request_id = reply.status, error_code(reply), reply.request_id
    if isinstance(error, TransientError):
        error.retry_after = parse_retry_after(reply.headers.get("retry-after"))
    return error


def _by_code(reply: Reply) -> DataverseError | None:
    code, message = error_code(reply), error_message(reply)
    if code is None:
        return None
    if code in _THROTTLED:
        return ThrottledError("Dataverse limits the requests of this user for the moment.")
    if code in _DATABASE:
        return ServerFaultError("The database behind Dataverse failed or took too long.")
    if code in _DENIED:
        return AccessDeniedError(_DENIED[code])
    if code == "0x80040220":
        return _privilege(message)
    if code in _UNKNOWN_COLUMN or "could not find a property" in message.lower():
        return _unknown_column(message)
    if code in _UNKNOWN_TABLE or "resource not found for the segment" in message.lower():
        return UnknownTableError("The environment does not have this table.")
    return None


def _by_status(reply: Reply, host: str) -> DataverseError:
    status = reply.status
    if status == 429:
        return ThrottledError("Dataverse limits the requests of this user for the moment.")
    if status == 501:
        return RequestRefusedError(
            f"{host} does not serve version 9.2 of the Web API; ask its administrator to update."
        )
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
        return RequestRefusedError("Dataverse does not have what was asked for.")
    return RequestRefusedError("Dataverse does not accept the query; the code says why.")


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


def _privilege(message: str) -> PermanentError:
    privilege, entity = _PRIVILEGE.search(message), _ENTITY.search(message)
    name = privilege.group(1) if privilege else "a privilege"
    error = PrivilegeError(
        f"The security role of the application user lacks {name}: add "
        f"{'organisation-level Read' if name.lower().startswith('prvread') else name} "
        f"{f'on the table {entity.group(1)} ' if entity else ''}to the role in the Power Platform admin centre."
    )
    error.privilege = privilege.group(1) if privilege else None
    return error


def _unknown_column(message: str) -> UnknownColumnError:
    match = _COLUMN.search(message)
    error = UnknownColumnError(
        f"The table does not have the column {match.group(1)}." if match else "The table lacks a column of the query."
    )
    error.column = match.group(1) if match else ""
    return error
