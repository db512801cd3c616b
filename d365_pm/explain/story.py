"""The story of one case, as values.

Belongs here: what a story holds and its form as JSON. Does not belong here: where it comes from (`telling.py`) and how
a terminal shows it (`rendering.py`).
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of the case; `basis` is the evidence that it rests on, where the log keeps it."""

    name: str
    value: object
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """One event of the log and why it is there.

    Attributes:
        seq: 1 to n in the order of the case.
        time: UTC instant.
        activity: Label in the language of the log.
        agent: Who did it; None where nobody is recorded.
        agent_basis: How that is known.
        status: Status reason just after it; None where unknown.
        status_basis: How that is known.
        detail: What the activity is about: new owner, article, KPI, category, kind.
        rule: Rule of the event-log semantics.
        meaning: What the rule reads.
        source_table: Table of the evidence.
        source_row: Row of the evidence.
        source_column: Column of the evidence.
        evidence_class: explicit, inferred or synthetic.
        confidence: A (recorded) to D (assumed).
        coverage: Audit of the columns behind it: full, partial or none.
        earliest: Lower bound, where only an interval is known.
        latest: Upper bound, where only an interval is known.
        event_id: Id of the event.
    """

    seq: int
    time: datetime
    activity: str
    agent: str | None
    agent_basis: str | None
    status: str | None
    status_basis: str | None
    detail: str | None
    rule: str
    meaning: str
    source_table: str
    source_row: str
    source_column: str
    evidence_class: str
    confidence: str
    coverage: str
    earliest: datetime | None
    latest: datetime | None
    event_id: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that was read and made no event, and the reason."""

    time: datetime | None
    what: str
    why: str
    source_table: str
    source_row: str


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check of the log that fails for the case.

    Attributes:
        name: Name of the check.
        severity: error or warning.
        promise: What the check demands, in a sentence.
        reason: What the failing rows say; None where they say nothing.
        rows: Number of failing rows of the case.
    """

    name: str
    severity: str
    promise: str
    reason: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that the warehouse tells about a case.

    Attributes:
        service_request: Number of the case in the log.
        case_guid: Its key in Dataverse.
        asked_event: Id of the event that was asked for, if one was.
        as_of: UTC instant up to which the log knows anything.
        attributes: The head, in the order of the log.
        events: In the order of the case.
        set_aside: In the order of time.
        gaps: Sentences on what cannot be known.
        failed_checks: Checks of the log that fail for the case.
    """

    service_request: str
    case_guid: str
    asked_event: str | None
    as_of: datetime
    attributes: tuple[Attribute, ...]
    events: tuple[ToldEvent, ...]
    set_aside: tuple[SetAside, ...]
    gaps: tuple[str, ...]
    failed_checks: tuple[FailedCheck, ...]


def as_json(story: Story) -> dict[str, Any]:
    """The story as values that JSON has; instants are ISO 8601 in UTC."""
    values: dict[str, Any] = _plain(asdict(story))
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
