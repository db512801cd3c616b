"""The Dataverse tables that the event log reads, as data.

Belongs here: which tables, which of their columns, what they are keyed and windowed by. Does not belong here: how they
are fetched (`client.py`), what an environment really offers (`metadata.py`) and what a column means for the event log
(`dbt_like_sql/staging`). Source of every entry: the table reference, sections 3 to 7.

To add a table, add one entry to `TABLES` and one staging model.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds on the wire; decides its raw type when the environment's metadata does not."""

    ID = "id"
    TEXT = "text"
    WHOLE = "whole"
    BIG = "big"
    DECIMAL = "decimal"
    MOMENT = "moment"
    DAY = "day"
    FLAG = "flag"
    CHOICE = "choice"
    LOOKUP = "lookup"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: Logical name, such as `ownerid`; the Web API property is `wire_name`.
        kind: Expected kind, used where the metadata is silent.
        required: A missing required column stops the extraction; a missing optional one becomes a typed null column.
        polymorphic: The lookup may point to several tables, so its target is kept beside it in `type_name`.
        probed: Metadata says nothing true about this column; ask the table itself (`audit.changedata`).
    """

    name: str
    kind: Kind
    required: bool = False
    polymorphic: bool = False
    probed: bool = False

    @property
    def wire_name(self) -> str:
        """Name of the Web API property, which is also the raw column's name."""
        return f"_{self.name}_value" if self.kind is Kind.LOOKUP else self.name

    @property
    def type_name(self) -> str:
        """Raw column that keeps the target table of a polymorphic lookup, such as `_ownerid_type`."""
        return f"_{self.name}_type"


@dataclass(frozen=True, slots=True)
class Table:
    """One Dataverse table to extract.

    Attributes:
        name: Logical name; also the asset name and the folder of the raw layer.
        entity_set: Name in the URL, used where the metadata does not answer.
        key: Logical name of the primary key.
        description: What one row is, for the UI.
        columns: Everything the models read, the key first.
        window: Column that day partitions and windows are cut on; None for tables that are read whole.
        filter: OData condition that always applies.
        required: The event log cannot be made without this table.
        append_only: Rows never change after they were written.
    """

    name: str
    entity_set: str
    key: str
    description: str
    columns: tuple[Column, ...]
    window: str | None = None
    filter: str | None = None
    required: bool = False
    append_only: bool = False


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.TEXT) for name in names)


def _of(kind: Kind, *names: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name in names)


def _lookups(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.LOOKUP) for name in names)


def _any_lookups(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.LOOKUP, polymorphic=True) for name in names)


def _key(name: str) -> tuple[Column, ...]:
    return (Column(name, Kind.ID, required=True),)


def _required(kind: Kind, *names: str, polymorphic: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, kind, required=True, polymorphic=polymorphic) for name in names)


_STATE = _of(Kind.CHOICE, "statecode", "statuscode")
_VERSION = _of(Kind.BIG, "versionnumber")
_ACTIVITY = (
    *_key("activityid"),
    *_text("subject"),
    *_any_lookups("regardingobjectid", "ownerid"),
    *_required(Kind.MOMENT, "createdon", "modifiedon"),
    *_lookups("createdby", "modifiedby"),
    *_STATE,
    *_VERSION,
)

_INCIDENT = Table(
    name="incident",
    entity_set="incidents",
    key="incidentid",
    description="The case: one row per service request, in its present state.",
    window="modifiedon",
    required=True,
    columns=(
        *_key("incidentid"),
        *_required(Kind.TEXT, "ticketnumber"),
        *_text("title"),
        *_required(Kind.MOMENT, "createdon", "modifiedon"),
        *_of(
            Kind.MOMENT,
            "overriddencreatedon",
            "deactivatedon",
            "escalatedon",
            "responseby",
            "resolveby",
            "lastonholdtime",
        ),
        *_of(Kind.WHOLE, "importsequencenumber", "onholdtime"),
        *_required(Kind.CHOICE, "statecode", "statuscode"),
        *_of(
            Kind.CHOICE,
            "caseorigincode",
            "casetypecode",
            "prioritycode",
            "customersatisfactioncode",
            "firstresponseslastatus",
            "resolvebyslastatus",
        ),
        *_of(Kind.FLAG, "isescalated", "firstresponsesent", "merged"),
        *_required(Kind.LOOKUP, "ownerid", polymorphic=True),
        *_any_lookups("customerid", "createdbyexternalparty"),
        *_lookups(
            "createdby",
            "createdonbehalfby",
            "modifiedby",
            "owningteam",
            "owningbusinessunit",
            "subjectid",
            "productid",
            "slaid",
            "slainvokedid",
            "firstresponsebykpiid",
            "resolvebykpiid",
            "masterid",
            "parentcaseid",
            "primarycontactid",
        ),
        *_text("msdyn_casesurveyinviteurl"),
        *_VERSION,
    ),
)

