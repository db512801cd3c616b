"""What can be wrong when rules are proposed."""

from d365_pm.errors import D365PMError


class RulesError(D365PMError):
    """No rules can be proposed, or the drafts cannot be written."""
