"""The worked example of the reference, event by event and value by value (event-log semantics, section 8)."""

from typing import NamedTuple

import pytest

from d365_pm_tests.models.answers import Answers
from d365_pm_tests.models.model_rows import Rows
from d365_pm_tests.models.worked_example import build_worked_example

MAIN_COLUMNS = ("SeqInCase", "EventTime", "ActivityName", "Rule", "AgentName")


class Event(NamedTuple):
    """One row of the reference's table: time, activity, rule, agent and what its remarks say."""

    time: str
    label: str
    rule: str
    agent: str
    remarks: dict[str, object]


EVENTS = (
    Event("2024-03-04T13:05:10Z", "Caso Criado", "CREATED", "Sistema", {"SourceTable": "incident"}),
    Event(
        "2024-03-04T13:05:12Z",
        "Caso Atribuído",
        "A3",
        "Sistema",
        {"AssignmentKind": "queue", "AssignedTo": "Suporte N1", "SourceTable": "audit"},
    ),
    Event(
        "2024-03-04T13:05:14Z",
        "Timer do SLA iniciado",
        "S1",
        "Sistema",
        {"SlaKpi": "first_response", "SourceRowId": "response clock"},
    ),
    Event(
        "2024-03-04T13:05:14Z",
        "Timer do SLA iniciado",
        "S1",
        "Sistema",
        {"SlaKpi": "resolution", "SourceRowId": "first clock"},
    ),
    Event(
        "2024-03-04T13:47:30Z",
        "Item da fila retirado pelo agente",
        "P1",
        "Alice Smith",
        {"SourceColumn": "workerid", "Queue": "Suporte N1"},
    ),
    Event(
        "2024-03-04T13:47:30Z",
        "Caso Atribuído",
        "A1",
        "Alice Smith",
        {"AssignmentKind": "user", "AssignedTo": "Alice Smith"},
    ),
    Event(
        "2024-03-04T14:02:09Z",
        "Categorização do Caso Alterada",
        "CC1",
        "Alice Smith",
        {"SourceColumn": "subjectid"},
    ),
    Event(
        "2024-03-04T14:20:41Z",
        "Agente Investigou o Problema",
        "I1",
        "Alice Smith",
        {"KnowledgeArticleId": "KA-01337"},
    ),
    Event(
        "2024-03-04T14:31:00Z",
        "Informação Solicitada ao Cliente",
        "Q1",
        "Alice Smith",
        {"SourceTable": "audit", "SourceColumn": "statuscode", "EmailId": "email 1"},
    ),
    Event("2024-03-05T12:05:00Z", "Caso Escalado", "E1", "Alice Smith", {"SourceColumn": "isescalated"}),
    Event(
        "2024-03-05T12:05:00Z",
        "Caso Atribuído",
        "A1",
        "Alice Smith",
        {"AssignmentKind": "team", "AssignedTo": "Suporte N2"},
    ),
    Event(
        "2024-03-05T12:40:15Z",
        "Caso Atribuído",
        "A1",
        "Bob Johnson",
        {"AssignmentKind": "user", "AssignedTo": "Bob Johnson"},
    ),
    Event(
        "2024-03-05T15:20:30Z",
        "Solução proposta ao cliente",
        "SP2",
        "Bob Johnson",
        {"SourceTable": "email", "SourceRowId": "email 3"},
    ),
    Event(
        "2024-03-05T15:25:44Z",
        "Caso Resolvido",
        "R1",
        "Bob Johnson",
        {"SourceTable": "incidentresolution", "SourceRowId": "resolution 1"},
    ),
    Event(
        "2024-03-05T15:25:50Z",
        "Pesquisa de satisfação enviada",
        "V1",
        "Sistema",
        {"SourceTable": "msfp_surveyinvite"},
    ),
    Event("2024-03-06T12:00:00Z", "Caso Reativado", "RE1", "Bob Johnson", {"SourceColumn": "statecode"}),
    Event(
        "2024-03-06T14:00:00Z",
        "Caso Resolvido",
        "R1",
        "Bob Johnson",
        {"SourceTable": "incidentresolution", "SourceRowId": "resolution 2"},
    ),
)

VALUES: dict[str, object] = {
    "ServiceRequestCycleTime": 176_090,
    "TimeToFirstResolution": 94_834,
    "ActiveTime": 102_034,
    "ResolvedGapTime": 74_056,
    "CustomerWaitTime": 74_480,
    "CustomerWaitTimeByContact": 74_345,
    "NetHandlingTime": 27_554,
    "SlaTargetResolutionTime": 86_400,
    "SlaTargetBasis": "item",
    "IsSlaBreached": False,
    "SlaBreachBasis": "kpi_instance",
    "IsSlaBreachedByCycleTime": True,
    "SlaVerdictsDiffer": True,
    "IsFirstContactResolution": False,
    "IsRework": True,
    "IsEscalated": True,
    "EscalationBasis": "both",
    "EscalationCount": 1,
    "CustomerSatisfactionScore": 4,
    "CaseOutcome": "Resolved",
}

