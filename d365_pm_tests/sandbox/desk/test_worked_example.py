"""The reference's worked example (section 8), told as a story: its derived values must come out."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from d365_pm.sandbox.desk.events import Activity
from d365_pm.sandbox.desk.truth import Story
from d365_pm.sandbox.desk.verdicts import Promise

_EVENTS = [
    ("2024-03-04T13:05:10", Activity.CASE_CREATED, None, 1),
    ("2024-03-04T13:05:12", Activity.CASE_ASSIGNED, None, 1),
    ("2024-03-04T13:05:14", Activity.SLA_TIMER_STARTED, None, 1),
    ("2024-03-04T13:05:14", Activity.SLA_TIMER_STARTED, None, 1),
    ("2024-03-04T13:47:30", Activity.QUEUE_ITEM_PICKED_BY_AGENT, "Alice Smith", 1),
    ("2024-03-04T13:47:30", Activity.CASE_ASSIGNED, "Alice Smith", 1),
    ("2024-03-04T14:02:09", Activity.CASE_CATEGORIZATION_CHANGED, "Alice Smith", 1),
    ("2024-03-04T14:20:41", Activity.AGENT_INVESTIGATED_ISSUE, "Alice Smith", 1),
    ("2024-03-04T14:31:00", Activity.INFORMATION_REQUESTED_FROM_CUSTOMER, "Alice Smith", 3),
    ("2024-03-05T12:05:00", Activity.CASE_ESCALATED, "Alice Smith", 1),
    ("2024-03-05T12:05:00", Activity.CASE_ASSIGNED, "Alice Smith", 1),
    ("2024-03-05T12:40:15", Activity.CASE_ASSIGNED, "Bob Johnson", 1),
    ("2024-03-05T15:20:30", Activity.SOLUTION_PROPOSED_TO_CUSTOMER, "Bob Johnson", 1),
    ("2024-03-05T15:25:44", Activity.CASE_RESOLVED, "Bob Johnson", 5),
    ("2024-03-05T15:25:50", Activity.SATISFACTION_SURVEY_SENT, None, 5),
    ("2024-03-06T12:00:00", Activity.CASE_REACTIVATED, "Bob Johnson", 1),
    ("2024-03-06T14:00:00", Activity.CASE_RESOLVED, "Bob Johnson", 5),
]
_AS_OF = datetime(2024, 3, 20, tzinfo=UTC)


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def _story(events: list[tuple[str, Activity, str | None, int]], **facts: object) -> Story:
    count = len(events)
    told = pa.table(
        {
            "case": [0] * count,
            "activity": [int(activity) for _, activity, _, _ in events],
            "at": [_seconds(at) for at, _, _, _ in events],
            "agent": pa.array([agent for _, _, agent, _ in events], type=pa.string()),
            "status": [status for _, _, _, status in events],
            "owner_team": pa.nulls(count, pa.string()),
            "article": pa.array(["KA-01337" if a == 6 else None for _, a, _, _ in events], type=pa.string()),
        }
    )
    known: dict[str, object] = {
        "guid": "a", "ticket": "CAS-01024-F3B4V6", "created": _seconds("2024-03-04T13:05:10"), "state": 1,
        "channel": 2, "priority": 2, "customer": "Global Tech Inc.", "subject": "B", "product": "Software Zeta CRM",
        "is_escalated": 1, "second_contact": 1, "reopened": 1, "bounced": 0, "sla_target": 86400,
        "promise": Promise.KEPT, "deadline": _seconds("2024-03-06T12:00:00"), "csat": 4,
    }  # fmt: skip
    return Story(told, pa.table({name: [value] for name, value in (known | facts).items()}))


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("ServiceRequestCycleTime", 176090),
        ("SlaTargetResolutionTime", 86400),
        ("IsSlaBreached", False),
        ("IsFirstContactResolution", False),
        ("IsRework", True),
        ("IsEscalated", True),
        ("CustomerSatisfactionScore", 4),
        ("ServiceRequest", "CAS-01024-F3B4V6"),
        ("Channel", "Email"),
        ("Priority", "Normal"),
    ],
)
def test_attributes_of_the_case(column: str, expected: object) -> None:
    assert set(_story(_EVENTS).tell(_AS_OF, "pt-BR")[column].to_pylist()) == {expected}


def test_labels_actors_and_articles_of_the_events() -> None:
    log = _story(_EVENTS).tell(_AS_OF, "pt-BR").to_pylist()
    assert [row["ActivityName"] for row in log[:5]] == [
        "Caso Criado", "Caso Atribuído", "Timer do SLA iniciado", "Timer do SLA iniciado",
        "Item da fila retirado pelo agente",
    ]  # fmt: skip
    assert [row["AgentName"] for row in log[3:5]] == ["Sistema", "Alice Smith"]
    assert [row["KnowledgeArticleId"] for row in log if row["KnowledgeArticleId"]] == ["KA-01337"]
    assert log[-1]["EventTime"] == datetime(2024, 3, 6, 14, tzinfo=UTC)
    assert log[-1]["StatusReason"] == "Problema Resolvido"


def _quick(resolved: str) -> list[tuple[str, Activity, str | None, int]]:
    return [_EVENTS[0], (resolved, Activity.CASE_RESOLVED, "Alice Smith", 5)]


_CALM = {"is_escalated": 0, "second_contact": 0, "reopened": 0}


@pytest.mark.parametrize(
    ("resolved", "facts", "as_of", "expected"),
    [
        pytest.param("2024-03-04T15:00:00", {}, _AS_OF, True, id="at once"),
        pytest.param("2024-03-05T13:05:10", {}, _AS_OF, True, id="24 hours exactly"),
        pytest.param("2024-03-05T13:05:11", {}, _AS_OF, False, id="a second more"),
        pytest.param("2024-03-04T15:00:00", {"second_contact": 1}, _AS_OF, False, id="second contact"),
        pytest.param("2024-03-04T15:00:00", {"is_escalated": 1}, _AS_OF, False, id="escalated"),
        pytest.param("2024-03-04T15:00:00", {}, datetime(2024, 3, 11, 15, tzinfo=UTC), True, id="just matured"),
        pytest.param("2024-03-04T15:00:00", {}, datetime(2024, 3, 11, 14, 59, 59, tzinfo=UTC), None, id="too young"),
        pytest.param("2024-03-04T15:00:00", {"state": 0}, _AS_OF, None, id="not resolved now"),
    ],
)
def test_first_contact_resolution(resolved: str, facts: dict[str, object], as_of: datetime, expected: object) -> None:
    log = _story(_quick(resolved), **(_CALM | facts)).tell(as_of, "en")
    assert set(log["IsFirstContactResolution"].to_pylist()) == {expected}


@pytest.mark.parametrize(
    ("promise", "deadline", "expected"),
    [
        pytest.param(Promise.BROKEN, "2024-03-04T14:00:00", True, id="noncompliant"),
        pytest.param(Promise.KEPT, "2024-03-05T14:00:00", False, id="succeeded"),
        pytest.param(Promise.RUNNING, "2024-03-19T00:00:00", True, id="deadline passed unnoticed"),
        pytest.param(Promise.RUNNING, "2024-03-21T00:00:00", None, id="still running"),
        pytest.param(Promise.PAUSED, "2024-03-05T00:00:00", None, id="paused"),
        pytest.param(Promise.CALLED_OFF, "2024-03-05T00:00:00", None, id="called off"),
        pytest.param(Promise.CALLED_OFF_AT_RESOLUTION, "2024-03-05T00:00:00", False, id="called off by resolving"),
        pytest.param(Promise.NONE, "2024-03-05T00:00:00", None, id="no service level"),
    ],
)
def test_sla_breach(promise: Promise, deadline: str, expected: object) -> None:
    story = _story(_quick("2024-03-04T15:00:00"), promise=promise, deadline=_seconds(deadline))
    assert set(story.tell(_AS_OF, "en")["IsSlaBreached"].to_pylist()) == {expected}


@pytest.mark.parametrize("activity", [Activity.INFORMATION_REQUESTED_FROM_CUSTOMER, Activity.CASE_ESCALATED])
@pytest.mark.parametrize(("times", "expected"), [(1, False), (2, True)])
def test_rework_begins_with_the_second_time(activity: Activity, times: int, expected: bool) -> None:
    again = [(f"2024-03-04T14:0{n}:00", activity, "Alice Smith", 1) for n in range(times)]
    log = _story([*_quick("2024-03-04T15:00:00"), *again], **_CALM).tell(_AS_OF, "en")
    assert set(log["IsRework"].to_pylist()) == {expected}