_INCIDENT_RESOLUTION = Table(
    name="incidentresolution",
    entity_set="incidentresolutions",
    key="activityid",
    description="One row per resolution of a case, undone ones included; linked to the case through incidentid.",
    window="modifiedon",
    required=True,
    columns=(
        *_key("activityid"),
        *_required(Kind.LOOKUP, "incidentid"),
        *_text("subject"),
        *_required(Kind.MOMENT, "createdon", "modifiedon"),
        *_of(Kind.MOMENT, "actualend"),
        *_of(Kind.WHOLE, "timespent", "totaltimespent"),
        *_of(Kind.CHOICE, "resolutiontypecode"),
        *_STATE,
        *_any_lookups("ownerid"),
        *_lookups("createdby", "modifiedby"),
        *_VERSION,
    ),
)

_AUDIT = Table(
    name="audit",
    entity_set="audits",
    key="auditid",
    description="An audited operation on a case or a queue item, or a switch of auditing; changedata has the values.",
    window="createdon",
    filter="(objecttypecode eq 'incident' or objecttypecode eq 'queueitem' or (action ge 105 and action le 113))",
    append_only=True,
    columns=(
        *_key("auditid"),
        *_required(Kind.MOMENT, "createdon"),
        *_of(Kind.CHOICE, "operation", "action"),
        *_required(Kind.TEXT, "objecttypecode"),
        *_required(Kind.LOOKUP, "objectid", polymorphic=True),
        *_any_lookups("userid"),
        *_lookups("callinguserid"),
        *_text("transactionid"),
        Column("changedata", Kind.TEXT, probed=True),
    ),
)

_QUEUE_ITEM = Table(
    name="queueitem",
    entity_set="queueitems",
    key="queueitemid",
    description="A record waiting in a queue; one row per item that is in a queue now.",
    window="modifiedon",
    columns=(
        *_key("queueitemid"),
        *_text("title"),
        *_lookups("queueid", "createdby", "modifiedby"),
        *_any_lookups("objectid", "workerid"),
        *_of(Kind.CHOICE, "objecttypecode"),
        *_of(Kind.MOMENT, "enteredon", "workeridmodifiedon"),
        *_required(Kind.MOMENT, "createdon", "modifiedon"),
        *_STATE,
        *_VERSION,
    ),
)

_SLA_KPI_INSTANCE = Table(
    name="slakpiinstance",
    entity_set="slakpiinstances",
    key="slakpiinstanceid",
    description="One clock of one SLA KPI on one record; resuming after a pause starts the next one of its chain.",
    window="modifiedon",
    columns=(
        *_key("slakpiinstanceid"),
        *_text("name", "regardingentityid", "msdyn_prevslakpiinstanceid"),
        *_any_lookups("regarding"),
        *_of(Kind.CHOICE, "status", "warningtimereached"),
        *_of(
            Kind.MOMENT,
            "applicablefromvalue",
            "warningtime",
            "failuretime",
            "succeededon",
            "terminalstatetime",
            "pausedon",
            "lastresumetime",
        ),
        *_of(Kind.FLAG, "terminalstatereached"),
        *_of(Kind.WHOLE, "elapsedtime", "msdyn_activeduration"),
        *_lookups("msdyn_slaitemid"),
        *_required(Kind.MOMENT, "createdon", "modifiedon"),
        *_VERSION,
    ),
)

_KNOWLEDGE_LINK = Table(
    name="knowledgearticleincident",
    entity_set="knowledgearticleincidents",
    key="knowledgearticleincidentid",
    description="A knowledge article linked to a case by somebody who looked into it.",
    window="modifiedon",
    columns=(
        *_key("knowledgearticleincidentid"),
        *_lookups("incidentid", "knowledgearticleid", "createdby", "modifiedby"),
        *_required(Kind.MOMENT, "createdon", "modifiedon"),
        *_of(Kind.FLAG, "issenttocustomer"),
        *_of(Kind.CHOICE, "knowledgeusage"),
        *_STATE,
        *_VERSION,
    ),
)

