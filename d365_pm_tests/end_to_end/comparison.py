"""Comparing a published event log with the truth that the generator wrote down."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

TEMPLATE = (
    "ServiceRequest",
    "ActivityName",
    "EventTime",
    "SourceSystem",
    "LastDataUpdate",
    "Channel",
    "SlaTargetResolutionTime",
    "StatusReason",
    "AgentName",
    "CustomerName",
    "Priority",
    "ServiceRequestType",
    "IsFirstContactResolution",
    "IsRework",
    "OwnerTeam",
    "IsEscalated",
    "KnowledgeArticleId",
    "CustomerSatisfactionScore",
    "ProductInvolved",
    "IsSlaBreached",
    "ServiceRequestCycleTime",
)
"""The 21 attributes in the template's order and spelling (reference: event-log-semantics 2.0)."""


@dataclass(frozen=True)
class Agreement:
    """How well the events of one activity match; an event is a case, an activity and a second."""

    expected: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """Share of found events that are true."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of true events that were found."""
        return self.right / self.expected if self.expected else 1.0


def read_log(warehouse: Path) -> list[tuple[object, ...]]:
    """Rows of `marts.event_log`, the 21 columns in the template's order."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(f"select {', '.join(TEMPLATE)} from marts.event_log").fetchall()


def truth_rows(truth: pa.Table) -> list[tuple[object, ...]]:
    """Rows of the truth in the same form."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("truth", truth)
        return connection.execute(f"select {', '.join(TEMPLATE)} from truth").fetchall()


def agreement(expected: list[tuple[object, ...]], found: list[tuple[object, ...]]) -> dict[object, Agreement]:
    """Precision and recall by activity, over (case, activity, time) with multiplicity."""
    truth, log = (Counter(row[:3] for row in rows) for rows in (expected, found))
    right = truth & log
    return {
        activity: Agreement(*(_of(counter, activity) for counter in (truth, log, right)))
        for activity in sorted({event[1] for event in truth | log})
    }


def wrong_attributes(expected: list[tuple[object, ...]], found: list[tuple[object, ...]]) -> dict[str, list[object]]:
    """By attribute, the first rows whose value differs: (case, activity, time, expected, found).

    Rows are matched by case, activity and time, and within these in one fixed order, so that events of one second meet
    their like.
    """
    differences: dict[str, list[object]] = {}
    truth, log = _by_event(expected), _by_event(found)
    for event in truth.keys() & log.keys():
        for wanted, got in zip(sorted(truth[event], key=repr), sorted(log[event], key=repr), strict=False):
            for name, left, right in zip(TEMPLATE, wanted, got, strict=True):
                if left != right:
                    differences.setdefault(name, []).append((*event, left, right))
    return {name: sorted(rows, key=repr)[:5] for name, rows in differences.items()}


def _by_event(rows: list[tuple[object, ...]]) -> dict[tuple[object, ...], list[tuple[object, ...]]]:
    events: dict[tuple[object, ...], list[tuple[object, ...]]] = {}
    for row in rows:
        events.setdefault(row[:3], []).append(row)
    return events


def _of(events: Counter[tuple[object, ...]], activity: object) -> int:
    return sum(count for event, count in events.items() if event[1] == activity)
