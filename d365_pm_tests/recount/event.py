"""One event of the log, before its attributes."""

from dataclasses import dataclass
from datetime import datetime

from d365_pm_tests.recount.changes import Change


@dataclass(frozen=True)
class Event:
    """An activity of a case at a second.

    Attributes:
        case: `incidentid`.
        code: Code of the activity.
        time: When it was recorded.
        actor: Who did it: a user's id, `people.SYSTEM` or None.
        rule: Id of the rule that fired.
        source: Table and id of the evidence.
        actor_type: Table of the actor where it is not a user.
        detail: New owner's table of an assignment, state before a reactivation, KPI of a timer.
        article: What `KnowledgeArticleId` shows.
        change: The audited change that the event is.
        implied_status: Status reason that the evidence implies where no audit row tells one.
    """

    case: str
    code: str
    time: datetime
    actor: str | None
    rule: str
    source: tuple[str, str]
    actor_type: str | None = None
    detail: str = ""
    article: str | None = None
    change: Change | None = None
    implied_status: int | None = None


def event_of(change: Change, code: str, rule: str, *, case: str | None = None, detail: str = "") -> Event:
    """The event that an audited change of a case, or of its queue item, is."""
    return Event(
        case or change.record,
        code,
        change.time,
        change.user,
        rule,
        ("audit", change.audit_id),
        actor_type=change.user_type,
        detail=detail,
        change=change,
    )
