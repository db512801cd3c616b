"""Activity tables, their parties and the Customer Voice surveys, activities as well (table reference 7.4, 7.5)."""

from d365_pm.sandbox.schema.build import (
    ACTIVE,
    OWNED,
    OWNER,
    RECORD,
    choice,
    columns,
    flags,
    key,
    lookup,
    memo,
    moments,
    of,
    options,
    state,
    status,
    text,
    whole,
)
from d365_pm.sandbox.schema.model import AttributeType, Column, Table

_STATES = ((0, "Open", "Aberto"), (1, "Completed", "Concluído"), (2, "Canceled", "Cancelado"))
_PLAIN_STATUS = ((1, "Open", "Aberto", 0), (2, "Completed", "Concluído", 1), (3, "Canceled", "Cancelado", 2))
_SCHEDULED = (3, "Scheduled", "Agendado")
_DIRECTION = options((0, "Incoming", "Recebido"), (1, "Outgoing", "Enviado"))
_PARTIES = ("systemuser", "contact", "account", "queue", "team", "incident")

_SHARED = columns(
    key("activityid"),
    of(AttributeType.ENTITY_NAME, "activitytypecode"),
    text("subject"),
    memo("description"),
    lookup("regardingobjectid", "incident", "account", "contact"),
    OWNED,
    RECORD,
    moments("scheduledstart", "scheduledend", "actualstart", "actualend", "senton", "sortdate"),
    whole("actualdurationminutes"),
    flags("isworkflowcreated", "isbilled"),
    choice("prioritycode", (0, "Low", "Baixo"), (1, "Normal", "Normal"), (2, "High", "Alto")),
)


def _activity(
    name: str, entity_set: str, object_type_code: int, display_name: str, *own: Column | tuple[Column, ...]
) -> Table:
    """An activity table: the shared columns and its own."""
    return Table(
        name=name,
        entity_set=entity_set,
        key="activityid",
        primary_name="subject",
        object_type_code=object_type_code,
        display_name=display_name,
        is_activity=True,
        columns=columns(_SHARED, *own),
    )


ACTIVITY_POINTER = _activity(
    "activitypointer",
    "activitypointers",
    4200,
    "Activity",
    state(*_STATES, _SCHEDULED),
    status(*_PLAIN_STATUS, (4, "Scheduled", "Agendado", 3)),
)

EMAIL = _activity(
    "email",
    "emails",
    4202,
    "Email",
    flags("directioncode", labels=_DIRECTION),
    text("sender", "torecipients", "inreplyto", "conversationindex", "trackingtoken"),
    lookup("emailsender", "contact", "account", "queue", "systemuser"),
    lookup("templateid", "template"),
    lookup("parentactivityid", "email"),
    lookup("correlatedactivityid", "email"),
    moments("delayedemailsendtime"),
    whole("opencount", "linksclickedcount"),
    state(*_STATES),
    status(
        (1, "Draft", "Rascunho", 0),
        (8, "Failed", "Com Falha", 0),
        (2, "Completed", "Concluído", 1),
        (3, "Sent", "Enviado", 1),
        (4, "Received", "Recebido", 1),
        (6, "Pending Send", "Envio Pendente", 1),
        (7, "Sending", "Enviando", 1),
        (5, "Canceled", "Cancelado", 2),
    ),
)

PHONE_CALL = _activity(
    "phonecall",
    "phonecalls",
    4210,
    "Phone Call",
    flags("directioncode", labels=_DIRECTION),
    flags("leftvoicemail"),
    text("phonenumber"),
    state(*_STATES),
    status(
        (1, "Open", "Aberto", 0),
        (2, "Made", "Feito", 1),
        (4, "Received", "Recebido", 1),
        (3, "Canceled", "Cancelado", 2),
    ),
)

TASK = _activity(
    "task",
    "tasks",
    4212,
    "Task",
    whole("percentcomplete"),
    state(*_STATES),
    status(
        (2, "Not Started", "Não Iniciado", 0),
        (3, "In Progress", "Em Andamento", 0),
        (4, "Waiting on someone else", "Aguardando outra pessoa", 0),
        (7, "Deferred", "Adiado", 0),
        (5, "Completed", "Concluído", 1),
        (6, "Canceled", "Cancelado", 2),
    ),
)

APPOINTMENT = _activity(
    "appointment",
    "appointments",
    4201,
    "Appointment",
    text("location"),
    state(*_STATES, _SCHEDULED),
    status(
        (1, "Free", "Livre", 0),
        (2, "Tentative", "Provisório", 0),
        (3, "Completed", "Concluído", 1),
        (4, "Canceled", "Cancelado", 2),
        (5, "Busy", "Ocupado", 3),
        (6, "Out of Office", "Fora do Escritório", 3),
    ),
)

PORTAL_COMMENT = _activity(
    "adx_portalcomment",
    "adx_portalcomments",
    10060,
    "Portal Comment",
    choice("adx_portalcommentdirectioncode", (1, "Incoming", "Recebido"), (2, "Outgoing", "Enviado")),
    state(*_STATES, _SCHEDULED),
    status(*_PLAIN_STATUS, (4, "Scheduled", "Agendado", 3)),
)

