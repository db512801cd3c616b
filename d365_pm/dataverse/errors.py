"""Everything that can go wrong between us and a Dataverse, as one tree.

Belongs here: the classes and how they print. Does not belong here: which answer means which of them (`diagnosis.py`).

* DataverseError
  * TransientError - the same request may succeed later; retried by the connection
    . ConnectionFailedError - no answer: refused, cut, timed out
    . ThrottledError - a service protection limit; the server says how long to wait
    . ServerFaultError - 5xx, a gateway page
      . ShrinkError - the question is too large for the server: ask for smaller pages or windows
      . ExhaustedError - the database behind the environment is out of resources for minutes
    . OutageError - so many requests were given up in a row that the run stops asking
    . GarbledReplyError - an answer that is cut, of the wrong type, or an error in disguise
  * PermanentError - somebody has to change something first
    . AddressError - no Dataverse at this address
    . TrustError - the certificate of the address is not trusted
    . SignInError - the identity provider refuses us
    . UnauthorizedError - Dataverse refuses the token, a fresh one too
    . AccessDeniedError - signed in, but not allowed
      . PrivilegeError - a security role lacks a privilege
    . RequestRefusedError - Dataverse does not accept the query
      . UnknownColumnError - the query names a column that the table lacks
      . UnknownTableError - the query names a table that the environment lacks
      . UnknownRecordError - the query names a record that the environment lacks
      . ExpiredTokenError - a delta link or metadata stamp is no more good: read the table anew
      . NotTrackedError - the table does not track changes
      . PagingError - the place in a chain of pages is lost: read the window anew
      . QuerySizeError - more conditions, joins or parameters than a query may have
      . AggregateLimitError - more rows than the server aggregates
    . ProtocolError - the answers contradict the protocol; going on would lose or repeat rows
    . ContentError - a value that does not fit its column
    . RequirementError - the environment lacks a table or column that the event log needs
"""

from d365_pm.errors import D365PMError


class DataverseError(D365PMError):
    """Base of the tree.

    Attributes:
        table: Logical name of the table that was being read, if any.
        window: Time window that was being read, as text, if any.
        request_id: Identifier that Microsoft's support asks for, if the server gave one.
        status: HTTP status of the answer, if there was one.
        code: Dataverse's error code such as `0x80040220`, if there was one.
    """

    def __init__(
        self,
        message: str,
        *,
        table: str | None = None,
        window: str | None = None,
        request_id: str | None = None,
        status: int | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.table = table
        self.window = window
        self.request_id = request_id
        self.status = status
        self.code = code

    def locate(self, *, table: str | None = None, window: str | None = None) -> None:
        """Fill in where it happened, as far as nobody nearer to the fault has."""
        self.table = self.table or table
        self.window = self.window or window

    def __str__(self) -> str:
        facts = (
            ("table", self.table),
            ("window", self.window),
            ("HTTP", self.status),
            ("code", self.code),
            ("request id", self.request_id),
        )
        known = ", ".join(f"{name} {value}" for name, value in facts if value)
        return f"{self.message} ({known})" if known else self.message


class TransientError(DataverseError):
    """The same request may succeed later.

    Attributes:
        retry_after: Seconds that the server asks us to wait; None if it did not say.
    """

    retry_after: float | None = None


class ConnectionFailedError(TransientError):
    """No whole answer arrived."""


class ThrottledError(TransientError):
    """A service protection limit was reached."""


class ServerFaultError(TransientError):
    """The server, or something before it, failed."""


class ShrinkError(ServerFaultError):
    """The server did not manage the question in time; a smaller one may succeed where the same one fails again.

    Who reads pages asks for fewer rows per page, a narrower window or fewer columns.
    """


class ExhaustedError(ServerFaultError):
    """The database behind the environment is out of resources, which takes minutes to pass."""


class OutageError(TransientError):
    """The environment answered none of many requests in a row; the run asks no more for a while."""


class GarbledReplyError(TransientError):
    """The answer says 200 but is not what was asked for."""


class PermanentError(DataverseError):
    """Trying again is of no use before somebody changes something."""


class AddressError(PermanentError):
    """There is no Dataverse at the configured address."""


class TrustError(PermanentError):
    """The certificate shown at the address is not trusted."""


class SignInError(PermanentError):
    """The identity provider does not give a token."""


class UnauthorizedError(PermanentError):
    """Dataverse refuses the token, and a fresh one too."""


class AccessDeniedError(PermanentError):
    """The identity is known but may not do this."""


class PrivilegeError(AccessDeniedError):
    """A security role lacks a privilege.

    Attributes:
        privilege: Name such as `prvReadincident`, if the server named it.
    """

    privilege: str | None = None


class RequestRefusedError(PermanentError):
    """Dataverse does not accept the request as it is."""


class UnknownColumnError(RequestRefusedError):
    """The query names a property that the table does not have.

    Attributes:
        column: The property as the server named it.
    """

    column: str = ""


class UnknownTableError(RequestRefusedError):
    """The query names a table that the environment does not have."""


class UnknownRecordError(RequestRefusedError):
    """The query names a record that the environment does not have."""


class ExpiredTokenError(RequestRefusedError):
    """A delta link or a metadata stamp has expired; the table, or the metadata, has to be read whole again."""


class NotTrackedError(RequestRefusedError):
    """The table does not track changes."""


class PagingError(RequestRefusedError):
    """The server does not accept a place in a chain of pages; the window has to be read from its start."""


class QuerySizeError(RequestRefusedError):
    """A query has more conditions, joins or parameters than the server takes."""


class AggregateLimitError(RequestRefusedError):
    """More rows than the server aggregates (50,000)."""


class ProtocolError(PermanentError):
    """The answers contradict the protocol."""


class ContentError(PermanentError):
    """A value does not fit the type of its column."""


class BudgetError(PermanentError):
    """The run has sent as many requests as it was allowed."""


class RequirementError(PermanentError):
    """The environment lacks something that the event log cannot be made without."""