_FEDERATED_LINK = Table(
    name="msdyn_federatedarticleincident",
    entity_set="msdyn_federatedarticleincidents",
    key="msdyn_federatedarticleincidentid",
    description="An article of an external search provider linked to a case.",
    window="modifiedon",
    columns=(
        *_key("msdyn_federatedarticleincidentid"),
        *_text("msdyn_name", "msdyn_searchproviderarticleid"),
        *_lookups("msdyn_incidentid", "msdyn_federatedarticleid", "createdby"),
        *_required(Kind.MOMENT, "createdon", "modifiedon"),
        *_VERSION,
    ),
)

_EMAIL = Table(
    name="email",
    entity_set="emails",
    key="activityid",
    description="An e-mail, in or out; its send time, state and author decide what it means for a case.",
    window="modifiedon",
    columns=(
        *_ACTIVITY,
        *_of(Kind.FLAG, "directioncode", "isworkflowcreated"),
        *_of(Kind.MOMENT, "senton"),
        *_text("sender", "torecipients"),
        *_any_lookups("emailsender"),
        *_lookups("templateid", "parentactivityid", "correlatedactivityid"),
    ),
)

_PHONE_CALL = Table(
    name="phonecall",
    entity_set="phonecalls",
    key="activityid",
    description="A phone call, in or out.",
    window="modifiedon",
    columns=(*_ACTIVITY, *_of(Kind.FLAG, "directioncode")),
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
    columns=(*_ACTIVITY, *_text("activitytypecode")),
)

_PORTAL_COMMENT = Table(
    name="adx_portalcomment",
    entity_set="adx_portalcomments",
    key="activityid",
    description="A comment on a case in the customer portal.",
    window="modifiedon",
    columns=(*_ACTIVITY, *_of(Kind.CHOICE, "adx_portalcommentdirectioncode")),
)

_SURVEY_INVITE = Table(
    name="msfp_surveyinvite",
    entity_set="msfp_surveyinvites",
    key="activityid",
    description="An invitation to a Customer Voice survey.",
    window="modifiedon",
    columns=(
        *_ACTIVITY,
        *_of(Kind.CHOICE, "msfp_invitestatus", "msfp_channel"),
        *_text("msfp_contextparameters"),
        *_lookups("msfp_surveyid"),
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
        *_text("msfp_satisfactionmetricvalue", "msfp_embedcontextparameters"),
        *_lookups("msfp_surveyinviteid", "msfp_surveyid"),
    ),
)

