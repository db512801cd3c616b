"""What was found out about an environment, as plain values.

Belongs here: the facts that findings and forecast are made from. Does not belong here: asking (`gathering.py`) and
judging (`findings.py`, `forecast.py`). What could not be found out is None or absent, never a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from d365_pm.doctor.audit_history import AuditHistory


class Depth(StrEnum):
    """How far a privilege reaches."""

    NONE = "none"
    USER = "user"
    UNIT = "business unit"
    BRANCH = "business unit and those below"
    ORGANIZATION = "organisation"


@dataclass(frozen=True, slots=True)
class Organization:
    """The row of the environment itself.

    Attributes:
        is_audited: The first of the three audit switches.
        retention_days: Days until a new audit row expires; -1 for never.
        tracking_days: Days that a delta link lives.
        language: LCID of the base language.
    """

    is_audited: bool | None = None
    retention_days: int | None = None
    tracking_days: int | None = None
    language: int | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """The application user as the environment sees it; language and zone decide its formatted values."""

    user_id: str
    organization_id: str
    language: int | None = None
    time_zone_code: int | None = None


@dataclass(frozen=True, slots=True)
class TableFacts:
    """One table of the registry in this environment.

    Attributes:
        name: Logical name.
        is_required: Without it there is no event log.
        is_missing: The environment does not have it.
        is_unknown: The environment did not answer for it.
        refusal: Why its rows cannot be read, as a sentence; None if they can, as far as is known.
        depth: How far the privilege to read it reaches; None if that is not known.
        missing_columns: Wanted columns that it lacks, by logical name.
        blank_columns: Secured columns whose values are kept from us.
        is_audited: The second audit switch.
        audited_columns: Columns with the third audit switch on.
        is_tracked: It answers what has changed since a delta link.
        rows: Number of rows, from the server's snapshot of up to a day ago; None if it does not count them.
        oldest: `createdon` of its oldest row, for tables whose audit coverage matters.
    """

    name: str
    is_required: bool = False
    is_missing: bool = False
    is_unknown: bool = False
    refusal: str | None = None
    depth: Depth | None = None
    missing_columns: frozenset[str] = frozenset()
    blank_columns: frozenset[str] = frozenset()
    is_audited: bool | None = None
    audited_columns: frozenset[str] = frozenset()
    is_tracked: bool | None = None
    rows: int | None = None
    oldest: datetime | None = None

    @property
    def is_readable(self) -> bool:
        """Rows of it can be read."""
        return not self.is_missing and not self.is_unknown and self.refusal is None


@dataclass(frozen=True, slots=True)
class PageTiming:
    """One measured page."""

    table: str
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that the environment did not answer, with the reason as a sentence."""

    question: str
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known about one environment.

    Attributes:
        asked_at: When we asked (UTC).
        address: Host of the environment; None where none is configured.
        sign_in: Kind of sign-in, in words.
        failure: Why nothing could be asked at all; then everything below is empty.
        version: Version of the environment.
        caller: Who we are there.
        organization: The row of the environment.
        tables: Tables of the registry by logical name.
        privileges: Whether the two privileges about auditing are held; absent where the answer is not known.
        audit: What is in the audit table.
        label_languages: LCIDs in which the options of a case have labels.
        wanted_language: LCID of the log's labels.
        requests_hint: Parallel requests that the server recommends now.
        timings: Measured pages.
        rules: Rules of the organisation that are configured, such as `escalation_targets.queue`.
        chosen_columns: Columns that a seed names, by seed, such as `categorization_columns`.
        unanswered: What could not be found out.
    """

    asked_at: datetime
    address: str | None = None
    sign_in: str | None = None
    failure: Unanswered | None = None
    version: str | None = None
    caller: Caller | None = None
    organization: Organization = field(default_factory=Organization)
    tables: Mapping[str, TableFacts] = field(default_factory=dict)
    privileges: Mapping[str, bool] = field(default_factory=dict)
    audit: AuditHistory = field(default_factory=AuditHistory)
    label_languages: frozenset[int] | None = None
    wanted_language: int = 1046
    requests_hint: int | None = None
    timings: tuple[PageTiming, ...] = ()
    rules: frozenset[str] = frozenset()
    chosen_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unanswered: tuple[Unanswered, ...] = ()

    @property
    def horizon(self) -> datetime | None:
        """Audit rows older than this may have expired; None where they are kept for ever or nothing is known."""
        days = self.organization.retention_days
        if days is None or days < 0:
            return None
        return self.asked_at - timedelta(days=days)
