"""What the readers of one client notice of the environment while they read.

Shared by all tables: the schema's version stands on every page, so that any of them may be the first to see it move.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)


def _nothing() -> None:
    return


@dataclass(slots=True)
class Watch:
    """Notices of one client.

    Attributes:
        on_drift: Called once when the schema has moved.
        metadata_version: Version of the schema that was seen first.
        has_drifted: The schema has moved since.
        uncounted: Tables that refuse `$count=true`.
        unaggregated: Tables that refuse `$apply`.
    """

    on_drift: Callable[[], None] = _nothing
    metadata_version: str | None = None
    has_drifted: bool = False
    uncounted: set[str] = field(default_factory=set)
    unaggregated: set[str] = field(default_factory=set)

    def see(self, version: str | None) -> None:
        """Compare a version that stood on an answer with the first one."""
        if version is None or version == self.metadata_version:
            return
        if self.metadata_version is None:
            self.metadata_version = version
        else:
            self.drift()

    def drift(self) -> None:
        """Take note that the schema is not what it was."""
        if not self.has_drifted:
            self.has_drifted = True
            logger.warning("The environment's schema has changed during the run; new columns come with the next one.")
            self.on_drift()