_REFERENCE_TABLES = (
    Table(
        "organization",
        "organizations",
        "organizationid",
        "The environment itself: its id, base language and audit switches.",
        (
            *_key("organizationid"),
            *_text("name", "auditsettings"),
            *_of(Kind.FLAG, "isauditenabled"),
            *_of(Kind.WHOLE, "auditretentionperiodv2", "expirechangetrackingindays", "languagecode"),
        ),
        required=True,
    ),
    Table(
        "systemuser",
        "systemusers",
        "systemuserid",
        "A user: an agent, an administrator or an application.",
        (
            *_key("systemuserid"),
            *_required(Kind.TEXT, "fullname"),
            *_text("domainname"),
            *_of(Kind.FLAG, "isdisabled", "isintegrationuser", "setupuser"),
            *_of(Kind.CHOICE, "accessmode"),
            *_of(Kind.ID, "applicationid"),
            *_lookups("businessunitid", "queueid"),
            *_VERSION,
        ),
        required=True,
    ),
    Table(
        "team",
        "teams",
        "teamid",
        "A team; only owner teams and group teams own cases.",
        (
            *_key("teamid"),
            *_text("name"),
            *_of(Kind.CHOICE, "teamtype"),
            *_of(Kind.FLAG, "isdefault"),
            *_lookups("businessunitid", "administratorid", "queueid"),
            *_VERSION,
        ),
    ),
    Table(
        "businessunit",
        "businessunits",
        "businessunitid",
        "A business unit of the organisation.",
        (*_key("businessunitid"), *_text("name"), *_lookups("parentbusinessunitid"), *_VERSION),
    ),
    Table(
        "queue",
        "queues",
        "queueid",
        "A queue that records wait in, shared or personal.",
        (*_key("queueid"), *_text("name"), *_of(Kind.CHOICE, "queueviewtype"), *_any_lookups("ownerid"), *_VERSION),
    ),
    Table(
        "account",
        "accounts",
        "accountid",
        "A customer that is a company.",
        (*_key("accountid"), *_text("name", "accountnumber"), *_VERSION),
    ),
    Table(
        "contact",
        "contacts",
        "contactid",
        "A customer that is a person, and the company it belongs to.",
        (*_key("contactid"), *_text("fullname"), *_any_lookups("parentcustomerid"), *_VERSION),
    ),
    Table(
        "subject",
        "subjects",
        "subjectid",
        "A node of the category tree.",
        (*_key("subjectid"), *_text("title"), *_lookups("parentsubject"), *_VERSION),
    ),
    Table(
        "product",
        "products",
        "productid",
        "A product or a family of products.",
        (
            *_key("productid"),
            *_text("name", "productnumber"),
            *_of(Kind.CHOICE, "productstructure"),
            *_lookups("parentproductid"),
            *_VERSION,
        ),
    ),
    Table(
        "sla",
        "slas",
        "slaid",
        "A service level agreement.",
        (
            *_key("slaid"),
            *_text("name"),
            *_of(Kind.CHOICE, "slatype"),
            *_lookups("businesshoursid"),
            *_STATE,
            *_VERSION,
        ),
    ),
    Table(
        "slaitem",
        "slaitems",
        "slaitemid",
        "One target of an SLA: which KPI, and after how many minutes it fails.",
        (
            *_key("slaitemid"),
            *_text("name", "relatedfield"),
            *_of(Kind.WHOLE, "failureafter", "warnafter"),
            *_lookups("slaid", "msdyn_slakpiid", "businesshoursid"),
            *_of(Kind.MOMENT, "modifiedon"),
            *_VERSION,
        ),
    ),
    Table(
        "msdyn_slakpi",
        "msdyn_slakpis",
        "msdyn_slakpiid",
        "A KPI that SLAs measure, and the case field that it feeds.",
        (*_key("msdyn_slakpiid"), *_text("msdyn_name", "msdyn_entityname", "msdyn_kpifield"), *_VERSION),
    ),
    Table(
        "knowledgearticle",
        "knowledgearticles",
        "knowledgearticleid",
        "One version of a knowledge article in one language; versions share the public number.",
        (
            *_key("knowledgearticleid"),
            *_text("articlepublicnumber", "title"),
            *_of(Kind.FLAG, "isrootarticle", "islatestversion"),
            *_lookups("rootarticleid"),
            *_STATE,
            *_VERSION,
        ),
    ),
    Table(
        "msfp_satisfactionmetric",
        "msfp_satisfactionmetrics",
        "msfp_satisfactionmetricid",
        "A satisfaction metric of Customer Voice and its scale.",
        (
            *_key("msfp_satisfactionmetricid"),
            *_text("msfp_name"),
            *_of(Kind.CHOICE, "msfp_type"),
            *_of(Kind.WHOLE, "msfp_minimumvalue", "msfp_maximumvalue"),
            *_VERSION,
        ),
    ),
    Table(
        "activityparty",
        "activityparties",
        "activitypartyid",
        "A sender, recipient or other participant of an activity.",
        (
            *_key("activitypartyid"),
            *_any_lookups("activityid", "partyid"),
            *_of(Kind.CHOICE, "participationtypemask"),
            *_text("addressused"),
        ),
    ),
    Table(
        "stringmap",
        "stringmaps",
        "stringmapid",
        "A label of an option value in one language.",
        (
            *_key("stringmapid"),
            *_text("objecttypecode", "attributename", "value"),
            *_of(Kind.WHOLE, "attributevalue", "langid", "displayorder"),
        ),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _INCIDENT,
        _INCIDENT_RESOLUTION,
        _AUDIT,
        _QUEUE_ITEM,
        _SLA_KPI_INSTANCE,
        _KNOWLEDGE_LINK,
        _FEDERATED_LINK,
        _EMAIL,
        _PHONE_CALL,
        _TASK,
        _ACTIVITY_POINTER,
        _PORTAL_COMMENT,
        _SURVEY_INVITE,
        _SURVEY_RESPONSE,
        *_REFERENCE_TABLES,
    )
}
"""Every table to extract, by logical name."""
