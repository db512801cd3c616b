"""What holds for every log, whatever its cases (reference: event-log semantics, section 9)."""

from d365_pm_tests.models.model_rows import Rows

MANDATORY = ("ServiceRequest", "ActivityName", "EventTime", "SourceSystem", "LastDataUpdate")


def assert_invariants(events: Rows) -> None:
    """Fail where rows of marts.events break an invariant that needs no other table."""
    _assert_identity(events)
    _assert_evidence(events)
    by_case: dict[str, Rows] = {}
    for event in events:
        by_case.setdefault(event["CaseGuid"], Rows()).append(event)
    for case, rows in by_case.items():
        _assert_order(case, rows)


def _assert_identity(events: Rows) -> None:
    ids = events.only("EventId")
    assert None not in ids, "an event has no EventId"
    assert len(ids) == len(set(ids)), "EventId is not unique (invariant 2)"


def _assert_evidence(events: Rows) -> None:
    for event in events:
        missing = [column for column in (*MANDATORY, "SourceTable", "SourceRowId", "Rule") if event[column] is None]
        assert not missing, f"{event['ActivityCode']} has no {missing} (invariants 7 and 8)"
        assert event["Confidence"] in {"A", "B", "C"}, "class D is off by default (invariant 8)"
        assert event["EventTime"] <= event["LastDataUpdate"], "an event later than the as-of (invariant 7)"


def _assert_order(case: str, rows: Rows) -> None:
    assert rows.only("SeqInCase") == list(range(1, len(rows) + 1)), f"{case}: gaps in SeqInCase (invariant 3)"
    assert rows.only("EventTime") == sorted(rows.only("EventTime")), f"{case}: SeqInCase against time (invariant 3)"
    codes = rows.only("ActivityCode")
    assert codes.count("case_created") == 1, f"{case}: not exactly one Case Created (invariant 1)"
