"""What is really in the audit table, and what that says about the time it covers.

Plain values. The switches that are on now are facts of tables and of the organisation (`facts.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

READ_AUDIT = "prvReadAuditSummary"
"""Privilege to query audit rows."""
READ_AUDIT_VALUES = "prvReadRecordAuditHistory"
"""Privilege to call the functions that tell the values of audit rows."""


@dataclass(frozen=True, slots=True)
class AuditSwitch:
    """An audit row that says that auditing was switched, with its action code (105 to 113)."""

    at: datetime
    action: int

    @property
    def is_on(self) -> bool | None:
        """True for on, False for off; None for switches that concern user access or deleted logs."""
        if self.action in {105, 106, 107}:
            return True
        return False if self.action in {108, 109, 110} else None


@dataclass(frozen=True, slots=True)
class AuditHistory:
    """What is really in the audit table.

    Attributes:
        earliest: Instant of the oldest audit row, by audited table; absent where there is none.
        switches: Rows about switching auditing on and off, oldest first.
        can_read_values: Old and new values can be read by some route; None if that is not known.
        route: The route by which they are read.
        is_examined: The questions about time were answered; otherwise an absent row says nothing.
    """

    earliest: Mapping[str, datetime] = field(default_factory=dict)
    switches: tuple[AuditSwitch, ...] = ()
    can_read_values: bool | None = None
    route: str | None = None
    is_examined: bool = True

    def started(self, table: str) -> datetime | None:
        """Since when the audit knows a table: its oldest row, or the oldest switch-on if that is earlier."""
        ons = [switch.at for switch in self.switches if switch.is_on]
        row = self.earliest.get(table)
        return min([row, *ons]) if row else None

    @property
    def interruption(self) -> tuple[datetime, datetime | None] | None:
        """First switch-off, and the last switch-on if auditing came back for good."""
        offs = [switch.at for switch in self.switches if switch.is_on is False]
        if not offs:
            return None
        ons = [switch.at for switch in self.switches if switch.is_on and switch.at >= max(offs)]
        return min(offs), max(ons, default=None)
