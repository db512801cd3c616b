"""The three ways to the old and new values of audit rows (reference 7.5 and 7.6)."""

from enum import StrEnum


class AuditRoute(StrEnum):
    """Where the values of audit rows come from; the list `audits` is read on every route."""

    CHANGEDATA = "changedata"
    """A column of the list: no further request."""
    RECORD_HISTORY = "record_history"
    """`RetrieveRecordChangeHistory`: one request or more per changed record."""
    DETAILS = "details"
    """`RetrieveAuditDetails` in `$batch`: one request per thousand rows."""
