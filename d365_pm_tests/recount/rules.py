"""The shipped settings, as constants (event-log semantics, 10 and the thresholds of 2 to 4)."""

from datetime import UTC, datetime, timedelta

ACTIVE, RESOLVED, CANCELLED = 0, 1, 2
MERGED_STATUS = 2000
WAITING_STATUSES = frozenset({3})

RESOLUTION_MATCH = timedelta(seconds=60)
CHAIN_GAP = timedelta(seconds=60)
CANCELLED_AT_RESOLUTION = timedelta(seconds=60)
ESCALATION_FOLD = timedelta(minutes=10)
FLIP_FLOP = timedelta(seconds=60)
EMAIL_WINDOW = timedelta(minutes=10)
OPENING_CONTACT = timedelta(minutes=10)
FCR_MAX_SECONDS = 86_400
FCR_MATURITY = timedelta(days=7)
BULK_CASES = 20

EARLIEST = datetime(2003, 1, 1, tzinfo=UTC)
"""Older moments are absurd (4.17)."""

SOURCE_SYSTEM = "Microsoft Dynamics 365 Customer Service"
LCIDS = {"pt-BR": 1046, "en": 1033}
SYSTEM_NAMES = {"pt-BR": "Sistema", "en": "System"}

LABELS = {
    "case_assigned": ("Caso Atribuído", "Case Assigned"),
    "case_created": ("Caso Criado", "Case Created"),
    "case_closed": ("Caso Encerrado", "Case Closed"),
    "case_escalated": ("Caso Escalado", "Case Escalated"),
    "case_resolved": ("Caso Resolvido", "Case Resolved"),
    "sla_timer_started": ("Timer do SLA iniciado", "SLA Timer Started"),
    "agent_investigated_issue": ("Agente Investigou o Problema", "Agent Investigated Issue"),
    "case_reactivated": ("Caso Reativado", "Case Reactivated"),
    "case_categorization_changed": ("Categorização do Caso Alterada", "Case Categorization Changed"),
    "information_requested_from_customer": (
        "Informação Solicitada ao Cliente",
        "Information Requested from Customer",
    ),
    "queue_item_picked_by_agent": ("Item da fila retirado pelo agente", "Queue Item Picked by Agent"),
    "satisfaction_survey_sent": ("Pesquisa de satisfação enviada", "Satisfaction Survey Sent"),
    "solution_proposed_to_customer": ("Solução proposta ao cliente", "Solution Proposed to Customer"),
}
"""Portuguese and English label of each activity (3)."""

RANKS = {
    "case_created": 10,
    "case_reactivated": 15,
    "sla_timer_started": 20,
    "case_categorization_changed": 25,
    "case_escalated": 30,
    "case_assigned": 47,
    "queue_item_picked_by_agent": 45,
    "agent_investigated_issue": 60,
    "information_requested_from_customer": 70,
    "solution_proposed_to_customer": 80,
    "case_resolved": 90,
    "case_closed": 100,
    "satisfaction_survey_sent": 110,
}
ASSIGNMENT_RANKS = {"queue": 40, "team": 42, "systemuser": 47}
SOURCE_RANKS = {
    "incident": 1,
    "incidentresolution": 2,
    "queueitem": 3,
    "slakpiinstance": 4,
    "knowledgearticleincident": 5,
    "msdyn_federatedarticleincident": 5,
    "email": 6,
    "msfp_surveyinvite": 7,
    "audit": 8,
}
KPI_RANKS = {"first_response": 1, "resolution": 2}

SENT_INVITES = frozenset(647390000 + code for code in (2, 3, 6, 7, 9, 10, 11, 12))
"""Sent, Responded, Read, Started and the reminders (3.12)."""
