"""Everything that can go wrong between us and a Dataverse, as one tree.

Belongs here: the classes and how they print. Does not belong here: which answer means which of them (`diagnosis.py`).

* DataverseError
  * TransientError - the same request may succeed later; retried by the connection
    . ConnectionFailedError - no answer: refused, cut, timed out
    . ThrottledError - a service protection limit; the server says how long to wait
    . ServerFaultError - 5xx, a gateway page, a database timeout
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


class ProtocolError(PermanentError):
    """The answers contradict the protocol."""


class ContentError(PermanentError):
    """A value does not fit the type of its column."""


class RequirementError(PermanentError):
    """The environment lacks something that the event log cannot be made without."""
