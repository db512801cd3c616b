"""What Dataverse's own error codes mean, each with the sentence that says what to do.

Belongs here: the table of codes of the Web API reference, sections 1.7, 6 and 9. Does not belong here: answers without
a code, which are read by their status (`diagnosis.py`). Messages quote names of tables, columns and privileges only:
what a server says may hold content of rows.
"""

import re
from collections.abc import Callable

from d365_pm.dataverse.errors import (
    AccessDeniedError,
    AggregateLimitError,
    DataverseError,
    ExhaustedError,
    ExpiredTokenError,
    NotTrackedError,
    PagingError,
    PrivilegeError,
    QuerySizeError,
    RequestRefusedError,
    ShrinkError,
    ThrottledError,
    UnknownColumnError,
    UnknownRecordError,
    UnknownTableError,
)

CONCURRENCY = "0x80072326"
"""Too many requests at once: fewer at a time help, waiting alone does not."""

_THROTTLED = "Dataverse limits the requests of this user for the moment; wait as long as it says."
_TOO_SLOW = "The database behind Dataverse failed or took too long: ask for smaller pages or narrower windows."
_ANTI_PATTERN = (
    "Dataverse throttles this query because it is expensive: ask for smaller pages, fewer columns or narrower windows."
)
_EXHAUSTED = "The database behind Dataverse is out of resources: wait some minutes, and run fewer jobs beside this one."
_PAGING = "Dataverse does not accept the place in the chain of pages: read the window again from its start."
_SIZE = "The query is larger than Dataverse takes: ask with fewer conditions, joins or parameters."
_UNTRACKED = (
    "The table does not track changes: enable change tracking for it in Power Apps (table, Properties, Advanced "
    "options, Track changes)."
)

_MEANINGS: dict[str, tuple[type[DataverseError], str]] = {
    "0x80072321": (ThrottledError, _THROTTLED),
    "0x80072322": (ThrottledError, _THROTTLED),
    CONCURRENCY: (ThrottledError, _THROTTLED),
    "0x80040216": (ShrinkError, _TOO_SLOW),
    "0x80044150": (ShrinkError, _TOO_SLOW),
    "0x80044151": (ShrinkError, _TOO_SLOW),
    "0x80048573": (ShrinkError, _TOO_SLOW),
    "0x80048574": (ShrinkError, _TOO_SLOW),
    "0x80048544": (ShrinkError, _ANTI_PATTERN),
    "0x80048644": (ShrinkError, _ANTI_PATTERN),
    "0x80048744": (ShrinkError, _ANTI_PATTERN),
    "0x80048745": (ShrinkError, _ANTI_PATTERN),
    "0x80072323": (ExhaustedError, _EXHAUSTED),
    "0x80072324": (ExhaustedError, _EXHAUSTED),
    "0x80072325": (ExhaustedError, _EXHAUSTED),
    "0x80072560": (
        AccessDeniedError,
        (
            "The application is no user of this environment: add it as an application user in the Power Platform admin "
            "centre (Environments, Settings, Users + permissions) and give it a security role."
        ),
    ),
    "0x80042f09": (
        AccessDeniedError,
        (
            "The application user has no security role: give it one with organisation-level Read on the tables of the "
            "event log."
        ),
    ),
    "0x80040225": (
        AccessDeniedError,
        "The application user is disabled: activate it in the Power Platform admin centre.",
    ),
    "0x8004d24b": (
        AccessDeniedError,
        "The user has no licence for this environment: use an application user, which needs none.",
    ),
    "0x8004a104": (AccessDeniedError, "The organisation is disabled: ask its administrator to enable it."),
    "0x8004f504": (
        AccessDeniedError,
        (
            "A column is secured and the application user may not read it: add the user to a column security profile "
            "that allows Read."
        ),
    ),
    "0x80048306": (
        AccessDeniedError,
        "The application user may not read all rows: give its security role organisation-level Read.",
    ),
    "0x80041102": (
        UnknownTableError,
        "The environment does not have this table: install the app that brings it, or leave the table out.",
    ),
    "0x80040217": (UnknownRecordError, "Dataverse does not have this record: it was deleted, or its id is wrong."),
    "0x80060891": (UnknownRecordError, "Dataverse has no record with this alternate key: correct the key."),
    "0x80048d02": (
        UnknownRecordError,
        "The audit store does not have this entry: it has expired or was deleted; leave it out.",
    ),
    "0x80044352": (ExpiredTokenError, "The place from which changes were read has expired: read the table whole."),
    "0x80072491": (NotTrackedError, _UNTRACKED),
    "0x80072492": (NotTrackedError, _UNTRACKED),
    "0x80041129": (PagingError, _PAGING),
    "0x8004112a": (PagingError, _PAGING),
    "0x8004430a": (PagingError, _PAGING),
    "0x8004430c": (QuerySizeError, _SIZE),
    "0x8004430d": (QuerySizeError, _SIZE),
    "0x8004430e": (QuerySizeError, _SIZE),
    "0x8004e023": (
        AggregateLimitError,
        "Dataverse does not aggregate more than 50,000 rows: ask for narrower windows.",
    ),
    "0x8006088a": (
        RequestRefusedError,
        "The environment does not serve version 9.2 of the Web API; ask its administrator to update it.",
    ),
    "0x80048d19": (
        RequestRefusedError,
        "Dataverse cannot read the request's body: report this as a defect of d365-pm.",
    ),
    "0x80040203": (
        RequestRefusedError,
        "Dataverse does not know a name or an id in the request: check that the environment has the table.",
    ),
    "0x80060882": (
        RequestRefusedError,
        "Dataverse applied a condition that was not asked for: check whether a proxy changes the headers of requests.",
    ),
}

_COLUMN = re.compile(r"(?:property named|attribute with name) *=? *'([\w.@]+)'", re.IGNORECASE)
_PRIVILEGE = re.compile(r"\b(prv\w+)")
_ENTITY = re.compile(r"entity '(\w+)'", re.IGNORECASE)


def meaning(code: str, message: str) -> DataverseError | None:
    """The error that a code stands for; None for a code that the table does not hold.

    Args:
        code: Hexadecimal, lower case.
        message: The server's words, searched for names only.
    """
    special = _named(code, message.lower())
    if special is not None:
        return special(message)
    if code in _MEANINGS:
        kind, sentence = _MEANINGS[code]
        return kind(sentence)
    return None


def _named(code: str, words: str) -> Callable[[str], DataverseError] | None:
    """How to read the errors whose message names what is missing."""
    if code == "0x80040220":
        return _privilege
    if code == "0x80041103" or "could not find a property" in words:
        return _unknown_column
    if "resource not found for the segment" in words:
        return _unknown_table
    return None


def _unknown_table(_: str) -> UnknownTableError:
    return UnknownTableError(_MEANINGS["0x80041102"][1])


def _privilege(message: str) -> PrivilegeError:
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
        f"The table does not have the column {match.group(1)}: leave it out, or read the metadata anew."
        if match
        else "The table lacks a column of the query: read the metadata anew."
    )
    error.column = match.group(1) if match else ""
    return error
