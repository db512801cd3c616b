"""Verdicts on a case: cycle time, first contact resolution, rework, escalated, satisfaction (2.13 to 2.18, 2.21)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from d365_pm_tests.recount.changes import CASCADE_ACTION
from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.event import Event
from d365_pm_tests.recount.people import People
from d365_pm_tests.recount.raw import Row
from d365_pm_tests.recount.rules import FCR_MATURITY, FCR_MAX_SECONDS, OPENING_CONTACT, RESOLVED
from d365_pm_tests.recount.values import Value

_COMPLETED, _CANCELLED = 1, 2


@dataclass(frozen=True)
class Story:
    """A case and its events."""

    case: Dossier
    events: Sequence[Event]

    def of(self, code: str) -> list[Event]:
        """Events of one activity."""
        return [event for event in self.events if event.code == code]

    @property
    def last_resolution(self) -> datetime | None:
        """When the case was resolved last."""
        return max((event.time for event in self.of("case_resolved")), default=None)

    @property
    def is_resolved(self) -> bool:
        """Whether the case is resolved now."""
        return bool(self.case.row["statecode"] == RESOLVED)

    def cycle_seconds(self) -> int | None:
        """`ServiceRequestCycleTime`."""
        if not self.is_resolved or self.last_resolution is None:
            return None
        seconds = int((self.last_resolution - self.case.created).total_seconds())
        return seconds if seconds >= 0 else None

    def is_escalated(self) -> bool | None:
        """`IsEscalated`."""
        if self.case.row.get("isescalated") or self.of("case_escalated"):
            return True
        return False if self.case.history("isescalated").is_full else None

    def is_first_contact_resolution(self, as_of: datetime) -> bool | None:
        """`IsFirstContactResolution`."""
        resolved, cycle = self.last_resolution, self.cycle_seconds()
        if not self.is_resolved or resolved is None:
            return None
        fails = (
            len(self.of("case_resolved")) != 1,
            self.of("case_reactivated"),
            self.of("information_requested_from_customer"),
            self.of("case_escalated"),
            cycle is not None and cycle > FCR_MAX_SECONDS,
            any(self._is_second_contact(moment, resolved) for moment in _contacts(self.case)),
        )
        if any(fails):
            return False
        is_testable = self.case.history("statuscode").is_full and cycle is not None and self._escalation_is_testable()
        return True if is_testable and as_of - resolved >= FCR_MATURITY else None

    def _escalation_is_testable(self) -> bool:
        return self.case.history("isescalated").is_full or self.case.row.get("escalatedon") is None

    def _is_second_contact(self, moment: datetime, resolved: datetime) -> bool:
        return self.case.created + OPENING_CONTACT < moment <= resolved

    def is_rework(self, people: People, bulk: frozenset[str]) -> bool | None:
        """`IsRework`; `bulk` are the audit rows of bulk changes."""
        signs = (
            any(event.detail == "Resolved" for event in self.of("case_reactivated")),
            len(self.of("case_resolved")) > 1,
            len(self.of("information_requested_from_customer")) > 1,
            len(self.of("case_categorization_changed")) > 1,
            len(self.of("case_escalated")) > 1,
            _is_ping_pong(_owners(self.case, bulk, people)),
        )
        if any(signs):
            return True
        columns = ("statuscode", "subjectid", "isescalated", "ownerid", "statecode")
        return False if all(self.case.history(column).is_full for column in columns) else None


def _contacts(case: Dossier) -> Iterable[datetime]:
    """When the customer made contact: e-mails received, calls that were not cancelled, and portal comments."""
    for row in case.rows["email"]:
        if row["directioncode"] is False and row["statecode"] == _COMPLETED:
            yield row["createdon"]
    for row in case.rows["phonecall"]:
        if row["directioncode"] is False and row["statecode"] != _CANCELLED:
            yield row["createdon"]
    for row in case.rows["adx_portalcomment"]:
        yield row["createdon"]


def _owners(case: Dossier, bulk: frozenset[str], people: People) -> list[Value]:
    """Human owners and teams in order, each once until another one follows; bulk changes and machines left out."""
    work = [each for each in case.updates("ownerid") if each.audit_id not in bulk and each.action != CASCADE_ACTION]
    owners = [case.history("ownerid").first(), *(change.new for change in work)]
    return [owner for owner, _ in groupby(filter(people.is_human_or_team, owners))]


def _is_ping_pong(owners: Sequence[Value]) -> bool:
    return any(first == third for first, third in zip(owners, owners[2:], strict=False))


def satisfaction(case: Dossier) -> int | None:
    """`CustomerSatisfactionScore`: of the last response that has it, else what an agent entered."""
    responses = sorted(case.rows["msfp_surveyresponse"], key=lambda row: (row["createdon"], row["activityid"]))
    scores = [score for score in map(_csat, responses) if score is not None]
    if scores:
        return int(scores[-1].quantize(Decimal(1), ROUND_HALF_UP))
    entered: int | None = case.row.get("customersatisfactioncode")
    return entered


def _csat(response: Row) -> Decimal | None:
    try:
        metrics = json.loads(response.get("msfp_satisfactionmetricvalue") or "null", parse_float=Decimal)
    except json.JSONDecodeError:
        return None
    for metric in metrics if isinstance(metrics, list) else ():
        if isinstance(metric, dict) and str(metric.get("type")).lower() == "csat":
            return _decimal(metric.get("decimalvalue")) or _decimal(metric.get("value"))
    return None


def _decimal(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None
