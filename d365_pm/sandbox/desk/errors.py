"""What can be wrong about the wish for a desk."""

from d365_pm.errors import D365PMError


class DeskError(D365PMError):
    """A desk cannot be made or read as asked; the message says why."""