ENGLISH = {
    "Caso Criado": "Case Created",
    "Caso Atribuído": "Case Assigned",
    "Timer do SLA iniciado": "SLA Timer Started",
    "Item da fila retirado pelo agente": "Queue Item Picked by Agent",
    "Categorização do Caso Alterada": "Case Categorization Changed",
    "Agente Investigou o Problema": "Agent Investigated Issue",
    "Informação Solicitada ao Cliente": "Information Requested from Customer",
    "Caso Escalado": "Case Escalated",
    "Solução proposta ao cliente": "Solution Proposed to Customer",
    "Caso Resolvido": "Case Resolved",
    "Pesquisa de satisfação enviada": "Satisfaction Survey Sent",
    "Caso Reativado": "Case Reactivated",
    "Sistema": "System",
}


@pytest.fixture(scope="module")
def run() -> Answers:
    """The models over the worked example, in Portuguese."""
    return build_worked_example().run


@pytest.fixture(scope="module")
def events(run: Answers) -> Rows:
    """Its events, in order."""
    return run.events()


def test_it_has_seventeen_events(events: Rows) -> None:
    assert len(events) == len(EVENTS) == 17


@pytest.mark.parametrize(
    ("number", "expected"),
    list(enumerate(EVENTS, start=1)),
    ids=[f"{number} {event.label} {event.rule}" for number, event in enumerate(EVENTS, start=1)],
)
def test_event(events: Rows, number: int, expected: Event) -> None:
    row = events[number - 1]
    assert {column: row[column] for column in (*MAIN_COLUMNS, *expected.remarks)} == {
        "SeqInCase": number,
        "EventTime": expected.time,
        "ActivityName": expected.label,
        "Rule": expected.rule,
        "AgentName": expected.agent,
    } | expected.remarks


@pytest.mark.parametrize(("column", "value"), VALUES.items(), ids=VALUES.keys())
def test_value(run: Answers, column: str, value: object) -> None:
    assert run.cases().one()[column] == value


def test_cycle_time_is_active_time_and_the_time_it_lay_resolved(run: Answers) -> None:
    case = run.cases().one()
    assert case["ServiceRequestCycleTime"] - case["ActiveTime"] == 74_056


def test_the_pick_and_the_owner_change_that_it_brought_know_of_each_other(events: Rows) -> None:
    assert (events[4]["CoOccursWith"], events[5]["CoOccursWith"]) == (events[5]["EventId"], events[4]["EventId"])


def test_escalation_and_assignment_of_one_audit_row_share_it(events: Rows) -> None:
    assert events[9]["SourceRowId"] == events[10]["SourceRowId"]


def test_no_event_is_a_closing(events: Rows) -> None:
    assert "case_closed" not in events.only("ActivityCode")


def test_the_answer_of_the_customer_and_the_restarted_clock_are_no_events(events: Rows) -> None:
    assert not {"2024-03-05T11:10:05Z", "2024-03-05T11:12:20Z"} & set(events.only("EventTime"))


def test_the_article_and_the_change_of_category_are_kept(events: Rows) -> None:
    changed = events.one(ActivityCode="case_categorization_changed")
    assert (changed["CategoryFrom"], changed["CategoryTo"]) == ("Rede", "Faturamento")


def test_status_reasons_tell_the_journey(events: Rows) -> None:
    assert events.only("StatusReason") == [
        *["Em Progresso"] * 8,
        "Aguardando Cliente",
        *["Em Progresso"] * 4,
        *["Problema Resolvido"] * 2,
        "Em Progresso",
        "Problema Resolvido",
    ]


def test_the_team_owns_it_and_then_stands_behind_the_person_who_took_it(events: Rows) -> None:
    assert events.only("OwnerTeam") == [*[None] * 9, *["Suporte N2"] * 8]


def test_the_log_repeats_the_values_of_the_case_on_every_row(run: Answers) -> None:
    log = run.log()
    assert len(log) == 17
    assert set(log.only("ServiceRequestCycleTime", "SlaTargetResolutionTime", "IsSlaBreached", "IsRework")) == {
        (176_090, 86_400, False, True)
    }


def test_in_english_the_log_says_the_same() -> None:
    rows = build_worked_example("en").run.events().only("EventTime", "ActivityName", "Rule", "AgentName")
    assert rows == [
        (event.time, ENGLISH[event.label], event.rule, ENGLISH.get(event.agent, event.agent)) for event in EVENTS
    ]
