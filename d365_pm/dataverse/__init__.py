"""Reading a Dataverse through its Web API: sign-in, metadata, pages of typed rows.

Knows nothing of Dagster, of the raw layer or of process mining; usable from a notebook. `client.py` has an example.
"""

from d365_pm.dataverse.client import DataverseClient
from d365_pm.dataverse.environment import EnvironmentFacts, Identity
from d365_pm.dataverse.errors import (
    AccessDeniedError,
    AddressError,
    AggregateLimitError,
    BudgetError,
    ConnectionFailedError,
    ContentError,
    DataverseError,
    ExhaustedError,
    ExpiredTokenError,
    GarbledReplyError,
    NotTrackedError,
    OutageError,
    PagingError,
    PermanentError,
    PrivilegeError,
    ProtocolError,
    QuerySizeError,
    RequestRefusedError,
    RequirementError,
    ServerFaultError,
    ShrinkError,
    SignInError,
    ThrottledError,
    TransientError,
    TrustError,
    UnauthorizedError,
    UnknownColumnError,
    UnknownRecordError,
    UnknownTableError,
)
from d365_pm.dataverse.extract import PAGE_SIZE, Page
from d365_pm.dataverse.faults import BrokenChainError
from d365_pm.dataverse.labels import ATTRIBUTE_METADATA, OPTION_LABEL
from d365_pm.dataverse.metadata import Attribute
from d365_pm.dataverse.query import Window, mentions
from d365_pm.dataverse.registry import EVERY_TABLE, TABLES, Column, Kind, Table
from d365_pm.dataverse.shape import RAW_TYPES, TableShape
from d365_pm.dataverse.slices import Cut
from d365_pm.dataverse.statistics import ConnectionStatistics

__all__ = [
    "ATTRIBUTE_METADATA",
    "EVERY_TABLE",
    "OPTION_LABEL",
    "PAGE_SIZE",
    "RAW_TYPES",
    "TABLES",
    "AccessDeniedError",
    "AddressError",
    "AggregateLimitError",
    "Attribute",
    "BrokenChainError",
    "BudgetError",
    "Column",
    "ConnectionFailedError",
    "ConnectionStatistics",
    "ContentError",
    "Cut",
    "DataverseClient",
    "DataverseError",
    "EnvironmentFacts",
    "ExhaustedError",
    "ExpiredTokenError",
    "GarbledReplyError",
    "Identity",
    "Kind",
    "NotTrackedError",
    "OutageError",
    "Page",
    "PagingError",
    "PermanentError",
    "PrivilegeError",
    "ProtocolError",
    "QuerySizeError",
    "RequestRefusedError",
    "RequirementError",
    "ServerFaultError",
    "ShrinkError",
    "SignInError",
    "Table",
    "TableShape",
    "ThrottledError",
    "TransientError",
    "TrustError",
    "UnauthorizedError",
    "UnknownColumnError",
    "UnknownRecordError",
    "UnknownTableError",
    "Window",
    "mentions",
]
