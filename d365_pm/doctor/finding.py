"""What one check has to say."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How grave a finding is."""

    FATAL = "fatal"
    """No event log can be made."""
    LOSS = "loss"
    """A log can be made, but something is missing in it."""
    ADVICE = "advice"
    """Nothing is lost today; something costs time, or may be lost tomorrow."""
    OK = "ok"
    """As it should be."""


ORDER = tuple(Severity)
"""From grave to good."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        check: Stable name, such as `audit.column`.
        severity: How grave it is.
        finding: What was found, as a sentence.
        remedy: What to do about it; empty where nothing is to be done.
    """

    check: str
    severity: Severity
    finding: str
    remedy: str = ""
