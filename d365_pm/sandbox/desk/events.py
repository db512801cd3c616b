"""What a person in the room would have noted down: the activities of the log, and the notebook for them.

Belongs here: codes, labels and ranks of the 13 activities (event-log reference 3 and 4.7). Does not belong here: when
one happens (the steps of a life) and the attributes beside it (`truth.py`).
"""

from dataclasses import dataclass
from enum import IntEnum


class Activity(IntEnum):
    """The 13 activities, as numbers."""

    CASE_ASSIGNED = 0
    CASE_CREATED = 1
    CASE_CLOSED = 2
    CASE_ESCALATED = 3
    CASE_RESOLVED = 4
    SLA_TIMER_STARTED = 5
    AGENT_INVESTIGATED_ISSUE = 6
    CASE_REACTIVATED = 7
    CASE_CATEGORIZATION_CHANGED = 8
    INFORMATION_REQUESTED_FROM_CUSTOMER = 9
    QUEUE_ITEM_PICKED_BY_AGENT = 10
    SATISFACTION_SURVEY_SENT = 11
    SOLUTION_PROPOSED_TO_CUSTOMER = 12

    @property
    def code(self) -> str:
        """Language-neutral code."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Label:
    """An activity's label in both languages."""

    portuguese: str
    english: str


LABELS = {
    Activity.CASE_ASSIGNED: Label("Caso Atribuído", "Case Assigned"),
    Activity.CASE_CREATED: Label("Caso Criado", "Case Created"),
    Activity.CASE_CLOSED: Label("Caso Encerrado", "Case Closed"),
    Activity.CASE_ESCALATED: Label("Caso Escalado", "Case Escalated"),
    Activity.CASE_RESOLVED: Label("Caso Resolvido", "Case Resolved"),
    Activity.SLA_TIMER_STARTED: Label("Timer do SLA iniciado", "SLA Timer Started"),
    Activity.AGENT_INVESTIGATED_ISSUE: Label("Agente Investigou o Problema", "Agent Investigated Issue"),
    Activity.CASE_REACTIVATED: Label("Caso Reativado", "Case Reactivated"),
    Activity.CASE_CATEGORIZATION_CHANGED: Label("Categorização do Caso Alterada", "Case Categorization Changed"),
    Activity.INFORMATION_REQUESTED_FROM_CUSTOMER: Label(
        "Informação Solicitada ao Cliente", "Information Requested from Customer"
    ),
    Activity.QUEUE_ITEM_PICKED_BY_AGENT: Label("Item da fila retirado pelo agente", "Queue Item Picked by Agent"),
    Activity.SATISFACTION_SURVEY_SENT: Label("Pesquisa de satisfação enviada", "Satisfaction Survey Sent"),
    Activity.SOLUTION_PROPOSED_TO_CUSTOMER: Label("Solução proposta ao cliente", "Solution Proposed to Customer"),
}
"""Labels: Portuguese as the template spells them."""


class Rank(IntEnum):
    """Order of activities that share a second."""

    CREATED = 10
    REACTIVATED = 15
    TIMER_STARTED = 20
    CATEGORIZATION_CHANGED = 25
    ESCALATED = 30
    QUEUE_ASSIGNED = 40
    TEAM_ASSIGNED = 42
    PICKED = 45
    USER_ASSIGNED = 47
    INVESTIGATED = 60
    INFORMATION_REQUESTED = 70
    SOLUTION_PROPOSED = 80
    RESOLVED = 90
    REACTIVATED_AT_ONCE = 91
    CLOSED = 100
    SURVEY_SENT = 110


RANKS = {
    Activity.CASE_CREATED: Rank.CREATED,
    Activity.CASE_CLOSED: Rank.CLOSED,
    Activity.CASE_ESCALATED: Rank.ESCALATED,
    Activity.CASE_RESOLVED: Rank.RESOLVED,
    Activity.SLA_TIMER_STARTED: Rank.TIMER_STARTED,
    Activity.AGENT_INVESTIGATED_ISSUE: Rank.INVESTIGATED,
    Activity.CASE_REACTIVATED: Rank.REACTIVATED,
    Activity.CASE_CATEGORIZATION_CHANGED: Rank.CATEGORIZATION_CHANGED,
    Activity.INFORMATION_REQUESTED_FROM_CUSTOMER: Rank.INFORMATION_REQUESTED,
    Activity.QUEUE_ITEM_PICKED_BY_AGENT: Rank.PICKED,
    Activity.SATISFACTION_SURVEY_SENT: Rank.SURVEY_SENT,
    Activity.SOLUTION_PROPOSED_TO_CUSTOMER: Rank.SOLUTION_PROPOSED,
}
"""Rank of every activity but Case Assigned, whose rank depends on who received the case."""
