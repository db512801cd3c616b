"""Reading a Dataverse through its Web API: sign-in, metadata, pages of typed rows.

Knows nothing of Dagster, of the raw layer or of process mining; usable from a notebook. `client.py` has an example.
"""

from d365_pm.dataverse.client import DataverseClient, Identity
from d365_pm.dataverse.errors import (
    AccessDeniedError,
    AddressError,
    ConnectionFailedError,
    ContentError,
    DataverseError,
    GarbledReplyError,
    PermanentError,
    PrivilegeError,
    ProtocolError,
    RequestRefusedError,
    RequirementError,
    ServerFaultError,
    SignInError,
    ThrottledError,
    TransientError,
    TrustError,
    UnauthorizedError,
    UnknownColumnError,
    UnknownTableError,
)
from d365_pm.dataverse.labels import ATTRIBUTE_METADATA, OPTION_LABEL
from d365_pm.dataverse.query import Window
from d365_pm.dataverse.registry import TABLES, Column, Kind, Table
from d365_pm.dataverse.shape import RAW_TYPES, TableShape

__all__ = [
    "ATTRIBUTE_METADATA",
    "OPTION_LABEL",
    "RAW_TYPES",
    "TABLES",
    "AccessDeniedError",
    "AddressError",
    "Column",
    "ConnectionFailedError",
    "ContentError",
    "DataverseClient",
    "DataverseError",
    "GarbledReplyError",
    "Identity",
    "Kind",
    "PermanentError",
    "PrivilegeError",
    "ProtocolError",
    "RequestRefusedError",
    "RequirementError",
    "ServerFaultError",
    "SignInError",
    "Table",
    "TableShape",
    "ThrottledError",
    "TransientError",
    "TrustError",
    "UnauthorizedError",
    "UnknownColumnError",
    "UnknownTableError",
    "Window",
]
