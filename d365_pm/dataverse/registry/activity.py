"""Activities around the case: mail, calls, tasks, portal comments, surveys (table reference, 7.4 and 7.5)."""

from d365_pm.dataverse.registry.model import STATE, VERSION, Kind, Table, any_lookups, key, lookups, of, required, text

_ACTIVITY = (
    *key("activityid"),
    *text("subject"),
    *any_lookups("regardingobjectid", "ownerid"),
    *required(Kind.MOMENT, "createdon", "modifiedon"),
    *lookups("createdby", "modifiedby"),
    *STATE,
    *VERSION,
)

_EMAIL = Table(
    name="email",
    entity_set="emails",
    key="activityid",
    description="An e-mail, in or out; its send time, state and author decide what it means for a case.",
    window="modifiedon",
    columns=(
        *_ACTIVITY,
        *of(Kind.FLAG, "directioncode", "isworkflowcreated"),
        *of(Kind.MOMENT, "senton"),
        *text("sender", "torecipients"),
        *any_lookups("emailsender"),
        *lookups("templateid", "parentactivityid", "correlatedactivityid"),
    ),
)

_PHONE_CALL = Table(
    name="phonecall",
    entity_set="phonecalls",
    key="activityid",
    description="A phone call, in or out.",
    window="modifiedon",
    columns=(*_ACTIVITY, *of(Kind.FLAG, "directioncode")),
)

_TASK = Table(
    name="task",
    entity_set="tasks",
    key="activityid",
    description="A task that somebody set; no activity of the log uses it, the story of a case does.",
    window="modifiedon",
    columns=_ACTIVITY,
)

_ACTIVITY_POINTER = Table(
    name="activitypointer",
    entity_set="activitypointers",
    key="activityid",
    description="Every activity of every kind, with what all kinds share.",
    window="modifiedon",
    columns=(*_ACTIVITY, *text("activitytypecode")),
)

_PORTAL_COMMENT = Table(
    name="adx_portalcomment",
    entity_set="adx_portalcomments",
    key="activityid",
    description="A comment on a case in the customer portal.",
    window="modifiedon",
    columns=(*_ACTIVITY, *of(Kind.CHOICE, "adx_portalcommentdirectioncode")),
)

_SURVEY_INVITE = Table(
    name="msfp_surveyinvite",
    entity_set="msfp_surveyinvites",
    key="activityid",
    description="An invitation to a Customer Voice survey.",
    window="modifiedon",
    columns=(
        *_ACTIVITY,
        *of(Kind.CHOICE, "msfp_invitestatus", "msfp_channel"),
        *text("msfp_contextparameters"),
        *lookups("msfp_surveyid"),
    ),
)

_SURVEY_RESPONSE = Table(
    name="msfp_surveyresponse",
    entity_set="msfp_surveyresponses",
    key="activityid",
    description="An answer to a Customer Voice survey, with its satisfaction metrics as JSON.",
    window="modifiedon",
    columns=(
        *_ACTIVITY,
        *text("msfp_satisfactionmetricvalue", "msfp_embedcontextparameters"),
        *lookups("msfp_surveyinviteid", "msfp_surveyid"),
    ),
)

ACTIVITY_TABLES = (_EMAIL, _PHONE_CALL, _TASK, _ACTIVITY_POINTER, _PORTAL_COMMENT, _SURVEY_INVITE, _SURVEY_RESPONSE)
