"""Episodes of a case: from its creation or a reactivation to what ended it (3.15)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from d365_pm_tests.recount.event import Event


@dataclass(frozen=True)
class Episode:
    """A span in which a case was open; `end` is None while it lasts."""

    start: datetime
    end: datetime | None
    is_resolved: bool

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies inside, both ends included."""
        return self.start <= moment and (self.end is None or moment <= self.end)


def episodes_of(in_order: Iterable[Event]) -> list[Episode]:
    """Episodes of a case from its events in order."""
    episodes: list[Episode] = []
    start: datetime | None = None
    for event in in_order:
        if event.code in {"case_created", "case_reactivated"} and start is None:
            start = event.time
        elif event.code in {"case_resolved", "case_closed"}:
            is_resolved = event.code == "case_resolved"
            if start is not None:
                episodes.append(Episode(start, event.time, is_resolved))
            elif episodes and is_resolved:
                # Resolved twice without an audited reactivation: the later resolution ends the episode.
                episodes[-1] = Episode(episodes[-1].start, event.time, is_resolved)
            start = None
    return [*episodes, Episode(start, None, is_resolved=False)] if start is not None else episodes
