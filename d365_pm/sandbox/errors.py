"""Answers that are not data: the Web API's error bodies, each with its HTTP status and code.

Belongs here: the error raised inside the sandbox and the wordings of the platform (Web API reference 1.7, 8 and 9).
Does not belong here: Entra's token errors (`auth.py`) and mistakes of the one who starts the sandbox (`D365PMError`).
"""

from collections.abc import Mapping

from d365_pm.sandbox.schema import TABLES

ODATA = "0x80060888"
VERSION_NOT_SERVED = "0x8006088a"
NO_RECORD = "0x80040217"
INVALID_ARGUMENT = "0x80040203"
UNEXPECTED = "0x80040216"
MISSING_PRIVILEGE = "0x80040220"
NOT_A_MEMBER = "0x80072560"
UNKNOWN_TABLE = "0x80041102"
UNKNOWN_COLUMN = "0x80041103"
NOT_IN_LOG = "0x80048d02"
COOKIE_MISMATCH = "0x80041129"
BAD_PAGE = "0x8004112a"


class ApiError(Exception):
    """One refused request.

    Attributes:
        status: HTTP status.
        code: Dataverse's code, such as `0x80060888`; the empty string where the platform gives none.
        message: The platform's wording.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def body(self) -> Mapping[str, Mapping[str, str]]:
        """The error envelope."""
        return {"error": {"code": self.code, "message": self.message}}


def bad_request(message: str, *, code: str = ODATA) -> ApiError:
    """A request that OData refuses."""
    return ApiError(400, code, message)


def unknown_property(name: str, table: str) -> ApiError:
    """A column that the table lacks, anywhere in the query."""
    return bad_request(f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'.")


def unknown_segment(segment: str) -> ApiError:
    """An entity set, function or bound path that does not exist."""
    return ApiError(404, ODATA, f"Resource not found for the segment '{segment}'.")


def unsupported_option(name: str) -> ApiError:
    """A query option outside Dataverse's part of OData."""
    return bad_request(f"The query parameter {name} is not supported.")


def no_record(table: str, row_id: str) -> ApiError:
    """A record id that matches no row."""
    return ApiError(404, NO_RECORD, f"Entity '{table}' With Id = {row_id} Does Not Exist")


def not_a_member() -> ApiError:
    """The token is fine, but the environment has no application user for it."""
    return ApiError(403, NOT_A_MEMBER, "The user is not a member of the organization.")


def missing_privilege(table: str, object_type_code: int, user_id: str, privilege_id: str) -> ApiError:
    """The role of the application user cannot read a table."""
    return lacks_privilege(
        TABLES[table].read_privilege if table in TABLES else f"prvRead{table}",
        user_id,
        privilege_id,
        f" on OTC={object_type_code} for entity '{table}'",
    )


def lacks_privilege(name: str, user_id: str, privilege_id: str, on_what: str = "") -> ApiError:
    """The role of the application user lacks a privilege.

    Args:
        name: The privilege, such as `prvReadRecordAuditHistory`.
        user_id: The application user.
        privilege_id: Id of the privilege.
        on_what: The table that it is about, as the platform puts it; empty for others.
    """
    return ApiError(
        403,
        MISSING_PRIVILEGE,
        f"Principal user (Id={user_id}, type=8, roleCount=1, privilegeCount=214, accessMode=4), is missing "
        f"{name} privilege (Id={privilege_id}){on_what}. context.Caller={user_id}",
    )


def not_in_log(audit_id: str) -> ApiError:
    """An audit id that the log storage does not hold (reference 7.5)."""
    return ApiError(
        404,
        NOT_IN_LOG,
        "The HTTP status code of the response was not expected (404). Status: 404. "
        f"Could not find item '{audit_id}' in the log storage.",
    )


def unknown_column(name: str, table: str) -> ApiError:
    """A column that a function names and the table lacks."""
    return bad_request(f"'{table}' entity doesn't contain attribute with Name = '{name}'.", code=UNKNOWN_COLUMN)


def version_not_served(version: str) -> ApiError:
    """A version segment of the future."""
    return ApiError(501, VERSION_NOT_SERVED, f"The API version '{version}' is not supported.")
