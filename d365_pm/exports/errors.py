"""What can go wrong while a published table is written to a file."""

from d365_pm.errors import D365PMError


class ExportError(D365PMError):
    """A table cannot be exported; the message says what to do."""
