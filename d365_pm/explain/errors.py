"""What can be wrong with a question about a case."""

from d365_pm.errors import D365PMError


class UnknownCaseError(D365PMError):
    """No case, or more than one, answers to what was asked for."""