ACTIVITY_PARTY = Table(
    name="activityparty",
    entity_set="activityparties",
    key="activitypartyid",
    primary_name=None,
    object_type_code=135,
    display_name="Activity Party",
    columns=columns(
        key("activitypartyid"),
        lookup(
            "activityid",
            "activitypointer",
            "email",
            "phonecall",
            "task",
            "appointment",
            "adx_portalcomment",
            "msfp_surveyinvite",
            "msfp_surveyresponse",
        ),
        lookup("partyid", *_PARTIES),
        choice(
            "participationtypemask",
            (1, "Sender", "Remetente"),
            (2, "To Recipient", "Destinatário"),
            (3, "CC Recipient", "Destinatário CC"),
            (4, "BCC Recipient", "Destinatário CCO"),
            (5, "Required attendee", "Participante obrigatório"),
            (6, "Optional attendee", "Participante opcional"),
            (7, "Organizer", "Organizador"),
            (8, "Regarding", "Referente a"),
            (9, "Owner", "Proprietário"),
            (10, "Resource", "Recurso"),
            (11, "Customer", "Cliente"),
            (12, "Chat Participant", "Participante do Chat"),
            (13, "Related", "Relacionado"),
        ),
        text("addressused", "unresolvedpartyname"),
        Column("versionnumber", AttributeType.BIG_INTEGER),
    ),
)

_INVITE_STATUS = (
    ("Queued", "Na Fila"),
    ("UnSubscribed", "Inscrição Cancelada"),
    ("Sent", "Enviado"),
    ("Responded", "Respondido"),
    ("Failed", "Com Falha"),
    ("Created", "Criado"),
    ("Read", "Lido"),
    ("Started", "Iniciado"),
    ("Delayed", "Atrasado"),
    ("Reminder scheduled", "Lembrete agendado"),
    ("Reminder sent", "Lembrete enviado"),
    ("Reminder failed", "Falha no lembrete"),
    ("Reminder in progress", "Lembrete em andamento"),
    ("Skipped", "Ignorado"),
)

SURVEY_INVITE = _activity(
    "msfp_surveyinvite",
    "msfp_surveyinvites",
    10201,
    "Customer Voice survey invite",
    moments("msfp_invitesentdate", "msfp_inviteupdateddate", has_day_format=True),
    choice("msfp_invitestatus", *((647390000 + n, *labels) for n, labels in enumerate(_INVITE_STATUS))),
    choice("msfp_channel", (647390000, "Email", "Email"), (647390001, "Flow", "Fluxo")),
    text("msfp_invitestatusreason", "msfp_inviteemailaddress", "msfp_fromemailaddress", "msfp_surveyinvitationurl"),
    memo("msfp_invitefailurereason", "msfp_contextparameters"),
    lookup("msfp_surveyid", "msfp_survey"),
    state(*_STATES, _SCHEDULED),
    status(*_PLAIN_STATUS, (4, "Scheduled", "Agendado", 3)),
)

SURVEY_RESPONSE = _activity(
    "msfp_surveyresponse",
    "msfp_surveyresponses",
    10202,
    "Customer Voice survey response",
    moments("msfp_startdate", "msfp_submitdate", has_day_format=True),
    whole("msfp_npsscore"),
    choice(
        "msfp_sentiment",
        (647390000, "Positive", "Positivo"),
        (647390001, "Neutral", "Neutro"),
        (647390002, "Negative", "Negativo"),
    ),
    text("msfp_respondentemailaddress"),
    memo("msfp_satisfactionmetricvalue", "msfp_questionresponseslist", "msfp_embedcontextparameters"),
    lookup("msfp_surveyinviteid", "msfp_surveyinvite"),
    lookup("msfp_surveyid", "msfp_survey"),
    state(*_STATES, _SCHEDULED),
    status(*_PLAIN_STATUS, (4, "Scheduled", "Agendado", 3)),
)

SURVEY = Table(
    name="msfp_survey",
    entity_set="msfp_surveies",
    key="msfp_surveyid",
    primary_name="msfp_name",
    object_type_code=10203,
    display_name="Customer Voice survey",
    columns=columns(key("msfp_surveyid"), text("msfp_name"), OWNER, ACTIVE, RECORD),
)

SATISFACTION_METRIC = Table(
    name="msfp_satisfactionmetric",
    entity_set="msfp_satisfactionmetrics",
    key="msfp_satisfactionmetricid",
    primary_name="msfp_name",
    object_type_code=10204,
    display_name="Customer Voice satisfaction metric",
    columns=columns(
        key("msfp_satisfactionmetricid"),
        text("msfp_name"),
        choice(
            "msfp_type",
            (647390000, "Net Promoter Score", "Net Promoter Score"),
            (647390001, "CSAT", "CSAT"),
            (647390002, "Sentiment", "Sentimento"),
        ),
        whole("msfp_minimumvalue", "msfp_maximumvalue"),
        memo("msfp_questions"),
        OWNER,
        ACTIVE,
        RECORD,
    ),
)

TEMPLATE = Table(
    name="template",
    entity_set="templates",
    key="templateid",
    primary_name="title",
    object_type_code=2010,
    display_name="Email Template",
    columns=columns(key("templateid"), text("title"), OWNER, RECORD),
)

TABLES = (
    ACTIVITY_POINTER,
    EMAIL,
    PHONE_CALL,
    TASK,
    APPOINTMENT,
    PORTAL_COMMENT,
    ACTIVITY_PARTY,
    SURVEY_INVITE,
    SURVEY_RESPONSE,
    SURVEY,
    SATISFACTION_METRIC,
    TEMPLATE,
)
