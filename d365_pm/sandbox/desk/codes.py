"""The platform's option values that the desk uses, by name (table reference 4.2, 6.1, 7.4, 7.5, 9)."""

from enum import IntEnum


class State(IntEnum):
    """`incident.statecode`."""

    ACTIVE = 0
    RESOLVED = 1
    CANCELLED = 2


class Status(IntEnum):
    """`incident.statuscode`."""

    IN_PROGRESS = 1
    ON_HOLD = 2
    WAITING = 3
    RESEARCHING = 4
    PROBLEM_SOLVED = 5
    CANCELLED = 6
    INFORMATION_PROVIDED = 1000
    MERGED = 2000


class OwnStatus(IntEnum):
    """Status reasons that an organisation added to `incident.statuscode`; `catalogue.OWN_STATUSES` names them."""

    AWAITING_CUSTOMER = 100_000_001
    AWAITING_SUPPLIER = 100_000_002
    SOLUTION_PROPOSED = 100_000_003
    CLOSED = 100_000_004
    OUT_OF_SCOPE = 741_130_000


class Channel(IntEnum):
    """`incident.caseorigincode`."""

    PHONE = 1
    EMAIL = 2
    WEB = 3
    FACEBOOK = 2483
    TWITTER = 3986
    IOT = 700610000


class Clock(IntEnum):
    """`slakpiinstance.status`."""

    IN_PROGRESS = 0
    NONCOMPLIANT = 1
    NEARING = 2
    PAUSED = 3
    SUCCEEDED = 4
    CANCELED = 5


class Mail(IntEnum):
    """`email.statuscode`."""

    DRAFT = 1
    SENT = 3
    RECEIVED = 4
    FAILED = 8


class Invite(IntEnum):
    """`msfp_surveyinvite.msfp_invitestatus`, without its prefix 647390000."""

    QUEUED = 0
    UNSUBSCRIBED = 1
    SENT = 2
    RESPONDED = 3
    FAILED = 4
    CREATED = 5
    READ = 6
    STARTED = 7
    DELAYED = 8
    REMINDER_SENT = 10
    SKIPPED = 13


INVITE_PREFIX = 647_390_000


class Usage(IntEnum):
    """`knowledgearticleincident.knowledgeusage`."""

    REFERENCE = 1
    SOLUTION = 2
