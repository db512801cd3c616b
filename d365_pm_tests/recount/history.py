"""The value of an audited column at a past moment (1.3)."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from d365_pm_tests.recount.changes import Change
from d365_pm_tests.recount.values import Value


@dataclass(frozen=True)
class History:
    """All that is known about one column of one case: its changes in order and its present value.

    Attributes:
        changes: Changes in order.
        current: The value that the row has now.
        is_covered: The case was born while auditing ran.
        covered_from: When auditing began; None if it never did.
        born: When the case was created.
    """

    changes: tuple[Change, ...]
    current: Value
    is_covered: bool
    covered_from: datetime | None
    born: datetime

    @property
    def is_full(self) -> bool:
        """Whether auditing ran from the start and every change meets the next one and the present value."""
        chain = all(first.new == second.old for first, second in pairwise(self.changes))
        return self.is_covered and chain and (not self.changes or self.changes[-1].new == self.current)

    def after(self, moment: datetime) -> Value:
        """The value in force when the second of the moment is over; None where it is not known."""
        if self.covered_from is None or moment < max(self.covered_from, self.born):
            return None
        past = [change for change in self.changes if change.time <= moment]
        if not self.changes:
            return self.current if self.is_covered else None
        if not past:
            return self.first()
        last = past[-1]
        following = self.changes[len(past)].old if len(past) < len(self.changes) else self.current
        return last.new if last.new == following or last.time == moment else None

    def before(self, moment: datetime) -> Value:
        """The value in force before the second of the moment."""
        tie = [change for change in self.changes if change.time == moment]
        past = [change for change in self.changes if change.time < moment]
        if tie:
            return tie[0].old
        return past[-1].new if past else self.after(moment)

    def first(self) -> Value:
        """The value at birth, as a create row or the first change tells it; None without either."""
        if not self.changes:
            return None
        birth = self.changes[0]
        return birth.old if birth.is_update else birth.new
