"""The case and what belongs to it: resolutions, audit, queue items, clocks, articles (table reference, 4 to 7)."""

from d365_pm.dataverse.registry.model import (
    STATE,
    VERSION,
    Column,
    Kind,
    Table,
    any_lookups,
    key,
    lookups,
    of,
    required,
    text,
)

_INCIDENT = Table(
    name="incident",
    entity_set="incidents",
    key="incidentid",
    description="The case: one row per service request, in its present state.",
    window="modifiedon",
    required=True,
    columns=(
        *key("incidentid"),
        *required(Kind.TEXT, "ticketnumber"),
        *text("title"),
        *required(Kind.MOMENT, "createdon", "modifiedon"),
        *of(
            Kind.MOMENT,
            "overriddencreatedon",
            "deactivatedon",
            "escalatedon",
            "responseby",
            "resolveby",
            "lastonholdtime",
        ),
        *of(Kind.WHOLE, "importsequencenumber", "onholdtime"),
        *required(Kind.CHOICE, "statecode", "statuscode"),
        *of(
            Kind.CHOICE,
            "caseorigincode",
            "casetypecode",
            "prioritycode",
            "customersatisfactioncode",
            "firstresponseslastatus",
            "resolvebyslastatus",
        ),
        *of(Kind.FLAG, "isescalated", "firstresponsesent", "merged"),
        *required(Kind.LOOKUP, "ownerid", polymorphic=True),
        *any_lookups("customerid", "createdbyexternalparty"),
        *lookups(
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
        *text("msdyn_casesurveyinviteurl"),
        # The organisation's own category, where its rules name one (`assets/loading/request_type.py`).
        Column("_request_type", Kind.TEXT, derived=True),
        *VERSION,
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
        *key("activityid"),
        *required(Kind.LOOKUP, "incidentid"),
        *text("subject"),
        *required(Kind.MOMENT, "createdon", "modifiedon"),
        *of(Kind.MOMENT, "actualend"),
        *of(Kind.WHOLE, "timespent", "totaltimespent"),
        *of(Kind.CHOICE, "resolutiontypecode"),
        *STATE,
        *any_lookups("ownerid"),
        *lookups("createdby", "modifiedby"),
        *VERSION,
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
        *key("auditid"),
        *required(Kind.MOMENT, "createdon"),
        *of(Kind.CHOICE, "operation", "action"),
        *required(Kind.TEXT, "objecttypecode"),
        *required(Kind.LOOKUP, "objectid", polymorphic=True),
        *any_lookups("userid"),
        *lookups("callinguserid"),
        *text("transactionid"),
        Column("changedata", Kind.TEXT, probed=True),
        # How whole the values are: parsed, truncated, opaque, unavailable or none.
        Column("_payload", Kind.TEXT, derived=True),
    ),
)

_QUEUE_ITEM = Table(
    name="queueitem",
    entity_set="queueitems",
    key="queueitemid",
    description="A record waiting in a queue; one row per item that is in a queue now.",
    window="modifiedon",
    columns=(
        *key("queueitemid"),
        *text("title"),
        *lookups("queueid", "createdby", "modifiedby"),
        *any_lookups("objectid", "workerid"),
        *of(Kind.CHOICE, "objecttypecode"),
        *of(Kind.MOMENT, "enteredon", "workeridmodifiedon"),
        *required(Kind.MOMENT, "createdon", "modifiedon"),
        *STATE,
        *VERSION,
    ),
)

_SLA_KPI_INSTANCE = Table(
    name="slakpiinstance",
    entity_set="slakpiinstances",
    key="slakpiinstanceid",
    description="One clock of one SLA KPI on one record; resuming after a pause starts the next one of its chain.",
    window="modifiedon",
    columns=(
        *key("slakpiinstanceid"),
        *text("name", "regardingentityid", "msdyn_prevslakpiinstanceid"),
        *any_lookups("regarding"),
        *of(Kind.CHOICE, "status", "warningtimereached"),
        *of(
            Kind.MOMENT,
            "applicablefromvalue",
            "warningtime",
            "failuretime",
            "succeededon",
            "terminalstatetime",
            "pausedon",
            "lastresumetime",
        ),
        *of(Kind.FLAG, "terminalstatereached"),
        *of(Kind.WHOLE, "elapsedtime", "msdyn_activeduration"),
        *lookups("msdyn_slaitemid"),
        *required(Kind.MOMENT, "createdon", "modifiedon"),
        *VERSION,
    ),
)

_KNOWLEDGE_LINK = Table(
    name="knowledgearticleincident",
    entity_set="knowledgearticleincidents",
    key="knowledgearticleincidentid",
    description="A knowledge article linked to a case by somebody who looked into it.",
    window="modifiedon",
    columns=(
        *key("knowledgearticleincidentid"),
        *lookups("incidentid", "knowledgearticleid", "createdby", "modifiedby"),
        *required(Kind.MOMENT, "createdon", "modifiedon"),
        *of(Kind.FLAG, "issenttocustomer"),
        *of(Kind.CHOICE, "knowledgeusage"),
        *STATE,
        *VERSION,
    ),
)

_FEDERATED_LINK = Table(
    name="msdyn_federatedarticleincident",
    entity_set="msdyn_federatedarticleincidents",
    key="msdyn_federatedarticleincidentid",
    description="An article of an external search provider linked to a case.",
    window="modifiedon",
    columns=(
        *key("msdyn_federatedarticleincidentid"),
        *text("msdyn_name", "msdyn_searchproviderarticleid"),
        *lookups("msdyn_incidentid", "msdyn_federatedarticleid", "createdby"),
        *required(Kind.MOMENT, "createdon", "modifiedon"),
        *VERSION,
    ),
)

CASE_TABLES = (
    _INCIDENT,
    _INCIDENT_RESOLUTION,
    _AUDIT,
    _QUEUE_ITEM,
    _SLA_KPI_INSTANCE,
    _KNOWLEDGE_LINK,
    _FEDERATED_LINK,
)
